import { AF, type Family } from '../common/check';
import { assignDefined, flagNames } from '../common/objects';
import { address, type ADDRESS_PROTOCOLS, IFA_F } from '../netlink/rtnetlink/address';

/** How far an address is valid; a number is one of the kernel's without a name. */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | number;

/**
 * Who has added an address; a number is one that the kernel has no name for.
 *
 * @useDeclaredType
 */
export type AddrProtocol = keyof typeof ADDRESS_PROTOCOLS | number;

/**
 * What the kernel has noted of an address. IPv6 calls the bit of 'secondary' temporary.
 *
 * @useDeclaredType
 */
export type AddrFlag = keyof typeof IFA_F;

/** An address of a device. */
export interface Addr {
  /** '10.0.1.1/24' */
  addr: string;
  family: Family;
  /** Index of the device. */
  index: number;
  scope: Scope;
  /** 'permanent', 'tentative', 'secondary', 'nodad', … */
  flags: string[];
  /** The other end's address, of a point-to-point link. */
  peer?: string;
  /** IPv4: the broadcast address, where it has one. */
  broadcast?: string;
  /** IPv4: a name for old tools. */
  label?: string;
  /** Metric of the route to the subnet. */
  metric?: number;
  /** Seconds; undefined for ever. */
  validLifetime?: number;
  /** Seconds for which it is chosen for new connections; undefined for ever. */
  preferredLifetime?: number;
  /** Who has added it; undefined where nobody has said so, and before Linux 5.18. */
  protocol?: AddrProtocol;
}

/** @internal Seconds that never end. */
export const FOREVER = 0xffffffff;

/** @internal Requests whose replies become an `Addr`. */
export const shownAddr = address.reading(
  'address',
  'local',
  'label',
  'broadcast',
  'lifetime',
  'flags',
  'metric',
  'protocol',
);

/** @internal */
export function toAddr(message: ReturnType<typeof shownAddr.read>): Addr {
  const family: Family = message.family === AF[4] ? 4 : 6;
  const own = message.local ?? message.address ?? '';
  const { valid, preferred } = message.lifetime ?? {};
  return assignDefined(
    {
      addr: `${own}/${message.prefixLength}`,
      family,
      index: message.index,
      scope: message.scope,
      flags: flagNames(IFA_F, message.flags ?? message.flags8),
    },
    {
      peer: message.address === own ? undefined : message.address,
      broadcast: message.broadcast,
      label: message.label,
      metric: message.metric,
      validLifetime: valid === FOREVER ? undefined : valid,
      preferredLifetime: preferred === FOREVER ? undefined : preferred,
      protocol: message.protocol,
    },
  );
}
