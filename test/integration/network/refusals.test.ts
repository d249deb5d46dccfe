import { addAddr, addRoute, createBridge, createBridgeNetwork, createVeth, getLink } from '../../../lib';
import { failure, ip } from '../../support/ip';
import { createLab, everything, LAN, member } from '../../support/lab';

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;

describe('createBridgeNetwork', () => {
  test('what cannot be a network', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await addRoute(host, { to: '10.8.0.0/16', via: LAN[4] });
    await createVeth({ netns: host, name: 'veth0' }, { netns: host, name: 'veth1' });
    await createBridge(host, 'br0', { up: true });
    await addAddr(host, 'br0', '10.9.0.1/24');
    const before = await everything(host);
    const refused: [object, string, string][] = [
      [
        { subnet: '10.8.7.0/24' },
        'NetworkError',
        'subnet: 10.8.7.0/24 overlaps with the route to 10.8.0.0/16',
      ],
      [{ subnet: '10.0.0.0/8' }, 'NetworkError', 'overlaps with the route to 10.'],
      [
        { ipv6: '2001:db8::/48' },
        'NetworkError',
        'ipv6: 2001:db8::/48 overlaps with the route to 2001:db8::/64',
      ],
      [{ gateway: '10.2.0.1' }, 'RangeError', 'gateway: 10.2.0.1 is not in the pool 10.1.0.0/24'],
      [{ gateway: '10.1.0.255' }, 'RangeError', 'it is the broadcast address'],
      [
        { ipv6: { subnet: 'fd01::/64', gateway: 'fd02::1' } },
        'RangeError',
        'ipv6.gateway: fd02::1 is not in the pool',
      ],
      [{ ipv6: '10.3.0.0/24' }, 'RangeError', 'ipv6: expected a subnet of IPv6'],
      [{ subnet: '10.1.0.1/24' }, 'RangeError', 'subnet: address bits beyond the prefix length'],
      [{ name: 'a name that is none' }, 'RangeError', 'name: a device name has at most 15 bytes'],
      [{ name: 'a/b' }, 'RangeError', 'name: a device name must not hold'],
      [
        { name: 'veth0' },
        'NetworkError',
        'name: there is a device of that name, which is not a bridge of ours',
      ],
      [
        { name: 'br0' },
        'NetworkError',
        'name: there is a device of that name, which is not a bridge of ours',
      ],
      [{ mtu: 1000 }, 'RangeError', 'mtu: expected an integer from 1280'],
      [{ ipv6: undefined, mtu: 10 }, 'RangeError', 'mtu: expected an integer from 68'],
      [
        { ipv6: null },
        'TypeError',
        "ipv6: expected a subnet like 'fd00::/64', or { subnet, gateway }, got null",
      ],
      [{ ipv6: 5 }, 'TypeError', 'ipv6: expected a subnet'],
      [{ nat: 'yes' }, 'TypeError', 'nat: expected true or false'],
    ];
    for (const [wrong, name, message] of refused) {
      const error = await failure(createBridgeNetwork(host, { ...RED, ...wrong }));
      expect([error.name, error.message]).toEqual([name, expect.stringContaining(message)]);
    }
    expect(await everything(host)).toEqual(before);
    const overlapping = { name: 'red', subnet: '10.8.7.0/24', allowOverlap: true };
    await lab.use(await createBridgeNetwork(host, overlapping)).remove();
  });

  test('another network of that name', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, { ...RED, mtu: 1400 }));
    await red.attach(await member(lab));
    const before = await everything(host);
    for (const [other, option] of [
      [{ subnet: '10.2.0.0/24' }, 'subnet'],
      [{ gateway: '10.1.0.9' }, 'gateway'],
      [{ ipv6: undefined }, 'ipv6'],
      [{ ipv6: 'fd09::/64' }, 'ipv6'],
      [{ mtu: 1300 }, 'mtu'],
      [{ nat: false }, 'nat'],
      [{ isolated: false }, 'isolated'],
      [{ internal: true }, 'internal'],
      [{ icc: false }, 'icc'],
    ] as const) {
      const error = await failure(createBridgeNetwork(host, { ...RED, ...other }));
      expect(error).toMatchObject({ name: 'NetworkError', code: 'ERR_NETWORK_MISMATCH', option });
    }
    expect(await everything(host)).toEqual(before);
  });

  test('what cannot be attached', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const inner = lab.use(
      await createBridgeNetwork(host, { name: 'inner', subnet: '10.5.0.0/24', internal: true }),
    );
    await red.attach(await member(lab), { address: '10.1.0.7' });
    const a = await member(lab);
    await createBridge(a, 'taken');
    const before = await everything(host);
    const refused: [object, string, string][] = [
      [{ address: '10.1.0.7' }, 'NetworkError', "10.1.0.7 is another member's"],
      [{ address: '10.1.0.1' }, 'RangeError', 'it is the gateway'],
      [{ address: '10.1.0.255' }, 'RangeError', 'it is the broadcast address'],
      [{ address: '10.2.0.7' }, 'RangeError', 'address: 10.2.0.7 is not in the pool'],
      [{ address: ['10.1.0.8', '10.1.0.9'] }, 'RangeError', 'address: expected one of each family'],
      [{ address: 'me' }, 'RangeError', 'address: expected an address'],
      [{ name: 'taken' }, 'NetlinkError', "'taken' exists already"],
      [{ name: '' }, 'RangeError', 'name: a device name must not be empty'],
      [{ mac: '01:00:00:00:00:00' }, 'NetlinkError', 'EADDRNOTAVAIL'],
      [{ aliases: ['a b'] }, 'RangeError', 'aliases[0]: expected a host name'],
      [{ aliases: Array.from({ length: 100 }, () => 'name') }, 'RangeError', 'aliases: together'],
      [
        { publish: [{ hostPort: 0 }] },
        'RangeError',
        'publish[0].hostPort: expected an integer from 1 to 65535',
      ],
      [{ publish: [{ hostPort: 65536 }] }, 'RangeError', 'publish[0].hostPort: expected an integer'],
      [{ publish: [{ hostPort: 1, port: '80' }] }, 'TypeError', 'publish[0].port: expected an integer'],
      [{ publish: [{ hostPort: { from: 2, to: 1 } }] }, 'RangeError', 'expected a range from low to high'],
      [{ publish: [{ hostPort: { from: 1, to: 2 }, port: 1 }] }, 'RangeError', 'expected 2 ports'],
      [
        { publish: [{ hostPort: 1, protocol: 'icmp' }] },
        'RangeError',
        'protocol: expected one of tcp, udp, sctp',
      ],
      [
        { publish: [{ hostPort: 8080, hostAddress: '10.99.0.1' }] },
        'NetworkError',
        'the host has no such address',
      ],
    ];
    for (const [wrong, name, message] of refused) {
      const error = await failure(red.attach(a, wrong));
      expect([error.name, error.message]).toEqual([name, expect.stringContaining(message)]);
    }
    const foreign = { hostPort: 8080, hostAddress: '10.99.0.1' };
    expect(await failure(red.attach(a, { publish: [foreign] }))).toMatchObject({
      code: 'EADDRNOTAVAIL',
      option: 'hostAddress',
    });
    expect(await failure(inner.attach(a, { publish: [{ hostPort: 8080 }] }))).toMatchObject({
      code: 'ERR_NETWORK_INTERNAL',
    });
    expect(
      await failure(inner.attach(a, { publish: [{ hostPort: 8080, hostAddress: '::' }] })),
    ).toMatchObject({
      name: 'RangeError',
    });
    expect(await failure(red.publish(a, [{ hostPort: 8080 }]))).toMatchObject({ code: 'ERR_NOT_A_MEMBER' });
    expect(await everything(host)).toEqual(before);
    expect((await ip(a, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'taken']);
    red.close();
    expect(await failure(red.attach(a))).toMatchObject({ code: 'ERR_NETWORK_CLOSED' });
  });

  test('a network that others have removed', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const other = lab.use(await createBridgeNetwork(host, RED));
    await other.remove();
    const a = await member(lab);
    const before = await everything(host);
    expect(await failure(red.attach(a, { publish: [{ hostPort: 80 }] }))).toMatchObject({
      code: 'ERR_NETWORK_REMOVED',
    });
    expect(await everything(host)).toEqual(before);
    await red.remove();
    expect(await failure(getLink(host, 'red'))).toMatchObject({ code: 'ENODEV' });
  });
});
