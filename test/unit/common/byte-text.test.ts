import { randomBytes } from 'node:crypto';
import { fromBytes, toBytes } from '../../../lib/common/byte-text';

const EXAMPLES: [string, string][] = [
  ['', ''],
  ['65746830', 'eth0'],
  ['c3a4f09f9880', 'ä😀'],
  ['fffe', '\udcff\udcfe'],
  ['61c3', 'a\udcc3'],
  ['61c3c3a462', 'a\udcc3äb'],
  ['f09f98', '\udcf0\udc9f\udc98'],
  ['f09f98f09f9880', '\udcf0\udc9f\udc98😀'],
  // half of a surrogate pair and a character of two bytes too many are no UTF-8
  ['eda080', '\udced\udca0\udc80'],
  ['c080', '\udcc0\udc80'],
  // a character, although node puts it in the place of what is none
  ['efbfbd', '\ufffd'],
  ['efbfbdff', '\ufffd\udcff'],
];

describe('text of bytes that need not be UTF-8', () => {
  test.each(EXAMPLES)('%s is %j', (hex, text) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(fromBytes(bytes)).toBe(text);
    expect(toBytes(text)).toEqual(bytes);
  });

  test('any bytes are read and written back', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = randomBytes(length);
      expect(toBytes(fromBytes(bytes))).toEqual(bytes);
      expect(toBytes(fromBytes(Buffer.concat([bytes, Buffer.of(0x61)]), 0, length))).toEqual(bytes);
    }
  });

  test.each(['\ud800', '\udc7f', '\udd00', 'a\udbff', '\ud83d\ud83d\ude00'])('%j is refused', (text) => {
    expect(() => toBytes(text)).toThrow(RangeError);
    expect(() => toBytes(text, 'name')).toThrow(
      `name: half of a surrogate pair is no character, got ${JSON.stringify(text)}`,
    );
  });
});
