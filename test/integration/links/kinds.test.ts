// Each kind of link, made by createLink and by ip: ip shows both alike, and getLink returns all that ip shows of its own.
import {
  createLink,
  type CreateLinkOptions,
  createNetns,
  deleteLink,
  getLink,
  type Link,
  type Netns,
  setLink,
  type SetLinkOptions,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';
import { CHANGES } from '../../support/link-kinds/changes';
import { EXAMPLES } from '../../support/link-kinds/examples';
import { SHOWN } from '../../support/link-kinds/shown';
import type { Example, View } from '../../support/link-kinds/types';

const MACVLANS = 'links of the kind macvlan';

/** The kinds that stand on another device. */
const ON_ANOTHER: ReadonlySet<string> = new Set(['ipvlan', 'ipvtap', 'macsec', 'macvlan', 'macvtap', 'vlan']);

async function withLower(): Promise<Netns> {
  const netns = await createNetns();
  await run(netns, 'ip', ...'link add lower address 02:00:00:00:00:10 type veth peer name other'.split(' '));
  return netns;
}

function optionsOf(kind: string, own: View): CreateLinkOptions {
  const below = ON_ANOTHER.has(kind) ? { link: 'lower' } : {};
  return { kind, name: 'x0', ...below, ...own } as unknown as CreateLinkOptions;
}

/** The same in the words of ip. */
function addWords(kind: string, words: string): string[] {
  const below = ON_ANOTHER.has(kind) ? 'link lower' : '';
  return `link add ${below} name x0 type ${kind} ${words}`.trim().split(/ +/);
}

async function shownOf(netns: Netns): Promise<Json> {
  const found = (await ip(netns, 'link')).find(({ ifname }) => ifname === 'x0');
  if (found === undefined) throw new Error('x0 is missing');
  return still(found);
}

/** The options as getLink returns them: a device's name is its index there. */
async function reported(netns: Netns, own: View, unreported: readonly string[] = []): Promise<View> {
  const indexes = new Map((await ip(netns, 'link')).map(({ ifname, ifindex }) => [ifname, ifindex]));
  const entries = Object.entries(own).filter(([name]) => !unreported.includes(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, indexes.get(value) ?? value]));
}

const ownOf = (shown: Json): Json => (shown['linkinfo'] as { info_data?: Json }).info_data ?? {};
const viewOf = (link: Link, kind: string): View => (link as unknown as Record<string, View>)[kind] ?? {};

/** What runs by itself: a bridge looks for what has aged. */
const RUNNING = ['gc_timer'];

function still(shown: Json): Json {
  const own = Object.entries(ownOf(shown)).filter(([name]) => !RUNNING.includes(name));
  const info = shown['linkinfo'] as Json;
  return { ...shown, linkinfo: 'info_data' in info ? { ...info, info_data: Object.fromEntries(own) } : info };
}

/** Those of a kind that need the same. */
function groups(examples: readonly Example[]): (readonly [Example, readonly Example[]])[] {
  const keyOf = ({ kind, needs }: Example) => JSON.stringify([kind, needs]);
  const firsts = examples.filter(
    (one, i) => examples.findIndex((other) => keyOf(other) === keyOf(one)) === i,
  );
  return firsts.map((first) => [first, examples.filter((one) => keyOf(one) === keyOf(first))]);
}

/** Makes one by createLink and by ip: ip shows both alike, and getLink returns all that ip shows. */
async function compare(ours: Netns, theirs: Netns, example: Example): Promise<void> {
  const { kind, own, words, then, unreported } = example;
  await createLink(ours, optionsOf(kind, own));
  await run(theirs, 'ip', ...addWords(kind, words));
  if (then !== undefined) await run(theirs, 'ip', ...`link set x0 type ${kind} ${then}`.split(' '));
  const [shown, asMade] = [await shownOf(ours), await shownOf(theirs)];
  const alike = ['link', 'flags', 'mtu', 'link_type', 'linkinfo'];
  for (const name of alike) expect([words, name, shown[name]]).toEqual([words, name, asMade[name]]);
  for (const netns of [ours, theirs]) {
    const view = viewOf(await getLink(netns, 'x0'), kind);
    expect(view).toMatchObject(await reported(netns, own, unreported));
    for (const [name, value] of Object.entries(ownOf(shown))) {
      // a field that is not in the table is one that getLink does not return
      expect([words, name, SHOWN[kind]?.[name]?.(view)]).toEqual([words, name, value]);
    }
  }
}

describe('createLink, setLink, getLink', () => {
  // all of a kind in one test, because another kernel takes seconds for what is around a test
  for (const [{ kind, needs }, examples] of groups(EXAMPLES)) {
    testWith(
      needs,
      `${examples.length} of the kind ${kind}${needs === undefined ? '' : `, by ${needs}`}`,
      async () => {
        await using ours = await withLower();
        await using theirs = await withLower();
        for (const example of examples) {
          await compare(ours, theirs, example);
          await deleteLink(ours, 'x0');
          await run(theirs, 'ip', 'link', 'delete', 'x0');
        }
      },
    );
  }

  for (const { kind, needs, first, words, steps } of CHANGES) {
    testWith(needs, `setLink: ${kind} ${steps.map(([, step]) => step).join(', ')}`, async () => {
      await using ours = await withLower();
      await using theirs = await withLower();
      await createLink(ours, optionsOf(kind, first));
      await run(theirs, 'ip', ...addWords(kind, words));
      let whole = first;
      for (const [change, step] of steps) {
        const before = (await shownOf(theirs))['linkinfo'];
        await setLink(ours, 'x0', { kind, ...change } as unknown as SetLinkOptions);
        await run(theirs, 'ip', ...`link set x0 type ${kind} ${step}`.split(' '));
        const shown = (await shownOf(theirs))['linkinfo'];
        expect([step, (await shownOf(ours))['linkinfo']]).toEqual([step, shown]);
        expect([step, shown]).not.toEqual([step, before]);
        whole = { ...whole, ...change };
        expect(viewOf(await getLink(ours, 'x0'), kind)).toMatchObject(await reported(ours, whole));
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

  testWith('links of the kind vxlan', 'a vxlan of several numbers, or the option is refused', async () => {
    await using red = await createNetns();
    await run(red, 'ip', ...'link add y0 type vxlan external vnifilter dstport 4789'.split(' '));
    const known = 'vnifilter' in ownOf((await ip(red, 'link', 'show', 'y0'))[0]!);
    await run(red, 'ip', 'link', 'delete', 'y0');
    const making = createLink(red, {
      kind: 'vxlan',
      name: 'x0',
      external: true,
      vniFilter: true,
      port: 4789,
    });
    if (known) {
      await making;
      expect(ownOf((await ip(red, 'link', 'show', 'x0'))[0]!)).toMatchObject({
        external: true,
        vnifilter: true,
      });
      expect((await getLink(red, 'x0')).vxlan).toMatchObject({ external: true, vniFilter: true });
      return;
    }
    expect(await failure(making)).toMatchObject({ code: 'EOPNOTSUPP', option: 'vniFilter' });
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
