import { checkTimeout, unlessAborted, withDeadline } from '../common/abort';
import { isSignal, optionTable } from '../common/options';
import { shown } from '../common/shown';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { LabChanges } from './lab-changes';
import { LabError } from './lab-error';
import type { Spaces } from './spaces';

/** How long it is waited. */
export interface UntilOptions {
  /** Milliseconds, 0 to 2147483646, until the call is rejected with ERR_LAB_TIMEOUT. By default it waits as long as it takes. */
  timeout?: number;
  /** Ends the waiting: the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** @internal */
export const UNTIL_OPTIONS = optionTable<UntilOptions>({ timeout: true, signal: isSignal });

const OPERATION = 'wait';

const WATCHED = [...[GROUPS.link, GROUPS.addr4, GROUPS.addr6, GROUPS.route4, GROUPS.route6], GROUPS.neighbor];

/** A value of a condition that is met. */
type Met<T> = Exclude<T, false | 0 | 0n | '' | null | undefined>;

/** What has come of a condition that is not met. */
type Unmet = { returned: unknown } | { threw: unknown };

/**
 * Looks whether a condition is met, and again after each change in one of the namespaces, of the nodes, of faults and of processes.
 */
export async function until<T>(
  spaces: Spaces,
  condition: () => T | Promise<T>,
  { timeout, signal }: UntilOptions,
): Promise<Met<T>> {
  checkTimeout(timeout, 'wait');
  const { closing } = spaces.switches;
  let last: Unmet | undefined;
  let times = 0;
  const late = () => timeoutError(spaces.name, { timeout, last, times });
  const waiting = withDeadline({ timeout, signal, closing }, late, async (deadline) => {
    const changes = new LabChanges(spaces, OPERATION, WATCHED);
    const stop = spaces.record.onChange(() => changes.note());
    try {
      for (;;) {
        times += 1;
        const seen = await unlessAborted(deadline, look(condition));
        if ('met' in seen) return seen.met;
        last = seen;
        // what changed before a namespace was followed, nobody reports
        if (!(await changes.follow(deadline))) await unlessAborted(deadline, changes.next());
      }
    } finally {
      stop();
      changes.close();
    }
  });
  return waiting.catch((error: unknown) => {
    if (!closing.aborted || error !== closing.reason) throw error;
    const reason = 'it was closed or destroyed meanwhile';
    throw new LabError({ code: 'ERR_LAB_CLOSED', lab: spaces.name, operation: OPERATION, reason });
  });
}

async function look<T>(condition: () => T | Promise<T>): Promise<{ met: Met<T> } | Unmet> {
  try {
    const value = await condition();
    return value ? { met: value as Met<T> } : { returned: value };
  } catch (error) {
    return { threw: error };
  }
}

function timeoutError(
  lab: string | undefined,
  { timeout, last, times }: { timeout: number | undefined; last: Unmet | undefined; times: number },
): LabError {
  const asked = times === 1 ? 'once' : `${times} times`;
  const reason = `after ${timeout} ms the condition, called ${asked}, ${instead(last)}`;
  const options = last !== undefined && 'threw' in last ? { cause: last.threw } : {};
  return new LabError({ code: 'ERR_LAB_TIMEOUT', lab, operation: OPERATION, reason }, options);
}

function instead(last: Unmet | undefined): string {
  if (last === undefined) return 'had not returned yet';
  if ('returned' in last) return `returned ${shown(last.returned)}`;
  return `threw ${last.threw instanceof Error ? String(last.threw) : shown(last.threw)}`;
}
