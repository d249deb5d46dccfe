import { allDone } from '../../common/all-done';
import { defined } from '../../common/objects';
import type { Netns } from '../../netns/netns';
import { addClass, listClasses, removeClass } from '../../traffic/classes';
import { addFilter, listFilters, removeFilter } from '../../traffic/filters';
import { setImpairmentAt } from '../../traffic/impairment';
import { type Flow, type FlowShape, isSameFlow, pairsOf, sortedAddrs } from './shape';

// A flow is a class of the htb at the root of a device, with a netem below it, and with a filter for each pair of addresses.

/** The number of the htb: 'fa' of fault. By it a lab's own is known. */
export const ROOT = 'fa17:';

/** The class of the packets that are of no flow. */
export const OTHERS = `${ROOT}1`;

/** 100 Gbit/s, which a veth does not reach, with bursts of a megabyte. */
export const ALL = { rate: 1e11, burst: 1_000_000, ceilBurst: 1_000_000, quantum: 60_000 } as const;

/** Whose flows they are. */
export type FlowOwner = 'faults' | 'latency';

/**
 * The first number of the classes of each owner. The priorities of their filters are in the same order, so that a fault takes a packet before a
 * latency does.
 */
const FIRST: Readonly<Record<FlowOwner, number>> = { faults: 0x10, latency: 0x4000 };

/** The owner of a class of this name: 'fa17:10'; undefined of one that is of no flow. */
export function ownerOf(classId: string): FlowOwner | undefined {
  if (!classId.startsWith(ROOT)) return undefined;
  const minor = minorOf(classId);
  if (minor >= FIRST.latency) return 'latency';
  return minor >= FIRST.faults ? 'faults' : undefined;
}

function classOf(minor: number): string {
  return `${ROOT}${minor.toString(16)}`;
}

function minorOf(classId: string): number {
  return Number.parseInt(classId.slice(ROOT.length), 16);
}

/** A flow that is there. */
export interface ListedFlow extends Flow {
  readonly classId: string;
}

/** The flows of a device. One may have no address left, because somebody has removed a filter: `whole` is false then. */
export async function listFlows(
  netns: Netns,
  device: string,
  owner?: FlowOwner,
): Promise<(ListedFlow & { whole: boolean })[]> {
  const [classes, filters] = await Promise.all([
    listClasses(netns, device),
    listFilters(netns, device, { parent: ROOT }),
  ]);
  // the kernel lists them by the hashes of their numbers
  const own = classes
    .map(({ handle }) => handle)
    .filter((handle) => {
      const found = ownerOf(handle);
      return found !== undefined && (owner === undefined || found === owner);
    })
    .sort((a, b) => minorOf(a) - minorOf(b));
  return own.map((classId) => {
    const keys = filters.flatMap((filter) =>
      filter.classId === classId && filter.flower !== undefined ? [filter.flower] : [],
    );
    const flow = {
      from: sortedAddrs(keys.flatMap(({ source }) => source ?? [])),
      to: sortedAddrs(keys.flatMap(({ destination }) => destination ?? [])),
    };
    return { classId, ...flow, whole: keys.length > 0 && keys.length === sameFamily(flow).length };
  });
}

/** Of two families there is no packet. */
function sameFamily(flow: Flow): ReturnType<typeof pairsOf> {
  return pairsOf(flow).filter(
    ({ source, destination }) =>
      source === undefined || destination === undefined || isIpv6(source) === isIpv6(destination),
  );
}

function isIpv6(addr: string): boolean {
  return addr.includes(':');
}

/** Makes the flows of an owner what they are to be. Where what becomes of a flow is the same as before, nothing that waits is lost. */
export async function settleFlows(
  netns: Netns,
  device: string,
  owner: FlowOwner,
  flows: readonly FlowShape[],
): Promise<void> {
  const found = await listFlows(netns, device, owner);
  const used = new Set<string>();
  const fresh: FlowShape[] = [];
  for (const flow of flows) {
    const same = found.find((one) => one.whole && !used.has(one.classId) && isSameFlow(one, flow));
    if (same === undefined) fresh.push(flow);
    else {
      used.add(same.classId);
      await setImpairmentAt(netns, device, same.classId, flow.options);
    }
  }
  for (const { classId } of found) if (!used.has(classId)) await removeFlow(netns, device, classId);
  let minor = FIRST[owner];
  for (const flow of fresh) {
    while (used.has(classOf(minor))) minor++;
    used.add(classOf(minor));
    await addFlow(netns, device, minor, flow);
  }
}

/** The filters come last, so that no packet is in a class that is not whole. */
async function addFlow(netns: Netns, device: string, minor: number, flow: FlowShape): Promise<void> {
  const handle = classOf(minor);
  await addClass(netns, device, { kind: 'htb', handle, ...ALL });
  await setImpairmentAt(netns, device, handle, flow.options);
  await allDone(
    sameFamily(flow).map(async ({ source, destination }) => {
      const [protocol, priority] = isIpv6(source ?? destination ?? '')
        ? (['ipv6', 2 * minor + 1] as const)
        : (['ip', 2 * minor] as const);
      await addFilter(netns, device, {
        ...{ kind: 'flower', parent: ROOT, protocol, priority, classId: handle },
        ...defined({ source, destination }),
      });
    }),
  );
}

async function removeFlow(netns: Netns, device: string, handle: string): Promise<void> {
  const minor = minorOf(handle);
  await allDone(
    [2 * minor, 2 * minor + 1].map(async (priority) =>
      removeFilter(netns, device, { parent: ROOT, priority, ifMissing: 'ignore' }),
    ),
  );
  await removeClass(netns, device, { handle, ifMissing: 'ignore' });
}
