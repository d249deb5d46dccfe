import { createBridgeNetwork, createNetns, createVeth, doctor, type Netns, setLink } from '../../../lib';
import { codes, commandsOf, sh } from '../../support/doctor';
import { run } from '../../support/ip';
import {
  answering,
  createLab,
  HOST,
  LAN,
  type Lab,
  member,
  reach,
  serve,
  setBridgeFilter,
} from '../../support/lab';

// A host with two LANs, which it does not forward between, or does.

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;
const SECOND = { 4: '198.51.100.9', 6: '2001:db8:2::9' } as const;

/** A second LAN, whose machine and that of the first one have routes to each other by the host. */
async function withSecondLan(lab: Lab): Promise<Netns> {
  const { host, lan } = lab;
  const second = lab.use(await createNetns('second'));
  await setLink(second, 'lo', { up: true });
  const end = { up: true, addrGenMode: 'none' } as const;
  await createVeth(
    { ...end, netns: host, name: 'lan2', addrs: ['198.51.100.1/24', '2001:db8:2::1/64'] },
    { ...end, netns: second, name: 'eth0', addrs: [`${SECOND[4]}/24`, `${SECOND[6]}/64`] },
  );
  for (const [netns, ...ways] of [
    [lan, HOST[4], HOST[6]],
    [second, '198.51.100.1', '2001:db8:2::1'],
  ] as const) {
    for (const via of ways) await run(netns, 'ip', 'route', 'add', 'default', 'via', via);
  }
  await answering(second, '2001:db8:2::1');
  await answering(lan, HOST[6]);
  lab.use(await serve(second, 80));
  lab.use(await serve(lan, 80));
  return second;
}

const sysctls = async (host: Netns) =>
  (await run(host, 'sysctl', '-n', 'net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding')).trim().split('\n');

describe('createBridgeNetwork', () => {
  test('a host that did not forward between its LANs does not, before, with and after a network', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const second = await withSecondLan(lab);
    const across = async () => [
      ...(await reach(lan, [
        [SECOND[4], 80],
        [SECOND[6], 80],
      ])),
      ...(await reach(second, [
        [LAN[4], 80],
        [LAN[6], 80],
      ])),
    ];
    const none = ['no', 'no', 'no', 'no'];
    expect(await across()).toEqual(none);
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a, { publish: [{ hostPort: 8080, port: 80 }] });
    lab.use(await serve(a, 80));
    await answering(host, 'fd01::2');
    expect(await across()).toEqual(none);
    // The network itself works, both ways and by both LANs.
    expect(
      await reach(a, [
        [LAN[4], 80],
        [SECOND[6], 80],
      ]),
    ).toEqual([HOST[4], '2001:db8:2::1']);
    expect(await reach(lan, [[HOST[4], 8080]])).toEqual([LAN[4]]);
    expect(await reach(second, [['2001:db8:2::1', 8080]])).toEqual([SECOND[6]]);
    expect(await sysctls(host)).toEqual(['1', '1']);
    expect(await doctor(host)).toEqual([]);
    await red.remove();
    expect(await across()).toEqual(none);
    expect(await sysctls(host)).toEqual(['0', '0']);
  });

  test('a host that is a router stays one', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    await withSecondLan(lab);
    await run(host, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    const red = lab.use(await createBridgeNetwork(host, RED));
    const across = async () =>
      reach(lan, [
        [SECOND[4], 80],
        [SECOND[6], 80],
      ]);
    expect(await across()).toEqual([LAN[4], 'no']);
    await red.remove();
    expect(await sysctls(host)).toEqual(['1', '0']);
    expect(await across()).toEqual([LAN[4], 'no']);
  });

  test('a bridge of others goes on bridging, and doctor names the way to make a router of the host', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    await setBridgeFilter(host, true);
    const [one, other] = [await member(lab), await member(lab)];
    await run(host, 'ip', 'link', 'add', 'br0', 'up', 'type', 'bridge');
    await run(host, 'ip', 'addr', 'add', '10.7.0.1/24', 'dev', 'br0');
    for (const [i, netns] of [one, other].entries()) {
      await createVeth(
        { netns: host, name: `p${i}`, bridge: 'br0', up: true },
        { netns, name: 'eth0', addrs: [`10.7.0.${i + 2}/24`], up: true },
      );
      await run(netns, 'ip', 'route', 'add', 'default', 'via', '10.7.0.1');
    }
    await run(lan, 'ip', 'route', 'add', '10.7.0.0/24', 'via', HOST[4]);
    const red = lab.use(await createBridgeNetwork(host, RED));
    await answering(one, '10.7.0.3');
    lab.use(await serve(lan, 80));
    expect(await reach(one, [[LAN[4], 80]])).toEqual(['no']);
    const found = (await doctor(host)).filter(({ code }) => code === 'forwarding-guarded');
    expect(found).toMatchObject([{ severity: 'warning', where: 'table inet rtnetns of host' }]);
    for (const fix of commandsOf(found[0]!)) await sh(fix);
    expect(await reach(one, [[LAN[4], 80]])).toEqual(['10.7.0.2']);
    expect(codes(await doctor(host))).not.toContain('forwarding-guarded');
    await red.remove();
    expect(await sysctls(host)).toEqual(['1', '0']);
  });
});
