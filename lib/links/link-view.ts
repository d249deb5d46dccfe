import { IFF, link } from '../netlink/rtnetlink/link';
import { kindView, type LinkKindViews } from '../netlink/rtnetlink/kinds';
import type { BondPortInfo } from '../netlink/rtnetlink/kinds/bond';
import type { BridgePortInfo } from '../netlink/rtnetlink/kinds/bridge-port';
import type { VrfPortInfo } from '../netlink/rtnetlink/kinds/vrf';
import type { LinkDetails, LinkStatistics } from './link-details';
import { assignDefined, flagNames } from '../common/objects';

/** A network device as rtnetlink(7) describes it. What its kind has of its own is under the kind's name: `bridge`, … */
export interface Link extends LinkKindViews {
  /** Its number in its namespace. */
  index: number;
  name: string;
  /** 'veth', 'bridge'; undefined for hardware and `lo`. */
  kind?: string;
  /** Administratively up. */
  up: boolean;
  /** Whether there is a signal: for a veth, whether both ends are up. */
  carrier?: boolean;
  /** RFC 2863: 'up', 'down', 'lowerlayerdown', 'unknown' (for devices that have no carrier, such as lo), … */
  operState?: string | number;
  /** 'aa:bb:cc:dd:ee:ff' */
  mac?: string;
  /** Bytes. */
  mtu: number;
  /** 'up', 'broadcast', 'multicast', 'lower_up', … */
  flags: string[];
  /** Index of the bridge, bond or VRF that it is a port of. */
  master?: number;
  /** Index of a veth's other end, or of the device below, in the namespace that `linkNsid` names. */
  link?: number;
  /** Which namespace `link` counts in, where that is another one. */
  linkNsid?: number;
  /** Free text that somebody gave it. */
  alias?: string;
  /** Its other names, by which it is found as well. */
  altNames: string[];
  /** For acting on many at once; 0 is the default group. */
  group: number;
  /** Packets. */
  txQueueLength?: number;
  /** Of a bridge's port. */
  port?: BridgePortInfo;
  /** Of a bond's member. */
  bondPort?: BondPortInfo;
  /** Of a VRF's port. */
  vrfPort?: VrfPortInfo;
  /** Of a kind that this library does not know: the attributes within IFLA_INFO_DATA, in bytes, as `createLink` takes them. */
  data?: Uint8Array;
  /** Where it is asked for: what few programs want to know. */
  details?: LinkDetails;
  /** Where it is asked for: what it has counted. */
  statistics?: LinkStatistics;
}

/** @internal The attributes that a `Link` is made of. */
export const shownLinkAttributes = [
  'name',
  'mtu',
  'altNames',
  'group',
  'mac',
  'carrier',
  'operState',
  'master',
  'link',
  'linkNsid',
  'alias',
  'txQueueLength',
  'info',
] as const;

/** @internal Requests whose replies become a `Link`. */
export const shownLink = link.reading(...shownLinkAttributes);

/** @internal The same for lists. */
export const listedLink = link.viewing(...shownLinkAttributes);

/** @internal */
export type ShownLinkMessage = ReturnType<typeof shownLink.read>;

type LinkInfo = NonNullable<ShownLinkMessage['info']>;

/** Under which name a `Link` has what a master knows of it, by the master's kind. */
const PORT_NAMES: Readonly<Record<string, string>> = { bridge: 'port', bond: 'bondPort', vrf: 'vrfPort' };

function portView({ portKind = '', portData }: LinkInfo): Pick<Link, 'port' | 'bondPort' | 'vrfPort'> {
  const name = Object.hasOwn(PORT_NAMES, portKind) ? PORT_NAMES[portKind] : undefined;
  return name === undefined ? {} : { [name]: portData };
}

/** @internal */
export function toLink(message: ShownLinkMessage): Link {
  const { info } = message;
  const link: Link = {
    index: message.index,
    name: message.name ?? '',
    up: (message.flags & IFF.up) !== 0,
    mtu: message.mtu ?? 0,
    flags: flagNames(IFF, message.flags),
    altNames: [...(message.altNames ?? [])],
    group: message.group ?? 0,
  };
  const optional = {
    kind: info?.kind,
    mac: message.mac,
    carrier: message.carrier,
    operState: message.operState,
    master: message.master,
    link: message.link,
    linkNsid: message.linkNsid,
    alias: message.alias,
    txQueueLength: message.txQueueLength,
    ...(info?.portKind !== undefined && portView(info)),
    data: info?.data instanceof Uint8Array ? info.data : undefined,
  };
  return assignDefined(link, info === undefined ? optional : { ...optional, ...kindView(info) });
}
