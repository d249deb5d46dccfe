// The members of a bond: ip shows what enslaveLink, releaseLink and setLink make of them, and getLink returns what ip shows.
import {
  createLink,
  createNetns,
  createVeth,
  enslaveLink,
  getLink,
  type Netns,
  releaseLink,
  setLink,
  waitForLink,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, type Json, run, until } from '../../support/ip';

const BONDS = 'links of the kinds of tunnels, bond, macsec and team';

/** What ip calls what `bondPort` has. */
const SHOWN: Readonly<Record<string, (port: Json) => unknown>> = {
  state: ({ state }) => String(state).toUpperCase(),
  mii_status: ({ miiStatus }) => String(miiStatus).toUpperCase().replace('-', '_'),
  link_failure_count: ({ failures }) => failures,
  perm_hwaddr: ({ permanentMac }) => permanentMac,
  queue_id: ({ queueId }) => queueId,
  prio: ({ priority }) => priority,
  actor_port_prio: ({ adActorPortPriority }) => adActorPortPriority,
  ad_aggregator_id: ({ adAggregator }) => adAggregator,
  ad_actor_oper_port_state: ({ adActorState }) => adActorState,
  ad_partner_oper_port_state: ({ adPartnerState }) => adPartnerState,
};

/** The states of 802.3ad in words, which are the bits of the numbers beside them. */
const IN_WORDS: ReadonlySet<string> = new Set([
  'ad_actor_oper_port_state_str',
  'ad_partner_oper_port_state_str',
]);

const shown = async (netns: Netns, name: string) => (await ip(netns, 'link', 'show', name))[0]!;

async function expectSamePort(netns: Netns, name: string): Promise<void> {
  const { bondPort } = await getLink(netns, name);
  const { info_slave_kind, info_slave_data } = (await shown(netns, name))['linkinfo'] as Json;
  expect(info_slave_kind).toBe('bond');
  const fields = Object.entries(info_slave_data as Json).filter(([field]) => !IN_WORDS.has(field));
  expect(fields.length).toBeGreaterThan(4);
  for (const [field, value] of fields) {
    expect([field, SHOWN[field]?.(bondPort as unknown as Json)]).toEqual([field, value]);
  }
}

/** The pairs a0 and a1, c0 and c1. */
async function withPairs(): Promise<Netns> {
  const netns = await createNetns('red');
  for (const name of ['a', 'c'])
    await createVeth({ netns, name: `${name}0` }, { netns, name: `${name}1`, up: true });
  return netns;
}

