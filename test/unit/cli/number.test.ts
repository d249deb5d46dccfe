import { numberOrText } from '../../../lib/cli/number';

test.each(['0', '80', '65536', '-1', '1.5'])('%p is a number', (text) => {
  expect(numberOrText(text)).toBe(Number(text));
});

test.each(['', ' ', ' 80', '080', '+80', '0x50', '1e3', '80a', 'http', '9007199254740993'])(
  '%p stays what was typed',
  (text) => {
    expect(numberOrText(text)).toBe(text);
  },
);
