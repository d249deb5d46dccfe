import { addAddr, listAddrs } from '../../addresses/addresses';
import type { Addr } from '../../addresses/addr-view';
import { allDone } from '../../common/all-done';
import { takingBack } from '../../common/take-back';
import { seeCarrier } from '../../links/carrier';
import { getLink } from '../../links/links';
import { setLink } from '../../links/set-link';
import { ignoring } from '../../netlink/error';
import { listRoutes } from '../../routes/list-routes';
import type { Route } from '../../routes/route-view';
import { addRoute } from '../../routes/routes';
import { LAB_PROTOCOL } from '../marks';
import type { Things } from '../things';
import { changeMark } from './device-mark';
import type { Wire, WireEnd } from './wire';

/** What a node loses when its device is set down, other than the lab's own. */
interface Lost {
  readonly addrs: readonly Addr[];
  readonly routes: readonly Route[];
}

/** A wire that is pulled out. */
interface Pulled {
  readonly holders: Set<string>;
  readonly lost: Lost;
}

/** The wires of a lab that faults have pulled out. One that two faults have pulled is plugged in again with the end of the second one. */
export class PulledWires {
  readonly #pulled = new Map<string, Pulled>();

  /** `things` are what there is to be. */
  constructor(private readonly things: () => Things) {}

  async pull(wires: readonly Wire[], holder: string): Promise<void> {
    const work = allDone(wires.map(async (wire) => this.#pullOne(wire, holder)));
    await work.catch(async (error: unknown) => takingBack(error, async () => this.plug(wires, holder)));
  }

  /** Devices that are gone are as good as plugged in. */
  async plug(wires: readonly Wire[], holder: string): Promise<void> {
    await allDone(wires.map(async (wire) => this.#plugOne(wire, holder).catch(ignoring('ENODEV'))));
  }

  async #pullOne({ outer }: Wire, holder: string): Promise<void> {
    const key = keyOf(outer);
    const there = this.#pulled.get(key);
    if (there !== undefined) {
      there.holders.add(holder);
      return;
    }
    const lost = await lostBy(outer);
    this.#pulled.set(key, { holders: new Set([holder]), lost });
    await changeMark(outer, { cut: true });
    await setLink(outer.netns, outer.device, { up: false });
  }

  async #plugOne({ inner, outer }: Wire, holder: string): Promise<void> {
    const pulled = this.#pulled.get(keyOf(outer));
    if (pulled === undefined) return;
    pulled.holders.delete(holder);
    if (pulled.holders.size > 0) return;
    this.#pulled.delete(keyOf(outer));
    if (!outer.netns.open || !inner.netns.open) return;
    await plugIn(outer);
    await giveBack(outer, pulled.lost, this.things());
    for (const { netns, device } of [inner, outer]) {
      const { index } = await getLink(netns, device);
      await seeCarrier(netns, [index], { operation: 'plug in', device });
    }
  }
}

/** Sets the end of a wire up. */
export async function plugIn(end: Omit<WireEnd, 'node'>): Promise<void> {
  await setLink(end.netns, end.device, { up: true });
  await changeMark(end, { cut: undefined });
}

function keyOf({ node = '', device }: WireEnd): string {
  return `${node} ${device}`;
}

/** The kernel takes the routes of a device that is set down, and its addresses of IPv6. A port of a switch has neither. */
async function lostBy({ netns, node, device }: WireEnd): Promise<Lost> {
  if (node === undefined) return { addrs: [], routes: [] };
  const { index } = await getLink(netns, device);
  const [addrs, routes] = await Promise.all([
    listAddrs(netns, { device }),
    listRoutes(netns, { table: 'all' }),
  ]);
  return {
    addrs: addrs.filter(
      ({ family, scope, flags }) => family === 6 && scope !== 'link' && flags.includes('permanent'),
    ),
    routes: routes.filter(
      (route) =>
        route.protocol !== 'kernel' &&
        route.protocol !== LAB_PROTOCOL &&
        [route, ...(route.nexthops ?? [])].some((way) => way.index === index),
    ),
  };
}

const IF_THERE = { ifExists: 'ignore' } as const;

async function giveBack({ netns, node, device }: WireEnd, lost: Lost, things: Things): Promise<void> {
  if (node === undefined) return;
  const own = [...things.values()];
  const addrs = own.flatMap((thing) =>
    thing.kind === 'addr' && thing.node === node && thing.device === device ? [thing.addr] : [],
  );
  await allDone(addrs.map(async (addr) => addAddr(netns, device, addr, IF_THERE)));
  await allDone(
    lost.addrs.map(async ({ addr, ...how }) => addAddr(netns, device, addr, { ...how, ...IF_THERE })),
  );
  const routes = own.flatMap((thing) => (thing.kind === 'route' && thing.node === node ? [thing.route] : []));
  await allDone(
    routes.map(async (route) => addRoute(netns, { ...route, protocol: LAB_PROTOCOL, ...IF_THERE })),
  );
  for (const route of lost.routes) await addRoute(netns, { ...route, ...IF_THERE });
}
