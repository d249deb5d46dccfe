// What of bridges and of their ports has no word in the ip of many systems, and what depends on more than one option.
import {
  addFdb,
  createBridge,
  createLink,
  createNetns,
  createVeth,
  flushFdb,
  getLink,
  listBridgePorts,
  listFdb,
  type Netns,
  setBridge,
  setBridgePort,
  setLink,
} from '../../../lib';
import { bridge as bridgeKind } from '../../../lib/netlink/rtnetlink/kinds/bridge';
import { BRIDGE_PORT } from '../../support/link-kinds/bridges';
import { kernelHas, testWith } from '../../support/capabilities';
import { bridge, failure, ip, type Json, run, settled } from '../../support/ip';

type View = Readonly<Record<string, unknown>>;

const FILTER = 'bridges filter VLANs';
const MACS = ['02:00:00:00:00:a1', '02:00:00:00:00:a2'] as const;

const dataOf = async (netns: Netns, name: string): Promise<Json> => {
  const [shown] = await ip(netns, 'link', 'show', name);
  // the bridge looks for what has aged when this timer ends
  const { gc_timer: _, ...data } = (shown!['linkinfo'] as { info_data: Json }).info_data;
  return data;
};
const slaveOf = async (netns: Netns, name: string): Promise<Json> =>
  ((await ip(netns, 'link', 'show', name))[0]!['linkinfo'] as { info_slave_data: Json }).info_slave_data;

/** A bridge with the ports a and c that forward. */
async function withPorts(): Promise<Netns> {
  const red = await createNetns('red');
  await createBridge(red, 'br0', { up: true });
  for (const [name, other] of [
    ['a', 'b'],
    ['c', 'd'],
  ] as const) {
    await createVeth({ netns: red, name, bridge: 'br0', up: true }, { netns: red, name: other, up: true });
  }
  await settled(red);
  return red;
}

/** Each field that the tools show of a port is one that listBridgePorts returns. */
async function expectShown(netns: Netns): Promise<void> {
  const links = await ip(netns, 'link');
  const indexes = new Map(links.map(({ ifname, ifindex }) => [ifname, ifindex]));
  const fields = {
    ...BRIDGE_PORT,
    backup_port: ({ backupPort }: View) => links.find(({ ifindex }) => ifindex === backupPort)?.['ifname'],
  } as Readonly<Record<string, (view: View) => unknown>>;
  // those of the device itself, not of the port
  const ofLink = new Set(['ifindex', 'ifname', 'link', 'flags', 'mtu', 'master']);
  // they run between the two looks
  const timers = new Set(['hold_timer', 'message_age_timer', 'forward_delay_timer']);
  for (const shown of await bridge(netns, 'link')) {
    const port = (await listBridgePorts(netns)).find(({ index }) => index === indexes.get(shown['ifname']));
    const ofPort = Object.entries(shown).filter(([name]) => !ofLink.has(name));
    const details = await slaveOf(netns, shown['ifname'] as string);
    const all = [...ofPort, ...Object.entries(details)].filter(([name]) => !timers.has(name));
    for (const [name, value] of all) {
      expect([name, fields[name]?.(port as unknown as View)]).toEqual([name, value]);
    }
  }
}

