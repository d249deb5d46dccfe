import { AF, checkDevice, checkFamily, type Family, familyNumber, parseSubnet } from '../common/check';
import { listOf, oneOf, type OptionCheck, optionTable, trueOrFalse } from '../common/options';
import { inSubnet } from '../common/subnet';
import { NTF, NUD } from '../netlink/rtnetlink/neighbor';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { isNeighbor, type Neighbor, type NeighborState, shownNeighbor } from './neighbor-view';

/** Which neighbors are meant: those for which all of this is so. */
export interface NeighborFilter {
  /** Those of this family. */
  family?: Family;
  /** Those on this device. */
  device?: Device;
  /** Those on the ports of this bridge, or of this VRF or bond. */
  master?: Device;
  /** Those in this state, or in one of these states. */
  state?: NeighborState | readonly NeighborState[];
  /** Those with an address in this subnet: '10.0.0.0/8'. */
  to?: string;
  /** Those that this one has made. */
  protocol?: Neighbor['protocol'];
  /** The addresses for which this namespace answers in the place of others, and no other entries. */
  proxy?: boolean;
}

/** @internal */
export const isState = oneOf(Object.keys(NUD), { number: true });
const areStates = listOf(isState);

const isSubnet: OptionCheck = (value, path) => void parseSubnet(value, path, { bare: true });

/** @internal */
export const NEIGHBOR_FILTER = optionTable<NeighborFilter>({
  family: checkFamily,
  device: checkDevice,
  master: checkDevice,
  state: (value, path) => (Array.isArray(value) ? areStates : isState)(value, path),
  to: isSubnet,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  proxy: trueOrFalse,
});

type ShownNeighborMessage = ReturnType<typeof shownNeighbor.read>;

/** @internal Those that the filter means. Without a state in the filter, `isShown` decides by the state. */
export async function findNeighbors(
  netns: Netns,
  filter: NeighborFilter,
  verb: 'list' | 'flush',
  isShown: (state: number) => boolean,
): Promise<ShownNeighborMessage[]> {
  const { family, device, master, proxy = false } = filter;
  const attempt = { operation: `${verb} neighbors${device === undefined ? '' : ' of'}`, device };
  const value = {
    family: familyNumber(family),
    ...(proxy && { flags: NTF.proxy }),
    ...(device !== undefined && { outputIndex: await indexOf(netns, device, attempt) }),
    ...(master !== undefined && { master: await indexOf(netns, master, attempt, 'master') }),
  };
  const isMeant = matcher(filter, proxy ? () => true : isShown);
  return (await netns.request(shownNeighbor.dump(value, attempt))).filter(isMeant);
}

function matcher(
  { state, to, protocol }: NeighborFilter,
  isShown: (state: number) => boolean,
): (entry: ShownNeighborMessage) => boolean {
  const given = state === undefined ? undefined : Array.isArray(state) ? (state as NeighborState[]) : [state];
  const states = given && new Set(given.map((one) => stateNumber(one as NeighborState)));
  const isInside = to === undefined ? undefined : inSubnet(parseSubnet(to, 'to', { bare: true }));
  return (entry) =>
    // the forwarding tables of bridges are neighbors of another family
    (entry.family === AF[4] || entry.family === AF[6]) &&
    (states?.has(entry.state) ?? isShown(entry.state)) &&
    isInside?.(entry.address ?? '') !== false &&
    (protocol === undefined || protocolNumber(entry.protocol ?? 0) === protocolNumber(protocol));
}

/** @internal */
export function stateNumber(state: NeighborState): number {
  return typeof state === 'number' ? state : NUD[state];
}

function protocolNumber(protocol: keyof typeof PROTOCOLS | number): number {
  return typeof protocol === 'number' ? protocol : PROTOCOLS[protocol];
}

/** @internal Whether `ip neigh show` shows an entry of this state. */
export const isListed = (state: number): boolean => isNeighbor({ family: AF[4], state });

/** @internal Whether `ip neigh flush` removes an entry of this state: it leaves what somebody has made to last. */
export const isPassing = (state: number): boolean => (state & (NUD.permanent | NUD.noarp)) === 0;
