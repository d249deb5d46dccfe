import type { LinkOptions } from '../../../lib/links/link-request';
import { createBridge, setBridge } from '../../../lib/links/bridge';
import { setBridgePort } from '../../../lib/links/bridge-port';
import { deleteLink, enslaveLink, releaseLink, renameLink } from '../../../lib/links/links';
import { moveLink } from '../../../lib/links/move-link';
import { setLink } from '../../../lib/links/set-link';
import { getNsid, setNsid } from '../../../lib/netns/nsid';
import type { Netns } from '../../../lib/netns/netns';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { nsid } from '../../../lib/netlink/rtnetlink/nsid';
import { bridgePort } from '../../../lib/netlink/rtnetlink/kinds/bridge-port';
import { Bytes } from '../../../lib/netlink/bytes';
import { written } from '../../../lib/netlink/codec';
import { toLink } from '../../../lib/links/link-view';
import { fakeNetns, ipSaid, said } from '../support/fake-netns';

const ipSays = (command: string) => ipSaid('link', command, link.codec);

async function weSay(act: (netns: Netns) => Promise<unknown>): Promise<unknown[]> {
  const { netns, asked } = fakeNetns();
  await act(netns);
  return asked().map((one) => said(one, link.codec));
}

test.each<[command: string, index: number, options: LinkOptions]>([
  ['ip link set va up', 20, { up: true }],
  ['ip link set va down', 20, { up: false }],
  ['ip link set va mtu 1400', 20, { mtu: 1400 }],
  ['ip link set va address 02:00:00:00:00:20', 20, { mac: '02:00:00:00:00:20' }],
  ['ip link set va alias uplink', 20, { alias: 'uplink' }],
  ["ip link set vb alias ''", 21, { alias: '' }],
  ['ip link set va group 42', 20, { group: 42 }],
  ['ip link set va txqueuelen 500', 20, { txQueueLength: 500 }],
  ['ip link set va promisc on', 20, { promiscuous: true }],
  ['ip link set va promisc off', 20, { promiscuous: false }],
  ['ip link set va arp off', 20, { arp: false }],
  ['ip link set va arp on', 20, { arp: true }],
  ['ip link set va addrgenmode none', 20, { addrGenMode: 'none' }],
  ['ip link set va addrgenmode eui64', 20, { addrGenMode: 'eui64' }],
])('as %s: setLink %d %j', async (command, index, options) => {
  expect(await weSay((netns) => setLink(netns, index, options))).toEqual([ipSays(command)]);
});

test.each<[command: string, act: (netns: Netns) => Promise<unknown>]>([
  ['ip link set vb name veth-b', (netns) => renameLink(netns, 'vb', 'veth-b')],
  ['ip link set va master br0', (netns) => enslaveLink(netns, 20, 'br0')],
  ['ip link set va nomaster', (netns) => releaseLink(netns, 20)],
  ['ip link set vc netns red', (netns) => moveLink(netns, 30, netns)],
  ['ip link set vd netns red name eth1', (netns) => moveLink(netns, 31, netns, { name: 'eth1' })],
  ['ip link del veth-b', (netns) => deleteLink(netns, 21)],
])('as %s', async (command, act) => {
  expect(await weSay(act)).toEqual([ipSays(command)]);
});

test('the way to make addresses is a message of its own, before the one that brings the link up', async () => {
  const messages = await weSay((netns) => setLink(netns, 20, { up: true, addrGenMode: 'none' }));
  expect(messages).toEqual([ipSays('ip link set va addrgenmode none'), ipSays('ip link set va up')]);
});

test('a device is named by its name where that needs no lookup', async () => {
  expect(await weSay((netns) => setLink(netns, 'va', { mtu: 1400 }))).toMatchObject([
    { type: 16, value: { index: 0, name: 'va', mtu: 1400 } },
  ]);
});

