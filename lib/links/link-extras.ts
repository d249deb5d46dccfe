import { defined } from '../common/objects';
import { type OptionTable, trueOrFalse } from '../common/options';
import { link } from '../netlink/rtnetlink/link';
import type { LinkStats } from '../netlink/rtnetlink/link-attributes';
import type { LinkDetails, LinkStatistics } from './link-details';
import { type Link, shownLinkAttributes, toLink } from './link-view';

/** What is returned of a link besides the `Link` itself, where it is asked for. */
export interface LinkExtras {
  /** What `ip -d link` shows of all links; off by default. */
  details?: boolean;
  /** What `ip -s link` shows; off by default. */
  statistics?: boolean;
}

/** The checks of options that ask for more. */
export const EXTRAS = {
  details: trueOrFalse,
  statistics: trueOrFalse,
} as const satisfies OptionTable<LinkExtras>;

/** Attributes of the same name. */
const DETAILS = [
  'broadcast',
  'qdisc',
  'linkMode',
  'promiscuity',
  'allMulticast',
  'txQueues',
  'rxQueues',
  'minMtu',
  'maxMtu',
  'gsoMaxSize',
  'gsoMaxSegments',
  'gsoIpv4MaxSize',
  'tsoMaxSize',
  'tsoMaxSegments',
  'groMaxSize',
  'groIpv4MaxSize',
  'carrierChanges',
  'carrierUpCount',
  'carrierDownCount',
  'permanentMac',
  'protoDown',
  'parentBusName',
  'parentDeviceName',
] as const;

/** @internal Requests whose replies become a `Link` with all that can be asked for. */
export const wholeLink = link.reading(...shownLinkAttributes, ...DETAILS, 'perFamily', 'statistics');

/** @internal */
export type WholeLinkMessage = ReturnType<typeof wholeLink.read>;

/** @internal Whether more is asked for than a `Link`. */
export const wantsExtras = ({ details, statistics }: LinkExtras): boolean =>
  details === true || statistics === true;

/** @internal The `Link` with what was asked for. */
export function withExtras(message: WholeLinkMessage, { details, statistics }: LinkExtras): Link {
  const stats = statistics === true ? message.statistics : undefined;
  const extras = {
    details: details === true ? detailsOf(message) : undefined,
    statistics: stats && statisticsOf(stats),
  };
  return { ...toLink(message), ...defined(extras) };
}

function detailsOf(message: WholeLinkMessage): LinkDetails {
  const shown = Object.fromEntries(DETAILS.map((name) => [name, message[name]]));
  const { addrGenMode, token } = message.perFamily?.inet6 ?? {};
  const ipv6Token = token === '::' ? undefined : token; // which is that there is none
  return { hardware: message.hardware, ...defined({ ...shown, addrGenMode, ipv6Token }) };
}

function statisticsOf(stats: LinkStats): LinkStatistics {
  return {
    rx: {
      bytes: stats.rxBytes,
      packets: stats.rxPackets,
      errors: stats.rxErrors,
      dropped: stats.rxDropped,
      multicast: stats.multicast,
      lengthErrors: stats.rxLengthErrors,
      overErrors: stats.rxOverErrors,
      crcErrors: stats.rxCrcErrors,
      frameErrors: stats.rxFrameErrors,
      fifoErrors: stats.rxFifoErrors,
      missedErrors: stats.rxMissedErrors,
      compressed: stats.rxCompressed,
      noHandler: stats.rxNoHandler,
    },
    tx: {
      bytes: stats.txBytes,
      packets: stats.txPackets,
      errors: stats.txErrors,
      dropped: stats.txDropped,
      collisions: stats.collisions,
      abortedErrors: stats.txAbortedErrors,
      carrierErrors: stats.txCarrierErrors,
      fifoErrors: stats.txFifoErrors,
      heartbeatErrors: stats.txHeartbeatErrors,
      windowErrors: stats.txWindowErrors,
      compressed: stats.txCompressed,
    },
  };
}
