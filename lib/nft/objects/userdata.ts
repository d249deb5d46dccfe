import { LITTLE } from '../../netlink/bytes';

// Userdata: what nft stores with an object for itself. For the kernel it is up to 256 bytes of any content, and other
// programs store what they like: bytes that are no entries are ignored.

/** One entry: a type and a length of one byte each, then the value. */
export type Userdata = readonly (readonly [type: number, value: Uint8Array])[];

export const USERDATA_MAX = 256; // NFT_USERDATA_MAXLEN

export function writeUserdata(entries: Userdata): Buffer {
  return Buffer.concat(entries.flatMap(([type, value]) => [Buffer.from([type, value.length]), value]));
}

/** The entries, up to the first one that exceeds the bytes. */
export function readUserdata(bytes: Uint8Array): Userdata {
  const entries: [number, Uint8Array][] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const [type = 0, length = 0] = bytes.subarray(at, at + 2);
    if (at + 2 + length > bytes.length) break;
    entries.push([type, bytes.subarray(at + 2, at + 2 + length)]);
    at += 2 + length;
  }
  return entries;
}

/** A number in the machine's byte order. */
export function u32Data(value: number): Buffer {
  const data = Buffer.alloc(4);
  if (LITTLE) data.writeUInt32LE(value);
  else data.writeUInt32BE(value);
  return data;
}
