import { listAddrs } from '../../addresses/addresses';
import type { Addr } from '../../addresses/addr-view';
import { listLinks } from '../../links/links';
import type { Link } from '../../links/link-view';
import type { Netns } from '../../netns/netns';
import { getNsid } from '../../netns/nsid';
import { listRoutes } from '../../routes/list-routes';
import type { Route } from '../../routes/route-view';
import { listQdiscs } from '../../traffic/qdiscs';
import { listFaultTables } from '../faults/fault-tables';
import { type Loss, readLosses, withoutNetem } from '../faults/impair/without-netem';
import { type SeenFault, seenFaults } from '../faults/seen-faults';
import type { Nat } from '../nat/behavior';
import { readNat } from '../nat/read-nat';
import { type SeenShape, shapesOf } from '../shaping/device-shape';

/** What is seen in a namespace. */
export interface SeenSpace {
  /** undefined of the namespace in which a lab has nothing but its switches. */
  name: string | undefined;
  links: readonly Link[];
  addrs: readonly Addr[];
  routes: readonly Route[];
  /** What becomes of the packets that leave a device, by its index. */
  shapes: Map<number, SeenShape>;
  /** What is lost of the packets that come in by a device, by its name. */
  losses: ReadonlyMap<string, readonly Loss[]>;
  /** What keeps packets from other nodes away. */
  faults: readonly SeenFault[];
  /** That of a router of a lab. */
  nat: Nat | undefined;
}

/** A device, and where it is. */
export interface SeenEnd {
  space: SeenSpace;
  link: Link;
}

/** What is seen in several namespaces. */
export interface Sight {
  spaces: readonly SeenSpace[];
  /** Both ends of the veth pairs that are within these namespaces. */
  pairs: readonly (readonly [SeenEnd, SeenEnd])[];
}

/** A namespace, and what it is called. */
export interface Place {
  name: string | undefined;
  netns: Netns;
}

/** Reads what there is to be drawn. */
export async function lookAt(places: readonly Place[]): Promise<Sight> {
  const seen = await Promise.all(
    places.map(async ({ name, netns }) => ({ netns, space: await lookInto(name, netns) })),
  );
  const pairs = await pairsIn(seen);
  for (const [one, other] of pairs) {
    seeLosses(one, other);
    seeLosses(other, one);
  }
  return { spaces: seen.map(({ space }) => space), pairs };
}

/** Without netem, what a device sends is lost at the other end of its wire. */
function seeLosses({ space: { shapes }, link: { index } }: SeenEnd, opposite: SeenEnd): void {
  const losses = opposite.space.losses.get(opposite.link.name);
  if (losses !== undefined) shapes.set(index, withoutNetem(shapes.get(index), losses));
}

async function lookInto(name: string | undefined, netns: Netns): Promise<SeenSpace> {
  const [links, addrs, routes, qdiscs, tables, nat] = await Promise.all([
    listLinks(netns),
    listAddrs(netns),
    listRoutes(netns),
    listQdiscs(netns),
    listFaultTables(netns),
    readNat(netns),
  ]);
  const shapes = new Map([...shapesOf(qdiscs)].map(([index, shape]) => [index, withoutNetem(shape)]));
  const isLosing = tables.some(({ table }) => table.family === 'netdev');
  const losses = isLosing ? await readLosses(netns) : new Map<string, Loss[]>();
  return { name, links, addrs, routes, shapes, losses, faults: seenFaults(tables), nat };
}

interface Seen {
  netns: Netns;
  space: SeenSpace;
}

interface VethEnd {
  where: Seen;
  link: Link;
}

/**
 * Two devices may be a pair if each names the other's index. Namespaces often use the same small indexes, so that only the number by which
 * the kernel names the other namespace tells whose device it is.
 */
async function pairsIn(seen: readonly Seen[]): Promise<[SeenEnd, SeenEnd][]> {
  const isPair = pairCheck();
  const candidates = [...candidatesIn(seen)];
  const answers = await Promise.all(candidates.map(async ([one, other]) => isPair(one, other)));
  return candidates.flatMap(([one, other], i): [SeenEnd, SeenEnd][] =>
    answers[i] === true ? [[endOf(one), endOf(other)]] : [],
  );
}

function* candidatesIn(seen: readonly Seen[]): Generator<[VethEnd, VethEnd]> {
  const before = new Map<string, VethEnd[]>();
  for (const where of seen) {
    for (const link of where.space.links) {
      if (link.kind !== 'veth' || link.link === undefined) continue;
      const one = { where, link };
      for (const other of before.get(`${link.link} ${link.index}`) ?? []) yield [other, one];
      const key = `${link.index} ${link.link}`;
      before.set(key, [...(before.get(key) ?? []), one]);
    }
  }
}

/** Asks the kernel once for the number that a namespace has in another one. */
function pairCheck(): (one: VethEnd, other: VethEnd) => Promise<boolean> {
  const known = new Map<Seen, Map<Seen, Promise<number | undefined>>>();
  return async (one, other) => {
    const { linkNsid } = one.link;
    if (linkNsid === undefined) return one.where === other.where;
    const ids = known.get(one.where) ?? new Map<Seen, Promise<number | undefined>>();
    known.set(one.where, ids);
    const id = ids.get(other.where) ?? getNsid(one.where.netns, other.where.netns);
    ids.set(other.where, id);
    return (await id) === linkNsid;
  };
}

function endOf({ where, link }: VethEnd): SeenEnd {
  return { space: where.space, link };
}
