// Each kind of link, made by createLink and by ip: ip shows both alike, and getLink returns all that ip shows of its own.
import {
  createLink,
  type CreateLinkOptions,
  createNetns,
  getLink,
  type Link,
  type Netns,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';

type Kind = keyof typeof SHOWN;

interface Example {
  kind: Kind;
  needs: Capability;
  /** The options of its own. */
  own: Readonly<Record<string, unknown>>;
  /** What ip has in place of them. */
  words: string;
  /** How ip goes on, of what it cannot give at creation. */
  then?: string;
}

type View = Readonly<Record<string, unknown>>;

/** What `ip -d -j link` calls what `getLink` returns. */
const MACVLAN: Readonly<Record<string, (view: View) => unknown>> = {
  mode: ({ mode }) => mode,
  nopromisc: ({ noPromiscuous }) => noPromiscuous,
  nodst: ({ noDestinationCheck }) => noDestinationCheck,
  bcqueuelen: ({ broadcastQueueLength }) => broadcastQueueLength,
  usedbcqueuelen: ({ broadcastQueueLengthUsed }) => broadcastQueueLengthUsed,
  macaddr_count: ({ macs }) => (macs as string[]).length,
  macaddr_data: ({ macs }) => macs,
};
const IPVLAN: typeof MACVLAN = {
  mode: ({ mode }) => mode,
  bridge: ({ flag }) => flag === 'bridge',
  private: ({ flag }) => flag === 'private',
  vepa: ({ flag }) => flag === 'vepa',
};
const SHOWN = {
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  ipvlan: IPVLAN,
  ipvtap: IPVLAN,
  vrf: { table: ({ table }: View) => table },
  dummy: {},
  ifb: {},
  nlmon: {},
} satisfies Readonly<Record<string, typeof MACVLAN>>;

const MACVLANS = 'links of the kind macvlan';
const OTHERS = 'links of the kinds ipvlan, nlmon and vrf';

const MODES = ['private', 'vepa', 'bridge', 'passthru'];
const FLAGS = ['bridge', 'private', 'vepa'];

const macvlans = (kind: Kind): Example[] => [
  { kind, needs: MACVLANS, own: {}, words: '' },
  ...MODES.map((mode) => ({ kind, needs: MACVLANS, own: { mode }, words: `mode ${mode}` }) as const),
  {
    ...{ kind, needs: MACVLANS, own: { mode: 'passthru', noPromiscuous: true } },
    words: 'mode passthru nopromisc',
  },
  {
    ...{ kind, needs: MACVLANS, own: { mode: 'source', macs: ['02:00:00:00:00:01'] } },
    ...{ words: 'mode source', then: 'macaddr set 02:00:00:00:00:01' },
  },
];

const ipvlans = (kind: Kind): Example[] => [
  { kind, needs: OTHERS, own: {}, words: '' },
  ...['l2', 'l3', 'l3s'].flatMap((mode) =>
    FLAGS.map(
      (flag) => ({ kind, needs: OTHERS, own: { mode, flag }, words: `mode ${mode} ${flag}` }) as const,
    ),
  ),
];

const EXAMPLES: readonly Example[] = [
  ...macvlans('macvlan'),
  ...macvlans('macvtap'),
  ...ipvlans('ipvlan'),
  ...ipvlans('ipvtap'),
  { kind: 'vrf', needs: OTHERS, own: { table: 1000 }, words: 'table 1000' },
  { kind: 'dummy', needs: 'links of the kind dummy', own: {}, words: '' },
  { kind: 'ifb', needs: MACVLANS, own: {}, words: '' },
  { kind: 'nlmon', needs: OTHERS, own: {}, words: '' },
];

/** The kinds that stand on another device. */
const ON_ANOTHER: ReadonlySet<string> = new Set(['macvlan', 'macvtap', 'ipvlan', 'ipvtap']);

async function withLower(): Promise<Netns> {
  const netns = await createNetns();
  await run(netns, 'ip', 'link', 'add', 'lower', 'type', 'veth', 'peer', 'name', 'other');
  return netns;
}

const ownOf = (shown: Json): Json => (shown['linkinfo'] as { info_data?: Json }).info_data ?? {};
const viewOf = (link: Link, kind: string): View => (link as unknown as Record<string, View>)[kind] ?? {};

describe('createLink, getLink', () => {
  for (const { kind, needs, own, words, then } of EXAMPLES) {
    testWith(needs, `${kind} ${JSON.stringify(own)}`, async () => {
      await using ours = await withLower();
      await using theirs = await withLower();
      const below = ON_ANOTHER.has(kind) ? { link: 'lower' } : {};
      const options = { kind, name: 'x0', ...below, ...own } as unknown as CreateLinkOptions;
      await createLink(ours, options);
      const on = ON_ANOTHER.has(kind) ? ['link', 'lower'] : [];
      await run(theirs, 'ip', ...`link add ${on.join(' ')} name x0 type ${kind} ${words}`.trim().split(/ +/));
      if (then !== undefined) await run(theirs, 'ip', ...`link set x0 type ${kind} ${then}`.split(' '));
      const [shown, asMade] = [await ip(ours, 'link'), await ip(theirs, 'link')].map((links) => {
        const found = links.find(({ ifname }) => ifname === 'x0');
        if (found === undefined) throw new Error('x0 is missing');
        return found;
      }) as [Json, Json];
      const alike = ['link', 'flags', 'mtu', 'link_type', 'linkinfo'];
      for (const name of alike) expect([name, shown[name]]).toEqual([name, asMade[name]]);
      for (const netns of [ours, theirs]) {
        const view = viewOf(await getLink(netns, 'x0'), kind);
        expect(view).toMatchObject(own);
        const fields: Readonly<Record<string, (seen: View) => unknown>> = SHOWN[kind];
        for (const [name, value] of Object.entries(ownOf(shown))) {
          // a field that is not in the table is one that getLink does not return
          expect([name, fields[name]?.(view)]).toEqual([name, value]);
        }
      }
    });
  }

  testWith(MACVLANS, 'an option that the kernel would ignore is refused, and nothing is left', async () => {
    await using red = await withLower();
    const options = { kind: 'macvlan', name: 'x0', link: 'lower', broadcastQueueLength: 2000 } as const;
    await run(red, 'ip', ...'link add link lower name y0 type macvlan bcqueuelen 3000'.split(' '));
    const theirs = ownOf((await ip(red, 'link', 'show', 'y0'))[0]!);
    await run(red, 'ip', 'link', 'delete', 'y0');
    if ('bcqueuelen' in theirs) {
      await createLink(red, options);
      expect(ownOf((await ip(red, 'link', 'show', 'x0'))[0]!)).toMatchObject({ bcqueuelen: 2000 });
      return;
    }
    const error = await failure(createLink(red, options));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'broadcastQueueLength' });
    expect(error.message).toContain('this kernel does not know it, and would ignore it');
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).not.toContain('x0');
  });

  testWith(MACVLANS, 'what the kernel refuses of a kind', async () => {
    await using red = await withLower();
    await createLink(red, { kind: 'macvlan', name: 'whole', link: 'lower', mode: 'passthru' });
    const second = { kind: 'macvlan', name: 'second', link: 'lower', mode: 'bridge' } as const;
    expect(await failure(createLink(red, second))).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    const nowhere = { kind: 'macvlan', name: 'third', link: 'nosuch' } as const;
    expect(await failure(createLink(red, nowhere))).toMatchObject({ code: 'ENODEV' });
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).not.toContain('second');
  });
});
