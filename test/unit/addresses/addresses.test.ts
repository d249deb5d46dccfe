import { addAddr, flushAddrs, listAddrs, removeAddr } from '../../../lib/addresses/addresses';
import type { AddAddrOptions } from '../../../lib/addresses/addr-request';
import { address } from '../../../lib/netlink/rtnetlink/address';
import { fakeNetns, ipSaid, said } from '../support/fake-netns';

const ipSays = (command: string) => ipSaid('address', command, address.codec);

test.each<[command: string, addr: string, options: AddAddrOptions]>([
  ['ip addr add 10.0.1.1/24 dev va', '10.0.1.1/24', {}],
  [
    'ip addr add 10.0.2.1/24 dev va label va:2 scope link broadcast 10.0.2.255',
    '10.0.2.1/24',
    { label: 'va:2', scope: 'link', broadcast: '10.0.2.255' },
  ],
  [
    'ip addr add 10.0.3.1/24 dev va broadcast + metric 50',
    '10.0.3.1/24',
    { broadcast: '10.0.3.255', metric: 50 },
  ],
  ['ip addr add 10.0.4.1 peer 10.0.4.2/32 dev va', '10.0.4.1/32', { peer: '10.0.4.2' }],
  ['ip addr add 10.0.4.1 peer 10.0.4.2/32 dev va', '10.0.4.1/24', { peer: '10.0.4.2/32' }],
  [
    'ip addr add 10.0.5.1/24 dev va valid_lft 3600 preferred_lft 1800',
    '10.0.5.1/24',
    { validLifetime: 3600, preferredLifetime: 1800 },
  ],
  ['ip addr add 10.0.6.1/24 dev va noprefixroute', '10.0.6.1/24', { noPrefixRoute: true }],
  ['ip addr add 127.0.0.2/8 dev va', '127.0.0.2/8', {}],
  ['ip addr add fd00:1::1/64 dev va nodad', 'fd00:1::1/64', {}],
  ['ip addr add fd00:2::1/64 dev va', 'fd00:2::1/64', { dad: true }],
  [
    'ip addr add fd00:3::1/64 dev va nodad noprefixroute metric 50',
    'fd00:3::1/64',
    { noPrefixRoute: true, metric: 50 },
  ],
  ['ip addr add fd00:4::1 peer fd00:4::2/128 dev va nodad', 'fd00:4::1/128', { peer: 'fd00:4::2' }],
  [
    'ip addr replace 10.0.1.1/24 dev va valid_lft 900 preferred_lft 900',
    '10.0.1.1/24',
    { ifExists: 'replace', validLifetime: 900 },
  ],
])('as %s: addAddr %s %j', async (command, addr, options) => {
  for (const device of ['va', 20]) {
    const { netns, asked } = fakeNetns();
    await addAddr(netns, device, addr, options);
    expect(asked().map((one) => said(one, address.codec))).toEqual([ipSays(command)]);
  }
});

test.each<[command: string, addr: string, options: { peer?: string }]>([
  ['ip addr del 10.0.2.1/24 dev va', '10.0.2.1/24', {}],
  ['ip addr del 10.0.4.1 peer 10.0.4.2/32 dev va', '10.0.4.1/32', { peer: '10.0.4.2' }],
  ['ip addr del fd00:2::1/64 dev va', 'fd00:2::1/64', {}],
])('as %s: removeAddr %s %j', async (command, addr, options) => {
  const { netns, asked } = fakeNetns();
  await removeAddr(netns, 'va', addr, options);
  expect(asked().map((one) => said(one, address.codec))).toEqual([ipSays(command)]);
});

test.each<[addr: unknown, options: AddAddrOptions, message: string]>([
  ['10.0.0.1/33', {}, 'addr: '],
  [undefined, {}, 'addr: '],
  ['10.0.0.1/24', { peer: 'fd00::1' }, 'peer: '],
  ['10.0.0.1/24', { broadcast: '10.0.0' }, 'broadcast: '],
  ['10.0.0.1/24', { label: 'x'.repeat(16) }, 'label: '],
  ['10.0.0.1/24', { label: 'vb' }, 'label: it has to begin with the device\'s name, "va", got "vb"'],
  ['fd00::1/64', { label: 'va' }, 'label: an IPv6 address has none, got "va"'],
  ['fd00::1/64', { broadcast: '10.0.0.255' }, 'broadcast: an IPv6 address has none, got "10.0.0.255"'],
  ['10.0.0.1/24', { home: true }, 'home: an IPv4 address cannot be so'],
  ['10.0.0.1/24', { manageTemporary: true }, 'manageTemporary: an IPv4 address cannot be so'],
  ['10.0.0.1/24', { optimistic: true }, 'optimistic: an IPv4 address cannot be so'],
  ['fd00::1/64', { optimistic: true, dad: false }, 'optimistic: it is about duplicate address detection'],
  ['10.0.0.1/24', { protocol: 256 }, 'protocol: '],
  ['10.0.0.1/24', { protocol: 'nobody' as never }, 'protocol: expected a number, or one of unspec'],
  ['10.0.0.1/24', { metric: -1 }, 'metric: '],
  ['10.0.0.1/24', { scope: 256 }, 'scope: '],
])('addAddr %p %j is refused before anything is asked', async (addr, options, message) => {
  const { netns, asked } = fakeNetns();
  await expect(addAddr(netns, 'va', addr as string, options)).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});

test.each<[filter: object, message: string]>([
  [{ device: '' }, 'device: '],
  [{ scope: 'near' }, 'scope: expected a number, or one of global'],
  [{ to: '10.0.0.1/24' }, 'to: address bits beyond the prefix length; the network is 10.0.0.0/24'],
  [{ to: 7 }, 'to: '],
  [{ label: 7 }, 'label: expected a string, got 7'],
  [{ up: 'yes' }, 'up: expected true or false'],
  [{ flags: { permament: true } }, 'flags.permament: there is no such option'],
  [{ flags: { permanent: 1 } }, 'flags.permanent: expected true or false'],
  [{ protocol: 'nobody' }, 'protocol: '],
])('of %j, nothing is asked', async (filter, message) => {
  const { netns, asked } = fakeNetns();
  await expect(listAddrs(netns, filter)).rejects.toThrow(message);
  await expect(flushAddrs(netns, filter)).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});

test('all addresses of a namespace are not flushed by an empty filter', async () => {
  const { netns, asked } = fakeNetns();
  for (const filter of [{}, { device: undefined }] as object[]) {
    const message = 'filter: expected what the addresses have, such as their device';
    await expect(flushAddrs(netns, filter)).rejects.toThrow(message);
  }
  expect(asked()).toEqual([]);
});

test('a number of a namespace, with a device by its name', async () => {
  const { netns, asked } = fakeNetns();
  await expect(listAddrs(netns, { targetNsid: -1 })).rejects.toThrow('targetNsid: ');
  const named = listAddrs(netns, { targetNsid: 1, device: 'eth0' });
  await expect(named).rejects.toThrow('device: with `targetNsid`, it is given by its index');
  expect(asked()).toEqual([]);
});
