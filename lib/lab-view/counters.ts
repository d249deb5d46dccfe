import { allDone } from '../common/all-done';
import type { Lab } from '../lab/lab';
import { listLinks } from '../links/links';
import type { Netns } from '../netns/netns';
import type { ViewedWire } from './lab-sight';

/** Bytes that a wire's node has sent and received since its device was made. */
export interface Counters {
  sent: number;
  received: number;
}

/** Bits a second. */
export type Rates = Readonly<Record<string, Counters>>;

/** The counters of wires by their ids: one dump for all ports of switches, and one for each node with wires to other nodes. */
export async function countersOf(lab: Lab, wires: readonly ViewedWire[]): Promise<Map<string, Counters>> {
  const counters = new Map<string, Counters>();
  const ofPorts = await readCounters(lab.switches);
  const others = new Map<string, ViewedWire[]>();
  for (const wire of wires) {
    const port = wire.port === undefined ? undefined : ofPorts.get(wire.port);
    // what the port receives, the node has sent
    if (port !== undefined) counters.set(wire.id, { sent: port.received, received: port.sent });
    else others.set(wire.target.node, [...(others.get(wire.target.node) ?? []), wire]);
  }
  await allDone(
    [...others].map(async ([node, own]) => {
      const netns = lab.nodes.get(node);
      const ofDevices = netns === undefined ? undefined : await readCounters(netns);
      for (const { id, target } of own) {
        const found = ofDevices?.get(target.device);
        if (found !== undefined) counters.set(id, found);
      }
    }),
  );
  return counters;
}

async function readCounters(netns: Netns): Promise<Map<string, Counters>> {
  const links = await listLinks(netns, { kind: 'veth', statistics: true });
  return new Map(
    links.map(({ name, statistics }) => [
      name,
      { sent: statistics?.tx.bytes ?? 0, received: statistics?.rx.bytes ?? 0 },
    ]),
  );
}

/** What went over the wires between two looks, so many seconds apart. A wire that is new has no rate yet. */
export function ratesOf(
  before: ReadonlyMap<string, Counters>,
  after: ReadonlyMap<string, Counters>,
  seconds: number,
): Rates {
  const rate = (from: number, to: number) => Math.max(0, Math.round(((to - from) * 8) / seconds));
  return Object.fromEntries(
    [...after].flatMap(([id, { sent, received }]) => {
      const last = before.get(id);
      if (last === undefined) return [];
      return [[id, { sent: rate(last.sent, sent), received: rate(last.received, received) }]];
    }),
  );
}
