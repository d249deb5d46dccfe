import { countOf, numberOrText, seconds } from '../../../lib/cli/number';

test.each(['0', '80', '65536', '-1', '1.5'])('%p is a number', (text) => {
  expect(numberOrText(text)).toBe(Number(text));
});

test.each(['', ' ', ' 80', '080', '+80', '0x50', '1e3', '80a', 'http', '9007199254740993'])(
  '%p stays what was typed',
  (text) => {
    expect(numberOrText(text)).toBe(text);
  },
);

test('seconds are milliseconds', () => {
  expect(['0', '1', '0.2', '10.05'].map((text) => seconds(text, '-i'))).toEqual([0, 1000, 200, 10050]);
});

test.each(['', ' 1', '-1', '1e3', '.5', '1.', '2147484', 'x\x1b'])('%j is no number of seconds', (text) => {
  expect(() => seconds(text, '-i')).toThrow(/^-i: expected a number of seconds up to 2147483\.646, got "/);
});

test('a count is from 1', () => {
  expect(countOf('12', '-c')).toBe(12);
});

test.each(['', '0', '-1', '1.5', '1e3', '9007199254740993'])('%j is no count', (text) => {
  expect(() => countOf(text, '-c')).toThrow(/^-c: expected a positive integer, got "/);
});
