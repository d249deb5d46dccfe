import type { Netns } from '../../netns/netns';
import { addClass } from '../../traffic/classes';
import {
  clearImpairment,
  type ImpairmentOptions,
  setImpairment,
  setImpairmentAt,
} from '../../traffic/impairment';
import type { Qdisc } from '../../traffic/qdisc-view';
import { addQdisc, listQdiscs, removeQdisc } from '../../traffic/qdiscs';
import { groupedBy } from '../lists';
import { ALL, type FlowOwner, listFlows, OTHERS, ownerOf, ROOT, settleFlows } from './flow-classes';
import type { FlowShape, Shape } from './shape';

// A device with an impairment has a netem at its root. One with flows has an htb there, with a class for each flow, and a class for all other
// packets. The classes have all of the rate.

/** Makes a device what faults say of it. Where what passes is the same as before, nothing that waits is lost. */
export async function shapeByNetem(netns: Netns, device: string, { whole, flows }: Shape): Promise<void> {
  await setFlows(netns, device, 'faults', flows);
  await setWhole(netns, device, whole);
}

/** What becomes of the packets that are of no flow. */
export async function setWhole(
  netns: Netns,
  device: string,
  options: ImpairmentOptions | undefined,
): Promise<void> {
  const root = rootOf(await listQdiscs(netns, { device }));
  if (isOurs(root)) {
    if (options !== undefined) await setImpairmentAt(netns, device, OTHERS, options);
    else await removeQdisc(netns, device, { parent: OTHERS, ifMissing: 'ignore' });
  } else if (options !== undefined) await setImpairment(netns, device, options);
  else if (root?.kind === 'netem') await clearImpairment(netns, device);
}

/** Makes the flows of an owner what they are to be. What becomes of the other packets stays. */
export async function setFlows(
  netns: Netns,
  device: string,
  owner: FlowOwner,
  flows: readonly FlowShape[],
): Promise<void> {
  const qdiscs = await listQdiscs(netns, { device });
  const root = rootOf(qdiscs);
  if (!isOurs(root)) {
    if (flows.length === 0) return;
    await addQdisc(netns, device, { kind: 'htb', handle: ROOT, defaultClass: '1', ifExists: 'replace' });
    await addClass(netns, device, { kind: 'htb', handle: OTHERS, ...ALL });
    if (root?.netem !== undefined) await setImpairmentAt(netns, device, OTHERS, root.netem);
  }
  await settleFlows(netns, device, owner, flows);
  if (flows.length > 0 || (await listFlows(netns, device)).length > 0) return;
  await removeQdisc(netns, device, { handle: ROOT, ifMissing: 'ignore' });
  const whole = qdiscs.find(({ parent }) => parent === OTHERS)?.netem;
  if (whole !== undefined) await setImpairment(netns, device, whole);
}

function rootOf(qdiscs: readonly Qdisc[]): Qdisc | undefined {
  return qdiscs.find(({ parent }) => parent === 'root');
}

function isOurs(root: Pick<Qdisc, 'kind' | 'handle'> | undefined): boolean {
  return root?.kind === 'htb' && root.handle === ROOT;
}

/** What the qdiscs of a device say. */
export interface SeenShape {
  readonly whole: ImpairmentOptions | undefined;
  /** That of a tbf at the root, by which a device is slowed down where the kernel has no netem. */
  readonly rate?: number | undefined;
  /** The flows, by their classes: which packets they are, the filters say. */
  readonly classes: ReadonlyMap<string, ImpairmentOptions>;
}

/** What the qdiscs of a namespace say of its devices, by their indexes. */
export function shapesOf(qdiscs: readonly Qdisc[]): ReadonlyMap<number, SeenShape> {
  return new Map([...groupedBy(qdiscs, ({ index }) => index)].map(([index, own]) => [index, shapeOf(own)]));
}

function shapeOf(own: readonly Qdisc[]): SeenShape {
  const root = rootOf(own);
  if (!isOurs(root)) return { whole: root?.netem, rate: root?.tbf?.rate, classes: new Map() };
  const below = own.flatMap(({ parent, netem }) => (netem === undefined ? [] : [[parent, netem] as const]));
  const classes = new Map(below);
  const whole = classes.get(OTHERS);
  classes.delete(OTHERS);
  return { whole, classes };
}

/** The flows of a device, of all owners or of one. */
export async function readFlows(
  netns: Netns,
  device: string,
  shape: SeenShape | undefined,
  owner?: FlowOwner,
): Promise<FlowShape[]> {
  const is = (classId: string): boolean => owner === undefined || ownerOf(classId) === owner;
  const classes = shape?.classes ?? new Map<string, ImpairmentOptions>();
  // most devices have none, and cost no look at the filters
  if (![...classes.keys()].some(is)) return [];
  return (await listFlows(netns, device, owner)).flatMap(({ classId, from, to }) => {
    const options = classes.get(classId);
    return options === undefined ? [] : [{ from, to, options }];
  });
}