describe('setBridge, setBridgePort, flushFdb', () => {
  test('what is listed of a bridge makes another one like it', async () => {
    await using red = await createNetns('red');
    const words = 'priority 4096 group_fwd_mask 8 no_linklocal_learn 1 mcast_router 2 mcast_igmp_version 3';
    await run(red, 'ip', ...`link add br0 type bridge ageing_time 100 mcast_hash_max 64 ${words}`.split(' '));
    const listed = (await getLink(red, 'br0')).bridge ?? {};
    // a kernel without VLAN filtering refuses these, also false
    const refused = kernelHas(FILTER) ? [] : ['vlanFiltering', 'mst'];
    const settings = Object.fromEntries(
      Object.entries(listed).filter(
        ([name]) => Object.hasOwn(bridgeKind.options, name) && !refused.includes(name),
      ),
    );
    await createLink(red, { kind: 'bridge', name: 'br1', ...settings });
    expect(await dataOf(red, 'br1')).toEqual(await dataOf(red, 'br0'));
    await createBridge(red, 'br2', { mac: 'kernel' });
    await setBridge(red, 'br2', settings);
    expect(await dataOf(red, 'br2')).toEqual(await dataOf(red, 'br0'));
  });

  test('a switch of a bridge leaves the others as they are', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { noLinkLocalLearning: true });
    const { mdbOffloadFailNotification: known } = (await getLink(red, 'br0')).bridge ?? {};
    const change = setBridge(red, 'br0', { mdbOffloadFailNotification: true });
    if (known === undefined) {
      expect(await failure(change)).toMatchObject({
        code: 'EOPNOTSUPP',
        option: 'mdbOffloadFailNotification',
        message: expect.stringContaining('this kernel does not know it, and would ignore it') as string,
      });
    } else {
      await change;
    }
    expect(await dataOf(red, 'br0')).toMatchObject({ no_linklocal_learn: 1 });
    await setBridge(red, 'br0', { noLinkLocalLearning: false });
    expect(await dataOf(red, 'br0')).toMatchObject({ no_linklocal_learn: 0 });
    expect((await getLink(red, 'br0')).bridge?.mdbOffloadFailNotification).toBe(
      known === undefined ? undefined : true,
    );
  });

  test('a bridge learns no more addresses than it may', async () => {
    await using red = await withPorts();
    const { fdbMaxLearned } = (await getLink(red, 'br0')).bridge ?? {};
    const limit = setBridge(red, 'br0', { fdbMaxLearned: 1 });
    if (fdbMaxLearned === undefined) {
      expect(await failure(limit)).toMatchObject({ code: 'EOPNOTSUPP', option: 'fdbMaxLearned' });
      return;
    }
    await limit;
    await flushFdb(red, 'br0');
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'b');
    for (const mac of MACS) {
      await setLink(red, 'b', { mac });
      // who has 10.0.0.77?
      await run(red, 'ping', '-c', '1', '-W', '0.1', '10.0.0.77').catch(() => undefined);
    }
    expect(await bridge(red, 'fdb', 'show', 'br', 'br0', 'dynamic')).toHaveLength(1);
    expect((await getLink(red, 'br0')).bridge).toMatchObject({ fdbLearned: 1, fdbMaxLearned: 1 });
  });

  testWith(FILTER, 'mst changes only while no port has VLANs', async () => {
    await using red = await withPorts();
    const { mst } = (await getLink(red, 'br0')).bridge ?? {};
    const error = await failure(setBridge(red, 'br0', { mst: true }));
    if (mst === undefined) {
      expect(error).toMatchObject({ code: 'EOPNOTSUPP', option: 'mst' });
      return;
    }
    expect(error).toMatchObject({ code: 'EBUSY' });
    await createBridge(red, 'br1', { mst: true });
    expect((await getLink(red, 'br1')).bridge).toMatchObject({ mst: true });
    await setBridge(red, 'br1', { mst: false });
    expect((await getLink(red, 'br1')).bridge).toMatchObject({ mst: false });
  });

  testWith(FILTER, 'vlanStatsPerPort changes only while no port has VLANs', async () => {
    await using red = await withPorts();
    expect(await failure(setBridge(red, 'br0', { vlanStatsPerPort: true }))).toMatchObject({
      code: 'EBUSY',
      message: expect.stringContaining(
        'mst and vlanStatsPerPort change only while no port has VLANs',
      ) as string,
    });
    await createBridge(red, 'br1', { vlanStatsPerPort: true });
    expect(await dataOf(red, 'br1')).toMatchObject({ vlan_stats_per_port: 1 });
  });

  test('without VLAN filtering, what is about VLANs is refused', async () => {
    if (kernelHas(FILTER)) return;
    await using red = await createNetns('red');
    await createBridge(red, 'br0');
    for (const settings of [{ vlanProtocol: '802.1ad' }, { vlanStats: true }, { mst: true }] as const) {
      for (const attempt of [setBridge(red, 'br0', settings), createBridge(red, 'br1', settings)]) {
        const error = await failure(attempt);
        expect([settings, error]).toMatchObject([settings, { name: 'NetlinkError', code: 'EOPNOTSUPP' }]);
      }
    }
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'br0']);
  });

  test.each(['disabled', 'auto', 'always', 'temp'] as const)(
    'a port with multicastRouter %s',
    async (word) => {
      await using red = await withPorts();
      await setBridgePort(red, 'a', { multicastRouter: word === 'auto' ? 'disabled' : 'auto' });
      await setBridgePort(red, 'a', { multicastRouter: word });
      const number = ['disabled', 'auto', 'always', 'temp'].indexOf(word);
      expect(await slaveOf(red, 'a')).toMatchObject({ multicast_router: number });
      await expectShown(red);
      await setBridgePort(red, 'c', { multicastRouter: number });
      expect(await slaveOf(red, 'c')).toMatchObject({ multicast_router: number });
    },
  );

  test.each([
    ['disabled', 0, 'disabled'],
    ['listening', 1, 'listening'],
    ['learning', 2, 'learning'],
    ['forwarding', 3, 'forwarding'],
    // without a spanning tree, the kernel lets such a port forward at once
    ['blocking', 4, 'forwarding'],
  ] as const)('a port is %s', async (state, number, becomes) => {
    await using red = await withPorts();
    for (const name of ['a', 'c']) {
      const before = state === 'learning' ? '1' : '2';
      await run(red, 'bridge', 'link', 'set', 'dev', name, 'state', before);
      expect(await slaveOf(red, name)).not.toMatchObject({ state: becomes });
    }
    await setBridgePort(red, 'a', { state, cost: 7 });
    await run(red, 'bridge', 'link', 'set', 'dev', 'c', 'state', String(number));
    expect(await slaveOf(red, 'c')).toMatchObject({ state: becomes });
    expect(await slaveOf(red, 'a')).toMatchObject({ state: becomes, cost: 7 });
    await setBridgePort(red, 'a', { state: number });
    expect(await slaveOf(red, 'a')).toMatchObject({ state: becomes });
    await expectShown(red);
  });

  test('a state that a port cannot have', async () => {
    await using red = await withPorts();
    await setLink(red, 'd', { up: false });
    await settled(red);
    expect(await failure(setBridgePort(red, 'c', { state: 'forwarding' }))).toMatchObject({
      code: 'ENETDOWN',
      message: expect.stringContaining('the port is down or has no carrier') as string,
    });
    await setBridge(red, 'br0', { stp: true });
    expect(await failure(setBridgePort(red, 'a', { state: 'blocking' }))).toMatchObject({
      code: 'EBUSY',
      message: expect.stringContaining("spanning tree decides the port's state while it is on") as string,
    });
  });

  test('a port has another one as its backup, and none', async () => {
    await using red = await withPorts();
    await setBridgePort(red, 'a', { backupPort: 'c' });
    expect(await slaveOf(red, 'a')).toMatchObject({ backup_port: 'c' });
    await expectShown(red);
    const [port] = (await listBridgePorts(red)).filter(({ name }) => name === 'a');
    await setBridgePort(red, 'a', { backupPort: 0 });
    expect(await slaveOf(red, 'a')).not.toHaveProperty('backup_port');
    await setBridgePort(red, 'a', { backupPort: port!.backupPort! });
    expect(await slaveOf(red, 'a')).toMatchObject({ backup_port: 'c' });
  });

  test('a backup that is none', async () => {
    await using red = await withPorts();
    await createBridge(red, 'br1');
    await createVeth({ netns: red, name: 'e', bridge: 'br1' }, { netns: red, name: 'f' });
    for (const [backupPort, code, message] of [
      ['b', 'ENOENT', 'backupPort is not the port of a bridge'],
      ['e', 'EINVAL', 'backupPort is the port itself, or one of another bridge'],
      ['a', 'EINVAL', 'backupPort is the port itself, or one of another bridge'],
      ['nosuch', 'ENODEV', 'there is no such device'],
    ] as const) {
      const error = await failure(setBridgePort(red, 'a', { backupPort }));
      expect([backupPort, error]).toMatchObject([backupPort, { name: 'NetlinkError', code }]);
      expect(error.message).toContain(message);
    }
    expect(await failure(setBridgePort(red, 'a', { backupPort: -1 }))).toMatchObject({ name: 'RangeError' });
  });

  test('the next hop of a backup', async () => {
    await using red = await withPorts();
    await setBridgePort(red, 'a', { backupNexthopId: 0 });
    const set = setBridgePort(red, 'a', { backupNexthopId: 7, backupPort: 'c', vlanTunnel: true });
    const asked = await set.then(
      () => undefined,
      (error: unknown) => error,
    );
    const { port } = await getLink(red, 'a');
    if (asked !== undefined) {
      expect(asked).toMatchObject({ code: 'EOPNOTSUPP', option: 'backupNexthopId' });
      expect(port?.neighborVlanSuppress).toBeUndefined();
      return;
    }
    expect(port?.backupNexthopId).toBe(7);
    await setBridgePort(red, 'a', { backupNexthopId: 0 });
    expect((await getLink(red, 'a')).port?.backupNexthopId).toBeUndefined();
  });

  test('a bridge forgets what it has learned, of one port and of all', async () => {
    await using red = await withPorts();
    const learn = async () => {
      await addFdb(red, 'a', MACS[0], { state: 'dynamic', ifExists: 'ignore' });
      await addFdb(red, 'c', MACS[1], { state: 'dynamic', ifExists: 'ignore' });
    };
    // where a port has VLANs, an address is there for each
    const known = async () => {
      const macs = (await bridge(red, 'fdb', 'show', 'br', 'br0')).map(({ mac }) => mac as string);
      return [...new Set(macs)].filter((mac) => mac.startsWith('02:00:00:00:00:a')).sort();
    };
    const kept = ['02:00:00:00:00:a3', '02:00:00:00:00:a4'];
    await addFdb(red, 'a', kept[0]!);
    await addFdb(red, 'a', kept[1]!, { state: 'permanent' });
    await learn();
    expect(await known()).toEqual([...MACS, ...kept]);
    await flushFdb(red, 'a');
    expect(await known()).toEqual([MACS[1], ...kept]);
    await learn();
    await flushFdb(red, 'br0');
    expect(await known()).toEqual(kept);
    expect((await listFdb(red, { table: 'master', state: 'static' })).map(({ mac }) => mac)).toContain(
      kept[0],
    );
  });

  test('what cannot be flushed', async () => {
    await using red = await withPorts();
    expect(await failure(flushFdb(red, 'b'))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining(
        "it is neither a bridge nor the port of one; of a vxlan, options say what is flushed: { state: 'dynamic' }",
      ) as string,
    });
    expect(await failure(flushFdb(red, 'nosuch'))).toMatchObject({ code: 'ENODEV' });
  });
});
