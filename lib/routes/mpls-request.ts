import { AF_MPLS, AF_PACKET } from '../addon/socket-constants';
import { AF, checkDevice, parseIp } from '../common/check';
import { defined } from '../common/objects';
import {
  integerFrom,
  isText,
  listOf,
  oneOf,
  type OptionCheck,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { refuse } from '../common/refuse';
import { MAC } from '../netlink/codec';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import type { Nexthop } from '../netlink/rtnetlink/nexthops';
import type { Via } from '../netlink/rtnetlink/via';
import { splitZone } from '../netns/zone';
import type { Device } from '../netns/device';
import { isLabels } from './encap-kinds';
import type { MplsRoute } from './mpls-view';
import { checkIndex, deviceOf, type IndexOf, waysOf } from './route-ways';
import { tableNumber } from './route-table';
import { refuseUnknown } from './unexpressed';

/** One of several ways that a route of MPLS spreads its traffic over, in equal shares. */
export interface MplsNexthopOptions {
  /** Whom the packets go to: '10.0.0.2', 'fe80::2%eth0', or with its device '02:00:00:00:00:02'. */
  via?: string;
  /** The device that they leave by; by default the one that reaches `via`. */
  device?: Device;
  /** The device's index, as a listed route has it; `device` comes first. */
  index?: number;
  /** The labels that they leave with, the outermost first, each from 0 to 1048575; without, they leave without. */
  newLabels?: readonly number[];
  /** Those of a listed one, which are the kernel's. */
  flags?: readonly string[];
  /** As for the route. */
  unknown?: MplsRoute['unknown'];
}

/** A route of MPLS; one that `listMplsRoutes` has returned is one, too. */
export interface MplsRouteOptions extends MplsNexthopOptions {
  /** The outermost label that packets come in with: 16 to 1048575, and less than the sysctl net.mpls.platform_labels. */
  label: number;
  /** Several ways instead of one. */
  nexthops?: readonly MplsNexthopOptions[];
  /** Whether a packet that leaves without label takes the label's TTL along; by default the sysctl net.mpls.ip_ttl_propagate says so. */
  ttlPropagate?: boolean;
  /** Who makes the route; 'boot' by default, as with `ip route`. */
  protocol?: MplsRoute['protocol'];
  /** Of a route that was listed. A route with anything in it is refused. */
  unknown?: MplsRoute['unknown'];
}

const isVia: OptionCheck = (value, path) => {
  if (typeof value === 'string' && MAC.test(value)) return;
  parseIp(typeof value === 'string' ? splitZone(value).bare : value, path);
};

const WAY = optionTable<MplsNexthopOptions>({
  via: isVia,
  device: checkDevice,
  index: checkIndex,
  newLabels: isLabels,
  flags: listOf(isText),
  unknown: true,
});

/** Those below are reserved (RFC 3032). */
const FIRST_LABEL = 16;
const LAST_LABEL = 0xfffff;

/** @internal */
export const isMplsProtocol = oneOf(Object.keys(PROTOCOLS), { number: true });

/** @internal */
export const isMplsLabel = integerFrom(FIRST_LABEL, LAST_LABEL);

/** @internal */
export const MPLS_ROUTE = optionTable<MplsRouteOptions>(
  {
    ...WAY,
    label: isMplsLabel,
    nexthops: waysOf(WAY),
    ttlPropagate: trueOrFalse,
    protocol: isMplsProtocol,
  },
  ['label'],
);

/** @internal A route in the message's terms. */
export function toMplsMessage(options: MplsRouteOptions, index: IndexOf) {
  const { label, nexthops, ttlPropagate, protocol = 'boot' } = options;
  for (const { unknown } of [options, ...(nexthops ?? [])]) refuseUnknown(unknown, 'route');
  for (const option of nexthops === undefined ? [] : OF_ONE_WAY) {
    if (options[option] !== undefined) refuse(option, 'each of the nexthops has its own', options[option]);
  }
  return {
    ...toChange(label),
    protocol,
    ...wayAttributes(options),
    ...defined({
      index: index(deviceOf(options)),
      nexthops: nexthops?.map((hop) => toNexthop(hop, index)),
      ttlPropagate,
    }),
  };
}

/** What the kernel would ignore beside several ways. */
const OF_ONE_WAY = ['via', 'device', 'index', 'newLabels'] as const;

const LABEL_BITS = 20;

/** @internal What names the route to be asked for. The kernel insists on all other fields being 0. */
export const toAsk = (label: number) => ({
  family: AF_MPLS,
  dstLength: LABEL_BITS,
  label: toLabels([label]),
});

/** @internal What names the route to be changed. The kernel insists on these fields, too. */
export const toChange = (label: number) => ({
  ...toAsk(label),
  table8: tableNumber('main'),
  type: 'unicast' as const,
  scope: 'global' as const,
});

const toLabels = (labels: readonly number[]) => labels.map((label) => ({ label, trafficClass: 0, ttl: 0 }));

function wayAttributes({ via, newLabels }: MplsNexthopOptions) {
  return defined({
    via: via === undefined ? undefined : toVia(via),
    newLabels: newLabels && toLabels(newLabels),
  });
}

function toVia(address: string): Via {
  return { family: MAC.test(address) ? AF_PACKET : AF[parseIp(address, 'via').family], address };
}

function toNexthop(hop: MplsNexthopOptions, index: IndexOf): Nexthop {
  return { flags: 0, hops: 0, index: index(deviceOf(hop)) ?? 0, ...wayAttributes(hop) };
}
