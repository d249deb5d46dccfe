import { listAddrs } from '../addresses/addresses';
import { defined } from '../common/objects';
import { listLinks } from '../links/links';
import type { Link } from '../links/link-view';
import type { Netns } from '../netns/netns';
import { listRoutes } from '../routes/list-routes';
import { getSysctl } from '../sysctl/sysctls';
import { listQdiscs } from '../traffic/qdiscs';
import { LAB_GROUP, LAB_PROTOCOL } from './marks';
import { readNat } from './nat/read-nat';
import { readRules } from './rules/rules-table';
import { readFlows, shapesOf } from './shaping/device-shape';
import type { LinkThingEnd, ProcessThing, SwitchThing, Thing, Things } from './things';
import { asThings, canonicalAddr, inOrder, keyOf, NO_SWITCH } from './things';

const LINK_LOCAL = /^fe[89ab]/;

/** The namespaces of a lab. */
export interface LabSpaces {
  /** What was started in them by this object. */
  processes: { readonly things: readonly ProcessThing[] };
  /** Where the switches are. */
  switches: Netns;
  nodes: ReadonlyMap<string, Netns>;
}

/** A device of the lab's in a node. */
interface Found {
  node: string;
  link: Link;
}

/** What there is of a lab, of all that is marked as a lab's. Of the sysctls, those that `wanted` has. */
export async function readThings({ switches, nodes, processes }: LabSpaces, wanted: Things): Promise<Things> {
  const inside = await Promise.all([...nodes].map(async ([name, netns]) => readNode(name, netns, wanted)));
  const middle = (await listLinks(switches)).filter(({ group }) => group === LAB_GROUP);
  const bridges = new Map(middle.filter(({ kind }) => kind === 'bridge').map((link) => [link.index, link]));
  const devices = inside.flatMap(({ found }) => found);
  return asThings([
    ...[...bridges.values()].map(toSwitch),
    ...[...nodes.keys()].map((name) => ({ kind: 'node', name }) as const),
    ...portsAndLinks(devices, middle, bridges),
    ...inside.flatMap(({ things }) => things),
    ...processes.things,
  ]);
}

function sysctlsOf(node: string, wanted: Things): string[] {
  return [...wanted.values()].flatMap((thing) =>
    thing.kind === 'sysctl' && thing.node === node ? [thing.name] : [],
  );
}

async function readNode(
  node: string,
  netns: Netns,
  wanted: Things,
): Promise<{ found: Found[]; things: Thing[] }> {
  const links = (await listLinks(netns, { kind: 'veth' })).filter(({ group }) => group === LAB_GROUP);
  const nameOf = new Map(links.map(({ index, name }) => [index, name]));
  const [addrs, routes, qdiscs, nat, digest, values] = await Promise.all([
    listAddrs(netns),
    listRoutes(netns, { table: 'all', protocol: LAB_PROTOCOL }),
    listQdiscs(netns),
    readNat(netns),
    readRules(netns),
    Promise.all(sysctlsOf(node, wanted).map(async (name) => [name, await valueOf(netns, name)] as const)),
  ]);
  const things: Thing[] = [];
  for (const { index, addr, flags } of addrs) {
    const device = nameOf.get(index);
    if (device === undefined || !flags.includes('permanent')) continue;
    const thing = { kind: 'addr', node, device, addr: canonicalAddr(addr) } as const;
    // the kernel itself gives a device its link-local address
    if (!LINK_LOCAL.test(addr) || wanted.has(keyOf(thing))) things.push(thing);
  }
  const shapes = shapesOf(qdiscs);
  for (const [index, device] of nameOf) {
    const shape = shapes.get(index);
    const flows = await readFlows(netns, device, shape, 'latency');
    if (shape?.whole !== undefined) things.push({ kind: 'impairment', node, device, options: shape.whole });
    if (flows.length > 0) things.push({ kind: 'latency', node, device, flows });
  }
  for (const route of routes) {
    const device = route.index === undefined ? undefined : nameOf.get(route.index);
    things.push({ kind: 'route', node, route: { ...route, ...defined({ device }) } });
  }
  if (nat !== undefined) things.push({ kind: 'nat', node, ...nat });
  if (digest !== undefined) things.push({ kind: 'rules', node, digest });
  for (const [name, value] of values) {
    if (value !== undefined) things.push({ kind: 'sysctl', node, name, value });
  }
  return { found: links.map((link) => ({ node, link })), things };
}

/** Undefined of one that is not there yet, as those of conntrack before its module is loaded. */
async function valueOf(netns: Netns, name: string): Promise<string | undefined> {
  return getSysctl(netns, name).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  });
}

function toSwitch({ name, mtu, bridge, flags }: Link): SwitchThing {
  // a kernel without CONFIG_BRIDGE_IGMP_SNOOPING reports nothing of it
  return {
    kind: 'switch',
    name,
    up: flags.includes('up'),
    mtu,
    settings: { multicastSnooping: true, ...bridge },
  };
}

/**
 * Two devices are a pair if each names the other's index, which `createVeth` and `createStar` choose at random. A device whose other end is
 * nowhere is none of the lab's any more.
 */
function* portsAndLinks(
  devices: readonly Found[],
  middle: readonly Link[],
  bridges: ReadonlyMap<number, Link>,
): Generator<Thing> {
  const outer = new Map(middle.map((link) => [link.index, link]));
  const inner = new Map(devices.map((one) => [`${one.link.index} ${one.link.link ?? 0}`, one]));
  const done = new Set<Found>();
  for (const one of devices) {
    const { link } = one;
    const port = link.link === undefined ? undefined : outer.get(link.link);
    if (port?.link === link.index) {
      yield {
        kind: 'port',
        node: one.node,
        device: link.name,
        switch: bridges.get(port.master ?? 0)?.name ?? NO_SWITCH,
        // a process that was killed may have left the port down, and the port alone, whose state a plan then puts right
        up: isUp(one) && port.flags.includes('up'),
        mtu: link.mtu,
        ...defined({ mac: link.mac }),
      };
      continue;
    }
    const other = inner.get(`${link.link ?? 0} ${link.index}`);
    if (other === undefined || done.has(one)) continue;
    done.add(other);
    const ends = inOrder(endOf(one), endOf(other));
    yield { kind: 'link', ends, up: isUp(one) && isUp(other), mtu: link.mtu };
  }
}

function endOf({ node, link: { name, mac } }: Found): LinkThingEnd {
  return { node, device: name, ...defined({ mac }) };
}

function isUp({ link: { flags } }: Found): boolean {
  return flags.includes('up');
}
