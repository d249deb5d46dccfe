import { shown } from '../../../lib/common/shown';

test.each<[string, unknown, string]>([
  ['a text', 'a', '"a"'],
  ['the longest', 'x'.repeat(200), `"${'x'.repeat(200)}"`],
  ['a longer one', 'x'.repeat(70_000), `"${'x'.repeat(200)}"…`],
  ['a list', ['a', 'b'], '[a,b]'],
  ['an empty list', [], '[]'],
  ['a long list', Array(1000).fill(1), `[${'1,'.repeat(99)}1…`],
  ['half of a surrogate pair', 'a\ud800', '"a\\ud800"'],
  ['what cannot be a text', Object.create(null), '[object Object]'],
])('%s', (_, value, expected) => {
  expect(shown(value)).toBe(expected);
});
