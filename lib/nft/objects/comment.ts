import { fromBytes, toBytes } from '../../common/byte-text';
import { shown } from '../../common/shown';
import { readUserdata, type Userdata, USERDATA_MAX, writeUserdata } from './userdata';

// nft stores comments in the userdata of objects, under a number that differs between the kinds of objects.

/** nft's userdata has at most 128 bytes for a comment, with its NUL. */
const COMMENT_MAX = 127;

export const COMMENT = { table: 0, chain: 0, rule: 0, set: 7, element: 0, object: 0 } as const;

export type Commented = keyof typeof COMMENT;

function entry(kind: Commented, comment: unknown): Userdata {
  if (comment === undefined) return [];
  if (typeof comment !== 'string') throw new TypeError(`comment: expected a string, got ${shown(comment)}`);
  const bytes = toBytes(`${comment}\0`, 'comment');
  if (comment.includes('\0') || bytes.length - 1 > COMMENT_MAX) {
    throw new RangeError(`comment: expected at most ${COMMENT_MAX} bytes without NUL, got ${shown(comment)}`);
  }
  return [[COMMENT[kind], bytes]];
}

/** The attribute `userdata` with the comment and other entries; none where there are no entries. */
export function commented(kind: Commented, comment?: string, before: Userdata = []): { userdata?: Buffer } {
  const entries = [...before, ...entry(kind, comment)];
  if (entries.length === 0) return {};
  const userdata = writeUserdata(entries);
  if (userdata.length > USERDATA_MAX) throw new RangeError('comment: too long beside the types of the set');
  return { userdata };
}

export function readComment(kind: Commented, userdata: Uint8Array | undefined): string | undefined {
  if (userdata === undefined) return undefined;
  const found = readUserdata(userdata).find(([type]) => type === COMMENT[kind]);
  if (found === undefined) return undefined;
  const text = Buffer.from(found[1]);
  return fromBytes(text, 0, text.at(-1) === 0 ? text.length - 1 : text.length);
}