describe('enslaveLink, releaseLink, setLink, getLink', () => {
  testWith(BONDS, 'a device joins a bond, changes over to another one, and leaves', async () => {
    await using red = await withPairs();
    await createLink(red, { kind: 'bond', name: 'b0', mode: 'balance-rr' });
    await createLink(red, { kind: 'bond', name: 'b1', mode: 'balance-rr' });
    for (const bond of ['b0', 'b1']) {
      await enslaveLink(red, 'a0', bond);
      expect((await shown(red, 'a0'))['master']).toBe(bond);
      expect((await getLink(red, 'a0')).master).toBe((await getLink(red, bond)).index);
      await expectSamePort(red, 'a0');
    }
    await releaseLink(red, 'a0');
    expect(await shown(red, 'a0')).not.toHaveProperty('master');
    expect(await getLink(red, 'a0')).not.toHaveProperty('bondPort');
    expect(await failure(enslaveLink(red, 'a0', 'b9'))).toMatchObject({ code: 'ENODEV' });
  });

  testWith(BONDS, 'two members of a bond of 802.3ad', async () => {
    await using red = await withPairs();
    const own = { adSelect: 'bandwidth', adActorSystemPriority: 1, adUserPortKey: 1 } as const;
    await createLink(red, { kind: 'bond', name: 'b0', mode: '802.3ad', miimon: 100, ...own, up: true });
    for (const name of ['a0', 'c0']) await enslaveLink(red, name, 'b0');
    const slaveData = async (name: string) =>
      ((await shown(red, name))['linkinfo'] as { info_slave_data: Json }).info_slave_data;
    for (const name of ['a0', 'c0']) {
      await until(async () => 'ad_aggregator_id' in (await slaveData(name)));
      expect((await shown(red, name))['master']).toBe('b0');
      const port = (await getLink(red, name)).bondPort;
      for (const field of ['adAggregator', 'adActorState', 'adPartnerState'])
        expect(port).toHaveProperty(field);
      await expectSamePort(red, name);
    }
  });

  testWith(BONDS, 'what a bond is told of a member', async () => {
    await using red = await withPairs();
    await createLink(red, { kind: 'bond', name: 'b0', mode: 'active-backup', miimon: 100, up: true });
    for (const name of ['a0', 'c0']) await enslaveLink(red, name, 'b0');
    const slaveData = async (name: string) =>
      ((await shown(red, name))['linkinfo'] as { info_slave_data: Json }).info_slave_data;
    await setLink(red, 'a0', { bondPort: { queueId: 3 }, txQueueLength: 77 });
    await run(red, 'ip', ...'link set c0 type bond_slave queue_id 4'.split(' '));
    expect(await shown(red, 'a0')).toMatchObject({ txqlen: 77 });
    expect([await slaveData('a0'), await slaveData('c0')]).toMatchObject([{ queue_id: 3 }, { queue_id: 4 }]);
    const known = (await getLink(red, 'a0')).bondPort?.priority !== undefined;
    if (known) {
      await setLink(red, 'a0', { bondPort: { priority: -5 } });
      await run(red, 'ip', ...'link set c0 type bond_slave prio 6'.split(' '));
      expect([await slaveData('a0'), await slaveData('c0')]).toMatchObject([{ prio: -5 }, { prio: 6 }]);
    } else {
      const error = await failure(setLink(red, 'a0', { bondPort: { priority: -5 } }));
      expect(error).toMatchObject({ code: 'EOPNOTSUPP', option: 'priority' });
    }
    for (const name of ['a0', 'c0']) await expectSamePort(red, name);
    const priority = await failure(setLink(red, 'a0', { bondPort: { adActorPortPriority: 5 } }));
    expect(priority).toMatchObject({ code: 'EOPNOTSUPP', option: 'adActorPortPriority' });
    expect(await failure(setLink(red, 'a0', { bondPort: { queueId: 999 } }))).toMatchObject({
      ...{ name: 'NetlinkError', code: 'EPERM' },
    });
  });

  testWith(BONDS, 'the priority of a port of 802.3ad, where the kernel has one', async () => {
    await using red = await withPairs();
    await createLink(red, { kind: 'bond', name: 'b0', mode: '802.3ad', miimon: 100, up: true });
    await enslaveLink(red, 'a0', 'b0');
    const setting = setLink(red, 'a0', { bondPort: { adActorPortPriority: 1000 } });
    if ((await getLink(red, 'a0')).bondPort?.adActorPortPriority === undefined) {
      expect(await failure(setting)).toMatchObject({ code: 'EOPNOTSUPP', option: 'adActorPortPriority' });
      return;
    }
    await setting;
    expect(await run(red, 'cat', '/proc/net/bonding/b0')).toContain('port priority: 1000');
    expect((await getLink(red, 'a0')).bondPort).toMatchObject({ adActorPortPriority: 1000 });
  });

  test('what is no member of a bond, be it the port of a bridge', async () => {
    await using red = await withPairs();
    await createLink(red, { kind: 'bridge', name: 'br0' });
    await enslaveLink(red, 'c0', 'br0');
    for (const name of ['a0', 'c0']) {
      const before = await shown(red, name);
      const error = await failure(setLink(red, name, { bondPort: { queueId: 1 } }));
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP' });
      expect(error.message).toContain('it is not the member of a bond');
      expect(await shown(red, name)).toEqual(before);
    }
    expect(await failure(setLink(red, 'nosuch', { bondPort: {} }))).toMatchObject({ code: 'ENODEV' });
  });

  testWith(BONDS, 'the member that sends is another one, and then leaves', async () => {
    await using red = await withPairs();
    await createLink(red, { kind: 'bond', name: 'b0', mode: 'active-backup', miimon: 100, up: true });
    for (const name of ['a0', 'c0']) await enslaveLink(red, name, 'b0');
    for (const name of ['a0', 'c0'])
      await waitForLink(red, name, { up: true, carrier: true, timeout: 10_000 });
    const active = async () =>
      ((await shown(red, 'b0'))['linkinfo'] as { info_data: Json }).info_data['active_slave'];
    for (const name of ['a0', 'c0', 'c0', 'a0']) {
      await setLink(red, 'b0', { kind: 'bond', activeSlave: name });
      expect(await active()).toBe(name);
      const { bond } = await getLink(red, 'b0');
      const { index, bondPort } = await getLink(red, name);
      expect(bond?.activeSlave).toBe(index);
      expect(bondPort?.state).toBe('active');
      await expectSamePort(red, name);
    }
    await releaseLink(red, 'a0');
    expect(await active()).toBe('c0');
    const error = await failure(setLink(red, 'b0', { kind: 'bond', activeSlave: 'a0' }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
  });
});
