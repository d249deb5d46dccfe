import { flagValues, maskedFlags } from '../../../lib/common/flags';

const BITS = { up: 1, quiet: 4, loud: 8 };

test('bits that are meant, and those of them that are set', () => {
  expect(maskedFlags(BITS, {})).toEqual({ flags: 0, mask: 0 });
  expect(maskedFlags(BITS, { up: true, quiet: false })).toEqual({ flags: 1, mask: 5 });
});

test('what is no boolean is refused by its name', () => {
  expect(() => maskedFlags(BITS, { quiet: 1 as unknown as boolean })).toThrow(
    new TypeError('quiet: expected true or false, got 1'),
  );
});

test('the bits as booleans', () => {
  expect(flagValues(BITS, 9)).toEqual({ up: true, quiet: false, loud: true });
});
