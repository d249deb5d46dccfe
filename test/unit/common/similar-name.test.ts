import { didYouMean } from '../../../lib/common/similar-name';

const NAMES = ['id', 'priority', 'vlanFiltering'];

test.each([
  ['iid', 'id'],
  ['di', 'id'],
  ['pirority', 'priority'],
  ['PRIORITY', 'priority'],
  ['vlanfilter', 'vlanFiltering'],
  ['filtering', 'vlanFiltering'],
  ['filterings', undefined],
  // half of its letters are others
  ['idle', undefined],
  ['priorityOfLink', 'priority'],
  ['vl', undefined],
  ['', undefined],
])('%p may mean %p', (name, meant) => {
  expect(didYouMean(name, NAMES)).toBe(meant === undefined ? '' : `; did you mean '${meant}'?`);
});

test.each([
  ['dst', 'to'],
  ['gateway', 'via'],
  ['dev', 'device'],
  ['ns', 'netns'],
  ['wait', 'timeout'],
  ['pref', 'priority'],
  ['lookup', 'table'],
  ['lladdr', 'mac'],
  ['stp_state', 'stp'],
  ['type', 'kind'],
  ['type', 'key'],
])('what ip and ping call %s is %s here', (name, meant) => {
  expect(didYouMean(name, ['destination', meant, 'weight'])).toBe(`; did you mean '${meant}'?`);
  expect(didYouMean(name, ['mtu'])).toBe('');
});
