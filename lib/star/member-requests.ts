import { checkDeviceName } from '../common/check';
import { shown } from '../common/shown';
import { carrierSeen } from '../links/carrier';
import { withLinkLocal } from '../links/link-local';
import { setRequests } from '../links/link-request';
import { firstSettings, pairAttempt, pairMessage, secondSettings } from '../links/veth-end';
import type { Descriptor } from '../addon/native';
import { located } from '../netlink/codec';
import { addFlags } from '../netlink/existence';
import type { Request } from '../netlink/object';
import { link } from '../netlink/rtnetlink/link';
import { type Device, LOOPBACK, UNUSED_INDEX } from '../netns/device';
import type { Netns } from '../netns/netns';
import { withoutZones } from '../routes/route-devices';
import { routeRequest } from '../routes/routes';
import type { StarMember } from './star-member';

/** What all members of a star have in common. */
export interface StarHub {
  host: Netns;
  /** Descriptor of its namespace, lent. */
  hostFd: number;
  /** Its socket, lent. */
  socket: Descriptor;
  /** Index of the bridge. */
  bridge: number;
  /** Whether the ends make link-local addresses, unless they are given options of their own. */
  ipv6: boolean;
}

/** A member, and the index that its port is to have. */
export interface Place {
  member: StarMember;
  index: number;
}

/** All that is asked of the kernel for a member, whose namespace is there by then. */
export interface MemberRequests {
  /** In the bridge's namespace: the pair, whose last four bytes are the descriptor of the member's namespace, is the first. */
  outer: readonly [pair: Request<undefined>, ...Request<undefined>[]];
  /** In the member's namespace. */
  inner: readonly Request<unknown>[];
}

/** The names of a member's two devices. */
export function namesOf({ member, index }: Place): { device: string; port: string } {
  const port = member.port?.name ?? `veth${index.toString(16)}`;
  const device = member.device?.name ?? 'eth0';
  checkDeviceName(port, 'port.name');
  checkDeviceName(device, 'device.name');
  return { device, port };
}

export function memberRequests({ bridge, ipv6 }: Omit<StarHub, 'socket'>, place: Place): MemberRequests {
  const { member, index } = place;
  const names = namesOf(place);
  const port = withLinkLocal({ up: true, ipv6, ...member.port, name: names.port, bridge });
  const device = withLinkLocal({ up: true, ipv6, ...member.device, name: names.device });
  const indexes = [index, UNUSED_INDEX] as const;
  const message = pairMessage(port, device, { netnsFd: 0, master: bridge, indexes });
  const pair = link.add(message, addFlags('fail'), pairAttempt('create veth', port));
  return {
    outer: [pair, ...atOption('port', () => firstSettings(index, port))],
    inner: [
      ...atOption('lo', () => setRequests(LOOPBACK, { up: true, ...member.lo }, 'set link')),
      ...atOption('device', () => secondSettings(UNUSED_INDEX, device)),
      ...routesOf(member, device.name),
      carrierSeen(UNUSED_INDEX, { operation: 'create veth', device: device.name }),
    ],
  };
}

/** What is built for one of a member's options, or a refusal that names it. */
function atOption<T>(option: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw located(error, option);
  }
}

function routesOf({ routes = [] }: StarMember, own: string): Request<undefined>[] {
  const indexes: Readonly<Record<string, number>> = { lo: LOOPBACK, [own]: UNUSED_INDEX };
  return routes.map((route, i) => atOption(`routes[${i}]`, () => routeRequest(withoutZones(route), indexOf)));

  function indexOf(device: Device | undefined): number | undefined {
    if (typeof device !== 'string') return device;
    const index = Object.hasOwn(indexes, device) ? indexes[device] : undefined;
    if (index === undefined)
      throw new RangeError(`device: a member has 'lo' and '${own}', got ${shown(device)}`);
    return index;
  }
}
