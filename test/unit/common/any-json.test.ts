import { anyJson } from '../../../lib/common/any-json';

const parsed = (value: unknown): unknown => JSON.parse(anyJson(value, 'otherwise'));

test('what JSON takes stays as it is', () => {
  const twice = { a: [1, 'x', null, true] };
  const value = { twice, again: [twice, twice], date: new Date(0) };
  expect(anyJson(value, undefined, 2)).toBe(JSON.stringify(value, undefined, 2));
});

test('what JSON does not take is shown, or left out', () => {
  const within: { list: unknown[]; me?: unknown } = { list: [] };
  within.me = within;
  within.list.push(within, { within });
  expect(parsed({ big: 2n ** 64n, within })).toEqual({
    big: '18446744073709551616',
    within: { list: [null, {}] },
  });
});

test('an error is what it says', () => {
  const error = Object.assign(new RangeError('too far'), { code: 'ERR_FAR', cause: 1n });
  expect(parsed({ error })).toEqual({ error: { name: 'RangeError', message: 'too far', code: 'ERR_FAR' } });
});

test('of an object that refuses to be JSON, there is something else', () => {
  const toJSON = (): never => {
    throw new Error('no');
  };
  expect(parsed({ deep: { toJSON } })).toBe('otherwise');
});
