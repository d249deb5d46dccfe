// What getLink returns of a link makes the same link again: ip shows both alike.
import {
  createBridge,
  createLink,
  type CreateLinkOptions,
  createNetns,
  createVeth,
  deleteLink,
  getLink,
  listBridgePorts,
  type Netns,
  setBridge,
  setBridgePort,
  setLink,
  type SetLinkOptions,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';
import { EXAMPLES } from '../../support/link-kinds/examples';

/** The kinds that stand on another device. */
const ON_ANOTHER: ReadonlySet<string> = new Set(['ipvlan', 'ipvtap', 'macsec', 'macvlan', 'macvtap']);

/** The kinds of which all options may be given later, too. */
const CHANGED: ReadonlySet<string> = new Set(
  'bond bridge gre gretap ip6gre ip6gretap ip6tnl ipip sit vti vti6'.split(' '),
);

/** What runs by itself. */
const RUNNING = ['gc_timer', 'seq_nr'];

/** What is made of an option that the kernel does not report. */
const UNREPORTED = ['supervision_addr'];

/** The kernel refuses what it reports of it. */
const REFUSED = 'macsec';

async function shownOf(netns: Netns, name: string): Promise<Json> {
  const [{ linkinfo, link, mtu }] = (await ip(netns, 'link', 'show', name)) as [Json];
  const { info_data, info_slave_data, ...info } = linkinfo as Json & {
    info_data?: Json;
    info_slave_data?: Json;
  };
  const still = (data: Json = {}) =>
    Object.entries(data).filter(([field]) => ![...RUNNING, ...UNREPORTED].includes(field));
  return { info, link, mtu, data: still(info_data), port: still(info_slave_data) };
}

const VLANS = 'bridges filter VLANs';

describe('createLink, setLink, getLink', () => {
  for (const kind of new Set(EXAMPLES.map((example) => example.kind))) {
    if (kind === REFUSED) continue;
    const examples = EXAMPLES.filter((one) => one.kind === kind);
    const [first] = examples;
    // without VLAN filtering, a kernel reports that it is off, and refuses it
    const need = kind === 'bridge' ? VLANS : first!.needs;
    testWith(need, `makes the same link again: ${kind}`, async () => {
      await using red = await createNetns();
      await run(red, 'ip', ...'link add lower type veth peer name other'.split(' '));
      for (const { own, needs } of examples) {
        if (needs !== undefined && !kernelHas(needs)) continue;
        const below = ON_ANOTHER.has(kind) ? { link: 'lower' } : {};
        await createLink(red, { kind, name: 'x0', ...below, ...own } as unknown as CreateLinkOptions);
        const listed = (await getLink(red, 'x0')) as unknown as Json & { link?: number };
        const before = await shownOf(red, 'x0');
        const given = { kind, ...(listed[kind] as Json | undefined) };
        // the kernel does not change an external tunnel
        if (CHANGED.has(kind) && own['external'] !== true) {
          await setLink(red, 'x0', given as SetLinkOptions);
          expect([own, await shownOf(red, 'x0')]).toEqual([own, before]);
        }
        await deleteLink(red, 'x0');
        const on = 'link' in below ? { link: listed.link } : {};
        await createLink(red, { name: 'x0', ...on, ...given } as unknown as CreateLinkOptions);
        expect([own, await shownOf(red, 'x0')]).toEqual([own, before]);
        await deleteLink(red, 'x0');
      }
    });
  }

  testWith(VLANS, 'a bridge and its port', async () => {
    await using red = await createNetns();
    await createBridge(red, 'br0', { priority: 4096, mac: '02:00:00:00:00:01' });
    const { bridge = {} } = await getLink(red, 'br0');
    expect(bridge).not.toHaveProperty('unknown');
    const whole = await shownOf(red, 'br0');
    await setBridge(red, 'br0', bridge);
    expect(await shownOf(red, 'br0')).toEqual(whole);
    await createVeth({ netns: red, name: 'v0', bridge: 'br0' }, { netns: red, name: 'v1' });
    await setBridgePort(red, 'v0', { cost: 7, isolated: true });
    const { port = {} } = await getLink(red, 'v0');
    expect(port).not.toHaveProperty('unknown');
    const before = await shownOf(red, 'v0');
    await setBridgePort(red, 'v0', port);
    expect(await shownOf(red, 'v0')).toEqual(before);
    const [listed] = await listBridgePorts(red, 'br0');
    await setBridgePort(red, 'v0', { ...listed!, mtu: 1400, up: true });
    expect(await shownOf(red, 'v0')).toEqual(before);
    await setBridgePort(red, 'v0', { ...listed!, cost: 8 });
    expect(await shownOf(red, 'v0')).toMatchObject({
      port: expect.arrayContaining([['cost', 8]]) as unknown,
    });
    const ofLink = await failure(setBridgePort(red, 'v0', { mtu: 1400 } as object));
    expect(ofLink.message).toMatch(/^mtu: there is no such option/);
    await setBridgePort(red, 'v0', listed!);
    expect(await shownOf(red, 'v0')).toEqual(before);
    await deleteLink(red, 'v0');
    await deleteLink(red, 'br0');
    await createBridge(red, 'br0', { ...bridge, mac: '02:00:00:00:00:01' });
    expect((await shownOf(red, 'br0'))['data']).toEqual(whole['data']);
    const wrong = await failure(setBridge(red, 'br0', { ageing: 5 } as object));
    expect(wrong.message).toMatch(/^ageing: there is no such option/);
  });

  testWith('links of the kind vxlan', 'a vxlan needs a number, or to be external', async () => {
    await using red = await createNetns();
    for (const options of [{ port: 4789 }, { port: 4789, external: false }]) {
      const error = await failure(createLink(red, { kind: 'vxlan', name: 'x0', ...options }));
      expect(error).toMatchObject({
        name: 'TypeError',
        message: 'id: it has to be given, unless external is true',
      });
    }
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).not.toContain('x0');
  });
});
