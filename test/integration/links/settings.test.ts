// What few programs set of a link, by setLink and by ip: ip shows both alike, and getLink returns what ip shows.
import {
  type AllLinkOptions,
  createLink,
  createNetns,
  createVeth,
  getLink,
  type Link,
  type Netns,
  setLink,
} from '../../../lib';
import { type Capability, kernelHas, testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';

interface Setting {
  /** On which device; a veth by default. */
  on?: 'dummy' | 'macvlan';
  set: AllLinkOptions;
  words: string;
  /** What ip shows then. */
  shown: Json;
  /** What getLink returns then. */
  link: (link: Link) => unknown;
  /** What that is to be, where it is not what was set. */
  is?: unknown;
}

const details = (name: keyof NonNullable<Link['details']>) => (link: Link) => link.details?.[name];
const flag = (name: string) => (link: Link) => link.flags.includes(name);
const FLAGS = (...flags: string[]) => ({ flags: expect.arrayContaining(flags) as string[] });

const SETTINGS: readonly Setting[] = [
  {
    ...{ set: { broadcast: '02:ff:ff:ff:ff:ff' }, words: 'broadcast 02:ff:ff:ff:ff:ff' },
    ...{ shown: { broadcast: '02:ff:ff:ff:ff:ff' }, link: details('broadcast'), is: '02:ff:ff:ff:ff:ff' },
  },
  {
    ...{ set: { allMulticast: true }, words: 'allmulticast on' },
    ...{ shown: FLAGS('ALLMULTI'), link: flag('allmulti'), is: true },
  },
  {
    ...{ set: { multicast: false }, words: 'multicast off' },
    ...{ shown: { flags: expect.not.arrayContaining(['MULTICAST']) as string[] } },
    ...{ link: flag('multicast'), is: false },
  },
  {
    ...{ set: { linkMode: 'dormant' }, words: 'mode dormant' },
    ...{ shown: { linkmode: 'DORMANT' }, link: details('linkMode'), is: 'dormant' },
  },
  {
    ...{ set: { gsoMaxSize: 30_000 }, words: 'gso_max_size 30000' },
    ...{ shown: { gso_max_size: 30_000 }, link: details('gsoMaxSize'), is: 30_000 },
  },
  {
    ...{ set: { gsoMaxSegments: 100 }, words: 'gso_max_segs 100' },
    ...{ shown: { gso_max_segs: 100 }, link: details('gsoMaxSegments'), is: 100 },
  },
  {
    ...{ on: 'dummy', set: { carrier: false }, words: 'carrier off' },
    ...{
      shown: { flags: expect.not.arrayContaining(['LOWER_UP']) as string[] },
      link: ({ carrier }) => carrier,
      is: false,
    },
  },
  {
    ...{ on: 'macvlan', set: { protoDown: true }, words: 'protodown on' },
    ...{ shown: { proto_down: true }, link: details('protoDown'), is: true },
  },
];

const NEEDS: Readonly<Record<string, Capability>> = {
  dummy: 'links of the kind dummy',
  macvlan: 'links of the kind macvlan',
};

async function withDevice(on: Setting['on']): Promise<Netns> {
  const netns = await createNetns();
  await run(netns, 'ip', ...'link add lower up type veth peer name other'.split(' '));
  if (on === 'dummy') await run(netns, 'ip', ...'link add x0 up type dummy'.split(' '));
  if (on === 'macvlan') await run(netns, 'ip', ...'link add link lower name x0 type macvlan'.split(' '));
  if (on === undefined) await run(netns, 'ip', ...'link add x0 type veth peer name x1'.split(' '));
  return netns;
}

const shownOf = async (netns: Netns) => (await ip(netns, 'link', 'show', 'x0'))[0]!;
const linkOf = async (netns: Netns) => getLink(netns, 'x0', { details: true });

describe('setLink, createLink, getLink', () => {
  for (const { on, set, words, shown, link, is } of SETTINGS) {
    testWith(on && NEEDS[on], words, async () => {
      await using ours = await withDevice(on);
      await using theirs = await withDevice(on);
      expect(await shownOf(ours)).not.toMatchObject(shown);
      await setLink(ours, 'x0', set);
      await run(theirs, 'ip', ...`link set x0 ${words}`.split(' '));
      for (const netns of [ours, theirs]) {
        expect(await shownOf(netns)).toMatchObject(shown);
        expect(link(await linkOf(netns))).toBe(is);
      }
      const fields = Object.keys(shown);
      const [left, right] = [await shownOf(ours), await shownOf(theirs)];
      for (const field of fields) expect(left[field]).toEqual(right[field]);
    });
  }

  test.each(['groMaxSize', 'gsoIpv4MaxSize', 'groIpv4MaxSize'] as const)(
    '%s is set, or refused by kernels that would ignore it',
    async (name) => {
      await using red = await withDevice(undefined);
      const known = (await linkOf(red)).details?.[name] !== undefined;
      const making = async () => {
        await setLink(red, 'x0', { [name]: 20_000 });
        return createLink(red, { kind: 'bridge', name: 'br0', [name]: 20_000 });
      };
      if (known) {
        await making();
        const field = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        for (const device of ['x0', 'br0']) {
          const [seen] = await ip(red, 'link', 'show', device);
          // ip (6.1) does not know the ones of IPv4
          if (field in seen!) expect(seen).toMatchObject({ [field]: 20_000 });
          expect((await getLink(red, device, { details: true })).details?.[name]).toBe(20_000);
        }
        return;
      }
      expect(await failure(setLink(red, 'x0', { [name]: 20_000 }))).toMatchObject({
        ...{ name: 'NetlinkError', code: 'EOPNOTSUPP', option: name },
      });
      const creating = createLink(red, { kind: 'bridge', name: 'br0', [name]: 20_000 });
      expect(await failure(creating)).toMatchObject({ code: 'EOPNOTSUPP', option: name });
      expect((await ip(red, 'link')).map(({ ifname }) => ifname)).not.toContain('br0');
    },
  );

  test('all that a new link can have', async () => {
    await using red = await createNetns();
    await createLink(red, {
      ...{ kind: 'veth', name: 'x0', index: 500, txQueues: 3, rxQueues: 2, group: 5, linkMode: 'dormant' },
      ...{ broadcast: '02:ff:ff:ff:ff:ff', multicast: false, allMulticast: true, gsoMaxSize: 20_000 },
      peer: { name: 'x1', index: 400, broadcast: '02:ff:ff:ff:ff:fe', txQueues: 2, group: 6 },
    });
    const shown = (await ip(red, 'link')).filter(({ ifname }) => String(ifname).startsWith('x'));
    expect(shown.map(({ ifname, ifindex }) => [ifname, ifindex])).toEqual([
      ['x1', 400],
      ['x0', 500],
    ]);
    expect(shown[1]).toMatchObject({
      ...{ broadcast: '02:ff:ff:ff:ff:ff', group: '5', num_tx_queues: 3, gso_max_size: 20_000 },
      ...{ linkmode: 'DORMANT', ...FLAGS('ALLMULTI') },
    });
    expect(shown[1]!['flags']).not.toContain('MULTICAST');
    expect(shown[0]).toMatchObject({ broadcast: '02:ff:ff:ff:ff:fe', group: '6', num_tx_queues: 2 });
    if (kernelHas('devices report how many receive queues they have')) {
      expect(shown[1]).toMatchObject({ num_rx_queues: 2 });
    }
  });

  test('an index that a device has is refused, whichever end of a pair is to have it', async () => {
    await using red = await createNetns();
    await createLink(red, { kind: 'bridge', name: 'br0', index: 77, txQueues: 4 });
    expect((await ip(red, 'link', 'show', 'br0'))[0]).toMatchObject({ ifindex: 77, num_tx_queues: 4 });
    const taken = [
      createLink(red, { kind: 'bridge', name: 'br1', index: 77 }),
      createLink(red, { kind: 'veth', name: 'v0', peer: { name: 'v1', index: 77 } }),
      createVeth({ netns: red, name: 'v0', index: 77 }, { netns: red, name: 'v1' }),
      createVeth({ netns: red, name: 'v0' }, { netns: red, name: 'v1', index: 77 }),
    ];
    for (const one of taken) {
      const error = await failure(one);
      expect(error.name).toBe('NetlinkError');
      expect(error).toHaveProperty('code', expect.stringMatching(/^(EEXIST|EBUSY)$/));
      expect(error.message).toContain('a device has the index 77 already');
    }
    const made = (await ip(red, 'link')).map(({ ifname }) => String(ifname));
    expect(made.filter((name) => /^(br|v\d)/.test(name))).toEqual(['br0']);
  });

  test.each([
    [{ index: 300 }, {}],
    [{}, { index: 300 }],
    [{ index: 300 }, { index: 301 }],
    [{ index: 301 }, { index: 300 }],
  ])('a pair over two namespaces, with %p and %p', async (first, second) => {
    await using red = await createNetns();
    await using blue = await createNetns();
    const broadcast = '02:ff:ff:ff:ff:ff';
    const made = await createVeth(
      { netns: red, name: 'v0', ...first, broadcast },
      { netns: blue, name: 'v1', ...second, broadcast },
    );
    const shown = [(await ip(red, 'link', 'show', 'v0'))[0], (await ip(blue, 'link', 'show', 'v1'))[0]];
    expect(shown).toMatchObject([
      { ifindex: made[0].index, ...('index' in first && { ifindex: first.index }), broadcast },
      { ifindex: made[1].index, ...('index' in second && { ifindex: second.index }), broadcast },
    ]);
  });

  test('the last bits of the IPv6 addresses that a device gives itself', async () => {
    await using red = await withDevice(undefined);
    const token = async () => (await run(red, 'ip', 'token', 'list', 'dev', 'x0')).trim();
    expect((await linkOf(red)).details).not.toHaveProperty('ipv6Token');
    await setLink(red, 'x0', { ipv6Token: '::7' });
    expect(await token()).toBe('token ::7 dev x0');
    await run(red, 'ip', 'token', 'set', '::8', 'dev', 'x0');
    expect((await linkOf(red)).details?.ipv6Token).toBe('::8');
    await setLink(red, 'x0', { ipv6Token: '::' });
    expect(await token()).toBe('token :: dev x0');
    expect((await linkOf(red)).details).not.toHaveProperty('ipv6Token');
    await createLink(red, { kind: 'bridge', name: 'br0', ipv6Token: '::9', up: true });
    expect((await getLink(red, 'br0', { details: true })).details?.ipv6Token).toBe('::9');
    const error = await failure(setLink(red, 'lo', { ipv6Token: '::7' }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
  });

  test('what a device does not take', async () => {
    await using red = await withDevice(undefined);
    expect(await failure(setLink(red, 'x0', { carrier: false }))).toMatchObject({ code: 'EOPNOTSUPP' });
    expect(await failure(setLink(red, 'x0', { protoDown: true }))).toMatchObject({ code: 'EOPNOTSUPP' });
    const large = setLink(red, 'x0', { gsoMaxSize: 0xffffffff });
    expect(await failure(large)).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    const gone = setLink(red, 'nosuch', { groMaxSize: 1000 });
    expect(await failure(gone)).toMatchObject({ code: 'ENODEV' });
    const queues = createLink(red, { kind: 'veth', name: 'v0', txQueues: 5000 });
    await expect(queues).rejects.toThrow('txQueues: expected an integer from 1 to 4096, got 5000');
  });
});
