import { checkOptionNames, didYouMean } from '../../../lib/common/option-names';

const NAMES = ['id', 'priority', 'vlanFiltering'];

test('what there is passes, and what is undefined', () => {
  expect(() => checkOptionNames({ id: 1, priority: undefined, other: undefined }, NAMES)).not.toThrow();
});

test('what there is not is refused by its name', () => {
  expect(() => checkOptionNames({ id: 1, prioritty: 2 }, NAMES)).toThrow(
    new TypeError("prioritty: there is no such option; did you mean 'priority'?"),
  );
  expect(() => checkOptionNames({ toString: 1 }, NAMES)).toThrow(
    new TypeError('toString: there is no such option'),
  );
});

test.each([
  ['iid', 'id'],
  ['di', undefined],
  ['PRIORITY', 'priority'],
  ['vlanfilter', 'vlanFiltering'],
  ['filtering', undefined],
  ['', undefined],
])('%p may mean %p', (name, meant) => {
  expect(didYouMean(name, NAMES)).toBe(meant === undefined ? '' : `; did you mean '${meant}'?`);
});
