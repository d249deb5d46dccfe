import { setNeighborTable } from '../../../lib/addresses/neighbor-tables';
import { fakeNetns } from '../support/fake-netns';

test.each<[family: unknown, options: object, message: string]>([
  [5, { unicastProbes: 1 }, 'family: expected 4 or 6, got 5'],
  [4, {}, 'options: expected what is to be set, such as baseReachableTime'],
  [4, { device: 'eth0' }, 'options: expected what is to be set'],
  [4, { unicastProbes: -1 }, 'unicastProbes: expected an integer from 0 to 4294967295, got -1'],
  [4, { baseReachableTime: 0.5 }, 'baseReachableTime: expected an integer from 0 to'],
  [4, { gcThreshold1: '1' }, 'gcThreshold1: expected an integer'],
])('setNeighborTable of %p to %p is refused before anything is asked', async (family, options, message) => {
  const { netns, asked } = fakeNetns();
  const setting = setNeighborTable(netns, family as 4, options);
  await expect(setting).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});
