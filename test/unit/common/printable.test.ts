import fc from 'fast-check';
import { printable, printableJson } from '../../../lib/common/printable';

test('control characters, ends of lines, and what turns the direction of text', () => {
  expect(printable('a\x1b[2J\n\x7f\x9b\u2028\u202eb\u2066\ud800')).toBe(
    'a\\x1b[2J\\x0a\\x7f\\x9b\\u2028\\u202eb\\u2066\\ud800',
  );
});

test('what a terminal prints stays as it is', () => {
  const text = `ä ö "\\'" € 漢字 עברית 🦊 \u00a0`;
  expect(printable(text)).toBe(text);
});

test('nothing but one line is left of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).toMatch(/^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]*$/u);
      expect(printable(printable(text))).toBe(printable(text));
    }),
  );
});

test('JSON stays the same value', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const json = printableJson(texts);
      expect(JSON.parse(json)).toEqual(texts);
      expect(json).toMatch(/^(\n|[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069])*$/u);
      const line = printableJson(texts, 0);
      expect(JSON.parse(line)).toEqual(texts);
      expect(line).toMatch(/^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]*$/u);
    }),
  );
});
