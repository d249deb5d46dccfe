import { isUtf8 } from 'node:buffer';
import { shown } from './shown';

// To the kernel a name is bytes, which need not be UTF-8. In text, a byte that is not UTF-8 is half of a surrogate pair,
// U+DC00 and the byte, as in Python (PEP 383): the byte 0xff is '\udcff'. So what is listed can be given back.

const HALF_BASE = 0xdc00;
const HALVES = /(\p{Cs})/u;
const NO_BYTE = /(?![\udc80-\udcff])\p{Cs}/u;

/** The bytes of a text, for the kernel. Half of a surrogate pair that stands for no byte is refused by the option's name. */
export function toBytes(text: string, option?: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  if (NO_BYTE.test(text)) {
    const reason = `half of a surrogate pair is no character, got ${shown(text)}`;
    throw new RangeError(option === undefined ? reason : `${option}: ${reason}`);
  }
  const parts = text.split(HALVES);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - HALF_BASE))),
  );
}

/** The text of the kernel's bytes from `start` to `end`. */
export function fromBytes(bytes: Buffer, start = 0, end = bytes.length): string {
  const text = bytes.toString('utf8', start, end);
  // node puts U+FFFD in the place of what is not UTF-8
  return text.includes('\ufffd') ? byCharacter(bytes.subarray(start, end)) : text;
}

const LONGEST_CHARACTER = 4;

function byCharacter(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    let size = 1;
    while (size < LONGEST_CHARACTER && !isUtf8(bytes.subarray(at, at + size))) size++;
    const character = bytes.subarray(at, at + size);
    const valid = isUtf8(character);
    text += valid ? character.toString() : String.fromCharCode(HALF_BASE + (bytes[at] ?? 0));
    at += valid ? character.length : 1;
  }
  return text;
}