describe('bridges', () => {
  const bridgeSays = (command: string) => ipSaid('bridge', command, link.codec);

  test('settings', async () => {
    const messages = await weSay((netns) =>
      setBridge(netns, 10, { vlanFiltering: true, vlanDefaultPvid: 10 }),
    );
    expect(messages).toEqual([
      bridgeSays('ip link set br0 type bridge vlan_filtering 1 vlan_default_pvid 10'),
    ]);
    expect(await weSay((netns) => setBridge(netns, 10, { stp: false }))).toEqual([
      bridgeSays('ip link set br0 type bridge stp_state 0'),
    ]);
  });

  test('creation, with what is known from the start', async () => {
    const { netns, asked } = fakeNetns();
    const options = {
      mac: '02:00:00:00:00:10',
      stp: true,
      forwardDelay: 400,
      helloTime: 100,
      maxAge: 600,
      ageingTime: 12000,
      priority: 4096,
      groupForwardMask: 8,
    };
    expect(await createBridge(netns, 'br0', options)).toMatchObject({ name: 'br0' });
    const { value } = bridgeSays(
      'ip link add index 10 name br0 address 02:00:00:00:00:10 type bridge stp_state 1 forward_delay 400 ' +
        'hello_time 100 max_age 600 ageing_time 12000 priority 4096 group_fwd_mask 8',
    );
    const NLM_F_ECHO = 8;
    expect(said(asked()[0]!, link.codec)).toEqual({
      type: 16,
      flags: 0x605 | NLM_F_ECHO,
      value: { ...(value as object), index: 0 },
    });
  });

  test('what an older kernel would ignore is refused, and nothing is set', async () => {
    const port = fakeNetns({ info: { portKind: 'bridge', portData: { cost: 2, locked: false } } });
    const refused = setBridgePort(port.netns, 20, { cost: 3, locked: true, macAuthenticationBypass: true });
    await expect(refused).rejects.toMatchObject({
      name: 'NetlinkError',
      code: 'EOPNOTSUPP',
      option: 'macAuthenticationBypass',
      message: expect.stringContaining('this kernel does not know it, and would ignore it') as string,
    });
    const bridge = fakeNetns({ info: { kind: 'bridge', data: { stpState: 0 } } });
    const unset = setBridge(bridge.netns, 'br0', { stp: true, nfCallIptables: true });
    await expect(unset).rejects.toMatchObject({ code: 'EOPNOTSUPP', option: 'nfCallIptables' });
    expect([...port.asked(), ...bridge.asked()]).toEqual([]);
    await setBridgePort(port.netns, 20, { cost: 3, locked: true });
    await setBridge(bridge.netns, 'br0', { stp: true });
    expect([port.asked().length, bridge.asked().length]).toEqual([1, 1]);
  });

  test('a port: ip says the same under another name', async () => {
    const settings = { cost: 20, priority: 16 } as const;
    expect(await weSay((netns) => setBridgePort(netns, 20, settings))).toMatchObject([
      { type: 16, flags: 5, value: { index: 20, info: { portKind: 'bridge', portData: settings } } },
    ]);
    const ip = bridgeSays('ip link set va type bridge_slave cost 20 priority 16 state 3');
    const { portData } = (ip.value as { info: { portData: Buffer } }).info;
    expect(bridgePort.read(new Bytes(portData), 0, portData.length)).toEqual({
      ...settings,
      state: 'forwarding',
    });
  });
});

test('numbers of namespaces', async () => {
  const { netns, asked } = fakeNetns();
  await setNsid(netns, netns, 7);
  await setNsid(netns, netns);
  await getNsid(netns, netns);
  const ours = asked().map((one) => said(one, nsid.codec));
  const ip = ['ip netns set red 7', 'ip netns set blue auto', 'ip netns list'].map((command) => {
    const { value, ...head } = ipSaid('nsid', command, nsid.codec);
    // the descriptor was another
    return { ...head, value: { ...(value as object), fd: 4 } };
  });
  const NLM_F_ACK = 4;
  expect(ours).toEqual([ip[0], ip[1], { ...ip[2], flags: ip[2]!.flags | NLM_F_ACK }]);
});

test('a link of a kind that no file knows has its data in bytes, as createLink takes them', () => {
  const data = Uint8Array.of(8, 0, 1, 0, 1, 0, 0, 0);
  const bytes = written(link.codec, { index: 7, name: 'amt0', info: { kind: 'amt', data } });
  const message = link.codec.read(new Bytes(bytes), 0, bytes.length);
  expect(toLink(message)).toMatchObject({ kind: 'amt', data: Buffer.from(data) });
  expect(toLink({ ...message, info: { kind: 'vrf', data: { table: 7 } } })).not.toHaveProperty('data');
});
