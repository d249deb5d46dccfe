import { addNeighbor, flushNeighbors, listNeighbors, removeNeighbor } from '../../../lib/addresses/neighbors';
import type { AddNeighborOptions } from '../../../lib/addresses/neighbor-request';
import { neighbor } from '../../../lib/netlink/rtnetlink/neighbor';
import { fakeNetns, ipSaid, said } from '../support/fake-netns';

const ipSays = (command: string) => ipSaid('neighbor', command, neighbor.codec);

test.each<[command: string, address: string, options: AddNeighborOptions]>([
  ['ip neigh add 10.0.1.2 lladdr 02:00:00:00:00:02 dev va', '10.0.1.2', { mac: '02:00:00:00:00:02' }],
  [
    'ip neigh add 10.0.1.3 lladdr 02:00:00:00:00:03 dev va nud stale',
    '10.0.1.3',
    { mac: '02:00:00:00:00:03', state: 'stale' },
  ],
  [
    'ip neigh add 10.0.1.4 lladdr 02:00:00:00:00:04 dev va nud noarp',
    '10.0.1.4',
    { mac: '02:00:00:00:00:04', state: 'noarp' },
  ],
  [
    'ip neigh add fd00:1::2 lladdr 02:00:00:00:00:02 dev va router nud reachable',
    'fd00:1::2',
    { mac: '02:00:00:00:00:02', router: true, state: 'reachable' },
  ],
  [
    'ip neigh replace 10.0.1.2 lladdr 02:00:00:00:00:05 dev va',
    '10.0.1.2',
    { mac: '02:00:00:00:00:05', ifExists: 'replace' },
  ],
])('%s', async (command, address, options) => {
  const { netns, asked } = fakeNetns();
  await addNeighbor(netns, 'va', address, options);
  expect(asked().map((message) => said(message, neighbor.codec))).toEqual([ipSays(command)]);
});

test('ip neigh del, which also tells a state', async () => {
  const { netns, asked } = fakeNetns();
  await removeNeighbor(netns, 'va', '10.0.1.3');
  const { value, ...rest } = ipSays('ip neigh del 10.0.1.3 dev va');
  expect(asked().map((message) => said(message, neighbor.codec))).toEqual([
    { ...rest, value: { ...(value as object), state: 0 } },
  ]);
});

test.each<[address: unknown, options: unknown, message: string]>([
  ['10.0.1.2/24', { mac: '02:00:00:00:00:02' }, 'address: expected an address'],
  ['10.0.1.2', { mac: 'nonsense' }, 'mac: expected a MAC address'],
  ['10.0.1.2', {}, 'mac: '],
  [
    '10.0.1.2',
    { mac: '02:00:00:00:00:02', state: 'up' },
    'state: expected a number, or one of none, incomplete, reachable',
  ],
])('the address %p with %p is refused before anything is asked', async (address, options, message) => {
  const { netns, asked } = fakeNetns();
  const adding = addNeighbor(netns, 'va', address as string, options as AddNeighborOptions);
  await expect(adding).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});

test.each<[filter: object, message: string]>([
  [{ state: 'up' }, 'state: expected a number, or one of none'],
  [{ state: ['stale', 'up'] }, 'state[1]: expected a number, or one of none'],
  [{ to: '10.0.0.1/24' }, 'to: address bits beyond the prefix length'],
  [{ master: '' }, 'master: '],
  [{ protocol: 'nobody' }, 'protocol: '],
  [{ proxy: 1 }, 'proxy: expected true or false'],
])('of %j, nothing is asked', async (filter, message) => {
  const { netns, asked } = fakeNetns();
  await expect(listNeighbors(netns, filter)).rejects.toThrow(message);
  await expect(flushNeighbors(netns, filter)).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});

test('all neighbors of a namespace are not flushed by an empty filter', async () => {
  const { netns, asked } = fakeNetns();
  for (const filter of [{}, { proxy: false }]) {
    const message = 'filter: expected what the neighbors have, such as their device';
    await expect(flushNeighbors(netns, filter)).rejects.toThrow(message);
  }
  expect(asked()).toEqual([]);
});
