import type { Lab, LabRecordEntry } from '..';
import type { Comment } from './pcapng';

/** What happened to a lab until a test of it failed, and the same as comments at packets. */
export function recordUntilFailed(
  { record }: Pick<Lab, 'record'>,
  test: string,
): { entries: readonly LabRecordEntry[]; comments: Comment[] } {
  record.add('test', `'${test}' failed`);
  const { entries } = record;
  // the record's own clock says nothing of the time of day, but its last entry is of now
  const opened = Date.now() - (entries.at(-1)?.time ?? 0);
  const comments = entries.map(({ time, kind, title }) => ({
    time: BigInt(Math.round((opened + time) * 1000)) * 1000n,
    text: `${kind}: ${title}`,
  }));
  return { entries, comments };
}
