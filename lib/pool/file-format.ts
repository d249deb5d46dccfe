import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Change } from './state';
import { addressAt, placeIn, type Space } from './space';

// The file of a pool has a head line, which names the pool, and then one line for each transaction, with all its changes.
// A line is a checksum and JSON. Lines are appended. A last line without a newline was cut short by a crash or a full disk:
// its transaction never succeeded, so the line is ignored.

const FORMAT = 'rtnetns pool';
const VERSION = 1;

// How many changes are read or written in one turn of the event loop: some 3 ms.
const PER_TURN = 1000;

export class FileProblem extends Error {
  constructor(
    readonly code: 'ERR_POOL_DAMAGED' | 'ERR_POOL_MISMATCH',
    message: string,
  ) {
    super(message);
  }
}

type Row = readonly unknown[];
type Rows = { [K in Change['kind']]: (space: Space, change: Extract<Change, { kind: K }>) => Row };

const ROWS: Rows = {
  take: (space, { place, owner, key, since }) => [addressAt(space, place), owner, key, since],
  free: (space, { place }) => [addressAt(space, place)],
  used: (space, { first, last }) => [addressAt(space, first), addressAt(space, last)],
  freed: (space, { first, last }) => [addressAt(space, first), addressAt(space, last)],
  round: () => [],
};

type Read = (place: (value: unknown) => bigint, row: Row) => Change;

const CHANGES: Readonly<Record<string, Read>> = {
  take: (place, [at, owner, key, since]) => {
    if (typeof owner !== 'string' || typeof key !== 'string' || typeof since !== 'number') throw new Error();
    return { kind: 'take', place: place(at), owner, key, since };
  },
  free: (place, [at]) => ({ kind: 'free', place: place(at) }),
  used: (place, [first, last]) => ({ kind: 'used', first: place(first), last: place(last) }),
  freed: (place, [first, last]) => ({ kind: 'freed', first: place(first), last: place(last) }),
  round: () => ({ kind: 'round' }),
};

function headLine({ name, each }: Space): string {
  return line({ format: FORMAT, version: VERSION, pool: name, each });
}

export function changesLine(space: Space, changes: Iterable<Change>): string {
  const rows: Row[] = [];
  for (const change of changes) {
    const row = ROWS[change.kind] as (space: Space, change: Change) => Row;
    rows.push([change.kind, ...row(space, change)]);
  }
  return line(rows);
}

function line(value: unknown): string {
  const text = JSON.stringify(value);
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** The text of a whole file. Other work of the event loop runs in between. */
export async function snapshot(space: Space, changes: Iterable<Change>): Promise<string> {
  const lines = [headLine(space)];
  let some: Change[] = [];
  for (const change of changes) {
    if (some.push(change) < PER_TURN) continue;
    lines.push(changesLine(space, some));
    some = [];
    await nextTurn();
  }
  if (some.length > 0) lines.push(changesLine(space, some));
  return lines.join('');
}

/**
 * Applies the changes of a part of the file. The first line of a file is its head.
 *
 * @param at where the part begins in the file
 * @returns how many bytes of the part are whole lines
 */
export async function readLines(
  space: Space,
  bytes: Buffer,
  at: number,
  apply: (change: Change) => void,
): Promise<number> {
  const end = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  let offset = at;
  let changes = 0;
  if (at === 0 && lines.length === 0) throw new FileProblem('ERR_POOL_DAMAGED', 'it is empty, or cut off');
  for (const text of lines) {
    const value = parse(text, offset);
    if (offset === 0) checkHead(space, value);
    else changes += applyRows(space, value as Row[], offset, apply);
    offset += Buffer.byteLength(text) + 1;
    if (changes < PER_TURN) continue;
    changes = 0;
    await nextTurn();
  }
  return end;
}

function parse(text: string, offset: number): unknown {
  const json = text.slice(9);
  if (text.slice(0, 9) !== `${checksum(json)} `) throw damaged(offset, 'its checksum is wrong');
  return JSON.parse(json);
}

function checkHead(space: Space, head: unknown): void {
  const { format, version, pool, each } = head as Record<string, unknown>;
  if (format !== FORMAT) throw new FileProblem('ERR_POOL_DAMAGED', 'it is not the file of a pool');
  if (version !== VERSION) {
    throw new FileProblem(
      'ERR_POOL_MISMATCH',
      `its format is ${String(version)}, which this release does not know`,
    );
  }
  if (pool === space.name && each === space.each) return;
  throw new FileProblem('ERR_POOL_MISMATCH', `it is that of ${String(pool)}, given by /${String(each)}`);
}

function applyRows(
  space: Space,
  rows: readonly Row[],
  offset: number,
  apply: (change: Change) => void,
): number {
  const place = (value: unknown): bigint => {
    const found = typeof value === 'string' ? placeIn(space, value) : undefined;
    if (found === undefined) throw new RangeError(`${String(value)} is not in the pool`);
    return found;
  };
  try {
    for (const [kind, ...row] of rows) {
      const read = CHANGES[String(kind)];
      if (read === undefined) throw new RangeError(`there is no change '${String(kind)}'`);
      apply(read(place, row));
    }
  } catch (error) {
    throw damaged(offset, error instanceof Error ? error.message : String(error));
  }
  return rows.length;
}

function damaged(offset: number, reason: string): FileProblem {
  return new FileProblem('ERR_POOL_DAMAGED', `the line at byte ${offset}: ${reason}`);
}
