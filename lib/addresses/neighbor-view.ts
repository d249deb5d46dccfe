import { AF, type Family } from '../common/check';
import { assignDefined, flagNames } from '../common/objects';
import { neighbor, NTF, NTF_EXT, NUD } from '../netlink/rtnetlink/neighbor';
import type { PROTOCOLS } from '../netlink/rtnetlink/route';

/**
 * What is known of a neighbor (RFC 4861, 7.3.2; arp(7)); a number is a combination that has no name.
 *
 * @useDeclaredType
 */
export type NeighborState = keyof typeof NUD | number;

/** Who has an address on a link: an entry of the ARP or the neighbor discovery table. */
export interface Neighbor {
  /** '10.0.1.2' */
  address: string;
  family: Family;
  /** Index of the device. */
  index: number;
  /** 'aa:bb:cc:dd:ee:ff', of a tunnel the bytes of an IP address: '0a:00:00:02'; undefined while it is not known. */
  mac?: string;
  state: NeighborState;
  /** 'router', 'extern_learn', 'managed', 'proxy', … */
  flags: string[];
  /** Who has made the entry; undefined where nobody has said so. */
  protocol?: keyof typeof PROTOCOLS | number;
  /** What changes all the time; only where it was asked for. */
  statistics?: NeighborStatistics;
}

/** How an entry is used. */
export interface NeighborStatistics {
  /** Seconds since a packet went by it. */
  used: number;
  /** Seconds since the neighbor was known to be there. */
  confirmed: number;
  /** Seconds since its MAC address or its state changed. */
  updated: number;
  /** How many in the kernel hold it, such as routes; with `getNeighbor`, the question itself is one. */
  references: number;
  /** How often the neighbor has been asked for since it last answered. */
  probes: number;
}

const STATES = new Map<number, NeighborState>();
for (const name of Object.keys(NUD) as (keyof typeof NUD)[]) STATES.set(NUD[name], name);

/** @internal Requests whose replies become a `Neighbor`. */
export const shownNeighbor = neighbor.reading(
  'address',
  'mac',
  'protocol',
  'extendedFlags',
  'cacheinfo',
  'probes',
);

type ShownNeighborMessage = ReturnType<typeof shownNeighbor.read>;

/** @internal */
export function toNeighbor(message: ShownNeighborMessage): Neighbor {
  return assignDefined(
    {
      address: message.address ?? '',
      family: message.family === AF[4] ? (4 as const) : (6 as const),
      index: message.index,
      state: STATES.get(message.state) ?? message.state,
      flags: [...flagNames(NTF, message.flags), ...flagNames(NTF_EXT, message.extendedFlags ?? 0)],
    },
    { mac: message.mac, protocol: message.protocol },
  );
}

/** Of struct nda_cacheinfo, in a second. */
const TICKS = 100;

/** @internal With what changes all the time; a proxy entry has nothing of that. */
export function toNeighborWithStatistics(message: ShownNeighborMessage): Neighbor {
  const { cacheinfo, probes = 0 } = message;
  if (cacheinfo === undefined) return toNeighbor(message);
  const { used, confirmed, updated, references } = cacheinfo;
  const seconds = { used: used / TICKS, confirmed: confirmed / TICKS, updated: updated / TICKS };
  return { ...toNeighbor(message), statistics: { ...seconds, references, probes } };
}

/**
 * @internal Whether `ip neigh` shows the entry. It leaves out the forwarding tables of bridges, and entries for which the
 * kernel asks no host, such as multicast addresses.
 */
export function isNeighbor({ family, state }: Pick<ShownNeighborMessage, 'family' | 'state'>): boolean {
  return (family === AF[4] || family === AF[6]) && (state & ~NUD.noarp) !== 0;
}
