import { allDone } from '../../../common/all-done';
import { listLinks } from '../../../links/links';
import type { Netns } from '../../../netns/netns';
import type { ImpairmentOptions } from '../../../traffic/impairment';
import { listQdiscs } from '../../../traffic/qdiscs';
import type { LabCore } from '../../lab-core';
import { readFlows, type SeenShape, shapesOf } from '../../shaping/device-shape';
import { addrsOfNodes } from '../addrs-of-nodes';
import type { Wire, WireEnd } from '../wire';
import { wiresOf } from '../wires';
import { type Loss, readLosses, withoutNetem } from './without-netem';

/** What becomes of the packets of a device in one direction. */
export interface LabImpairment {
  node: string;
  device: string;
  /** 'out': what the node sends by the device; 'in': what it receives. Of a link, each end has what it sends. */
  direction: 'out' | 'in';
  /** The nodes to which, or from which, the packets are; undefined: all others. */
  to?: string[];
  options: ImpairmentOptions;
}

/** What the kernel has of a namespace. */
interface Seen {
  readonly indexes: ReadonlyMap<string, number>;
  readonly shapes: ReadonlyMap<number, SeenShape>;
  /** What is lost of what comes in, by the names of the devices. */
  readonly losses: ReadonlyMap<string, readonly Loss[]>;
}

/** Reads the impairments of all devices of a lab. */
export async function readImpairments(core: LabCore): Promise<LabImpairment[]> {
  const nodes = [...core.spaces.nodes];
  const [wires, names] = await Promise.all([allWires(core), nodesByAddr(nodes)]);
  const seen = new Map<Netns, Promise<Seen>>();
  const look = async (netns: Netns): Promise<Seen> => {
    const looking = seen.get(netns) ?? lookInto(netns);
    seen.set(netns, looking);
    return looking;
  };
  const lossesAt = async ({ netns, device }: WireEnd) => (await look(netns)).losses.get(device) ?? [];
  const read = async ({ inner, outer }: Wire): Promise<LabImpairment[]> => {
    const { node, device } = inner;
    const of = async (direction: 'out' | 'in', end: WireEnd, opposite: WireEnd) =>
      (await readEnd(end, await look(end.netns), await lossesAt(opposite), names)).map((one) => ({
        node,
        device,
        direction,
        ...one,
      }));
    return [
      ...(await of('out', inner, outer)),
      ...(outer.node === undefined ? await of('in', outer, inner) : []),
    ];
  };
  return (await allDone(wires.map(read))).flat();
}

async function allWires(core: LabCore): Promise<Wire[]> {
  const nodes = new Set<string>();
  for (const thing of core.things.values()) {
    if (thing.kind === 'port') nodes.add(thing.node);
    if (thing.kind === 'link') for (const { node } of thing.ends) nodes.add(node);
  }
  return (await allDone([...nodes].map(async (node) => wiresOf(node, core, 'list impairments')))).flat();
}

async function nodesByAddr(nodes: readonly (readonly [string, Netns])[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const [name, netns] of nodes) {
    const { 4: four, 6: six } = await addrsOfNodes([netns]);
    for (const addr of [...four, ...six]) found.set(addr, [...(found.get(addr) ?? []), name]);
  }
  return found;
}

async function lookInto(netns: Netns): Promise<Seen> {
  const [links, qdiscs, losses] = await Promise.all([listLinks(netns), listQdiscs(netns), readLosses(netns)]);
  return {
    indexes: new Map(links.map(({ name, index }) => [name, index])),
    shapes: shapesOf(qdiscs),
    losses,
  };
}

async function readEnd(
  { netns, device }: WireEnd,
  { indexes, shapes }: Seen,
  losses: readonly Loss[],
  names: ReadonlyMap<string, readonly string[]>,
): Promise<{ to?: string[]; options: ImpairmentOptions }[]> {
  const index = indexes.get(device) ?? 0;
  const shape = shapes.get(index);
  const { whole } = withoutNetem(shape, losses);
  const nodesOf = (addrs: readonly string[]): string[] => [
    ...new Set(addrs.flatMap((addr) => names.get(addr) ?? [addr])),
  ];
  const flows: { to: string[]; options: ImpairmentOptions }[] = [];
  const seen = new Set<string>();
  // those of faults come first, and take the packets
  for (const { from, to, options: own } of await readFlows(netns, device, shape)) {
    const addrs = (to.length > 0 ? to : from).filter((addr) => !seen.has(addr));
    if (addrs.length > 0) flows.push({ to: nodesOf(addrs), options: own });
    for (const addr of addrs) seen.add(addr);
  }
  const byRule = new Map<string, { to: string[]; options: ImpairmentOptions }>();
  for (const { source, destination, loss: lost } of losses) {
    const addr = source ?? destination;
    if (addr === undefined) continue;
    const to = nodesOf([addr]);
    byRule.set(to.join(), { to, options: { loss: lost } });
  }
  return [...(whole === undefined ? [] : [{ options: whole }]), ...flows, ...byRule.values()];
}
