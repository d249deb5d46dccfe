import { AF, checkDevice, checkInteger, type Family, parseIp, refuse } from '../common/check';
import { isText, listOf, type OptionCheck, optionsOf, optionTable, trueOrFalse } from '../common/options';
import { shown } from '../common/shown';
import { type Nexthop, RTNH_F } from '../netlink/rtnetlink/nexthops';
import type { Device } from '../netns/device';
import { isLinkLocal } from '../netns/zone';
import { encapAttributes, type EncapOptions, isEncap } from './encap';
import { isRealms, realmsAttribute, type RouteRealms } from './realms';
import type { Route } from './route-view';

/** One of several ways that a route spreads its traffic over. */
export interface NexthopOptions {
  /** The gateway: '10.0.1.254', or 'fe80::1%eth0' with its device. */
  via?: string;
  /** The device that packets leave by; by default the one that reaches the gateway. */
  device?: Device;
  /** The device's index, as a listed route has it; `device` comes first. */
  index?: number;
  /** Share of the traffic, 1 to 256; 1 by default. */
  weight?: number;
  /** Take the gateway to be on the link even if there is no route to it. */
  onlink?: boolean;
  /** Those of a listed route: 'onlink' is as the option above, unless that is given; the others are the kernel's. */
  flags?: readonly string[];
  /** What the packets that go this way are wrapped into. */
  encap?: EncapOptions;
  /** As for the route. */
  realms?: RouteRealms;
  /** As for the route. */
  unknown?: Route['unknown'];
}

/** @internal */
export const checkIndex: OptionCheck = (value, path) => checkInteger(path, value, 1, 0x7fffffff);

const NEXTHOP = optionTable<NexthopOptions>({
  via: true,
  device: checkDevice,
  index: checkIndex,
  weight: true,
  onlink: trueOrFalse,
  flags: listOf(isText),
  encap: isEncap,
  realms: isRealms,
  unknown: true,
});

/** @internal At least one way, with options of this table. */
export function waysOf(table: Parameters<typeof optionsOf>[0]): OptionCheck {
  const isListed = listOf(optionsOf(table));
  return (value, path) => {
    isListed(value, path);
    if ((value as readonly unknown[]).length === 0) throw new TypeError(`${path}: expected at least one`);
  };
}

/** @internal */
export const isNexthops = waysOf(NEXTHOP);

/** Returns the index of a device that a route names. */
export type IndexOf = (device: Device | undefined) => number | undefined;

/** The device that a route or one of its ways names. */
export function deviceOf({ device, index }: Pick<NexthopOptions, 'device' | 'index'>): Device | undefined {
  return device ?? index;
}

/** Whether the gateway is to be taken for one on the link. */
export const isOnlink = ({ onlink, flags = [] }: Pick<NexthopOptions, 'onlink' | 'flags'>) =>
  onlink ?? flags.includes('onlink');

type Way = Pick<NexthopOptions, 'via' | 'device' | 'index'>;

// An IPv4 route may lead over an IPv6 gateway (RFC 8950), which goes into an attribute of its own.
export function viaAttributes(gateway: { family: Family; address: string } | undefined, family: Family) {
  if (gateway === undefined) return {};
  if (gateway.family === family) return { gateway: gateway.address };
  return { via: { family: AF[gateway.family], address: gateway.address } };
}

/** Refuses a link-local gateway without its device, because each link may have that gateway. */
export function checkGateways({ nexthops = [], ...route }: Way & { nexthops?: readonly Way[] }): void {
  const hops = [['via', route] as const, ...nexthops.map((hop, i) => [`nexthops[${i}].via`, hop] as const)];
  for (const [option, hop] of hops) {
    if (deviceOf(hop) !== undefined || !isLinkLocal(hop.via)) continue;
    const example = shown(`${hop.via}%eth0`);
    refuse(
      option,
      `a link-local gateway needs its device: the option 'device', or a zone as in ${example}`,
      hop.via,
    );
  }
}

/** A way in the message's terms, but for its device. */
export function toNexthop(hop: NexthopOptions, option: string, family: Family, index: IndexOf): Nexthop {
  const { via, weight = 1 } = hop;
  if (!Number.isInteger(weight) || weight < 1 || weight > 256) {
    throw new RangeError(`${option}.weight: expected an integer from 1 to 256, got ${shown(weight)}`);
  }
  const gateway = via === undefined ? undefined : parseIp(via, `${option}.via`);
  return {
    flags: isOnlink(hop) ? RTNH_F.onlink : 0,
    hops: weight - 1,
    index: index(deviceOf(hop)) ?? 0,
    ...viaAttributes(gateway, family),
    ...realmsAttribute(hop.realms),
    ...encapAttributes(hop.encap, index),
  };
}
