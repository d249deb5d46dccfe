import { type AttachOptions, planMember } from '../../../lib/network/members/member-options';
import type { Netns } from '../../../lib/netns/netns';
import { bridgeMac, checkOptions, portName } from '../../../lib/network/options';
import type { Subnet } from '../../../lib/network/plan';
import { checkPublish, portElements, publishedPorts } from '../../../lib/network/table/published-ports';

test('options have their defaults, and subnets their gateways', () => {
  expect(checkOptions({ name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' })).toEqual({
    name: 'red',
    subnets: [
      { family: 4, subnet: '10.1.0.0/24', gateway: '10.1.0.1', prefixLength: 24 },
      { family: 6, subnet: 'fd01::/64', gateway: 'fd01::1', prefixLength: 64 },
    ],
    mtu: undefined,
    nat: true,
    isolated: true,
    internal: false,
    icc: true,
    allowOverlap: false,
  });
  expect(() => checkOptions({ name: 'red', subnet: 'fd01::/64', ipv6: 'fd02::/64' })).toThrow(
    'ipv6: the subnet is of IPv6 already',
  );
});

test('names that are derived are the same each time, and others for others', () => {
  expect(bridgeMac('red', 1)).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(bridgeMac('red', 1)).toBe(bridgeMac('red', 1));
  expect(portName('red', 1, 'eth0')).toMatch(/^veth[0-9a-f]{11}$/);
  const names = [portName('red', 1, 'eth0'), portName('red', 1, 'eth1'), portName('red', 2, 'eth0')];
  expect(new Set([...names, portName('blue', 1, 'eth0')]).size).toBe(4);
});

test('ranges are ports one by one', () => {
  expect(
    checkPublish(
      [{ hostPort: { from: 80, to: 81 }, port: { from: 8000, to: 8001 }, protocol: 'udp' }],
      'publish',
    ),
  ).toEqual([
    { hostPort: 80, port: 8000, protocol: 'udp' },
    { hostPort: 81, port: 8001, protocol: 'udp' },
  ]);
  expect(checkPublish([{ hostPort: 80 }], 'publish')).toEqual([{ hostPort: 80, port: 80, protocol: 'tcp' }]);
});

test('what is published comes back from its elements', () => {
  const ports = checkPublish(
    [
      { hostPort: 80, port: 8080 },
      { hostPort: 80, protocol: 'udp', hostAddress: '192.0.2.1' },
      { hostPort: 81, hostAddress: '2001:db8::1' },
    ],
    'publish',
  );
  const addresses = { 4: '10.1.0.2', 6: 'fd01::2' };
  const elements = ports.flatMap((port) => portElements(port, addresses, 'veth0'));
  expect(elements.map(({ set }) => set)).toEqual(['ports4', 'ports6', 'published4', 'published6']);
  expect(publishedPorts(elements)).toEqual(ports);
  expect(portElements(ports[2]!, { 4: '10.1.0.2' }, 'veth0')).toEqual([]);
});

const netns = { ino: 1 } as unknown as Netns;

function checkAttach(options: AttachOptions, subnets: readonly Subnet[]) {
  return planMember({ ...checkOptions({ name: 'red', subnet: '10.1.0.0/24' }), subnets }, netns, options);
}

test('addresses are told apart by their families', () => {
  const { subnets } = checkOptions({ name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' });
  expect(checkAttach({ address: ['fd01::7', '10.1.0.7'] }, subnets)).toMatchObject({
    device: 'eth0',
    addresses: { 4: '10.1.0.7', 6: 'fd01::7' },
    defaultRoute: true,
  });
  expect(() => checkAttach({ address: 'fd01::7' }, subnets.slice(0, 1))).toThrow(
    'address: the network has no subnet of IPv6',
  );
});

test('a member is planned once: with all that is derived from its options', () => {
  const network = checkOptions({ name: 'red', subnet: '10.1.0.0/24' });
  expect(planMember(network, netns, { aliases: ['db', 'www'], publish: [{ hostPort: 80 }] })).toEqual({
    netns,
    device: 'eth0',
    port: portName('red', 1, 'eth0'),
    alias: 'net:[1] eth0 db www',
    mac: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/) as string,
    macAskedFor: false,
    addresses: {},
    published: [{ hostPort: 80, port: 80, protocol: 'tcp' }],
    defaultRoute: true,
    hairpin: undefined,
  });
  const mac = '02:00:00:00:00:01';
  expect(planMember(network, netns, { mac })).toMatchObject({ mac, macAskedFor: true });
  expect(planMember({ ...network, internal: true }, netns, {})).toMatchObject({ defaultRoute: false });
});
