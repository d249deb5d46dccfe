import { assignDefined } from '../common/objects';
import { filterKinds, type FilterKindViews } from '../netlink/rtnetlink/filters';
import { ETHER_TYPES, type EtherType } from '../netlink/rtnetlink/ether-type';
import { FIRST_OWN_TABLE } from '../netlink/rtnetlink/filters/u32';
import { filter, readFilterInfo } from '../netlink/rtnetlink/traffic';
import type { FilterKind } from '../netlink/rtnetlink/filters/filter-kind';
import { type ListedAction, toAction } from './actions';
import { filterParentText, handleText } from './handle';
import { findIn } from './kind-request';
import { ownView } from './qdisc-view';

/** The protocol of the frames that a filter looks at. */
export type FilterProtocol = EtherType | 'all';

/** A filter: which packets something is done with. What its kind has of its own is under the kind's name. */
export interface Filter extends FilterKindViews {
  /** Index of the device. */
  index: number;
  /** Where it stands: 'ingress', 'egress', or the number of a queueing discipline: '1:'. */
  parent: string;
  /** 'matchall', 'u32', 'flower', 'fw', … */
  kind: string;
  /** The protocol of the frames that it looks at. */
  protocol: FilterProtocol;
  /** Filters with a lower number are asked first. */
  priority: number;
  /** Its number among those of its priority. Of u32, 0x80000801 is what `tc` writes as 800::801. */
  handle: number;
  /** The filters that it is one of; 0 is where a packet begins. */
  chain: number;
  /** The class that its packets belong to: '1:10'. */
  classId?: string;
  /** Whether the device does its work; undefined where the kernel does not say it. */
  inHardware?: boolean;
  /** What is done with its packets, one after another. */
  actions: readonly ListedAction[];
  /** TCA_OPTIONS in bytes, of a kind whose options the library does not know; its class and its actions are there, too. */
  data?: Uint8Array;
}

/** @internal A kind whose options and data are of no known type. */
export type AnyFilter = FilterKind<object, object, object>;

/** @internal */
export const FILTER_KINDS = filterKinds as unknown as Readonly<Record<string, AnyFilter>>;

/** @internal Requests whose replies become a `Filter`. */
export const shownFilter = filter.reading('kind', 'options', 'chain');

type Message = ReturnType<typeof shownFilter.read>;

const ALL_PROTOCOLS = 3; // ETH_P_ALL

const PROTOCOLS: Readonly<Record<string, number>> = { all: ALL_PROTOCOLS, ...ETHER_TYPES };

/** @internal The names of protocols. */
export const PROTOCOL_NAMES = Object.keys(PROTOCOLS);

const NAMES = new Map(Object.entries(PROTOCOLS).map(([name, number]) => [number, name as FilterProtocol]));

/** @internal */
export const protocolNumber = (protocol: FilterProtocol) =>
  typeof protocol === 'number' ? protocol : (PROTOCOLS[protocol] ?? 0);

/** linux/pkt_cls.h, TCA_CLS_FLAGS_*: of filters that a device could do the work of. */
const IN_HARDWARE = 4; // TCA_CLS_FLAGS_IN_HW
const NOT_IN_HARDWARE = 8; // TCA_CLS_FLAGS_NOT_IN_HW

type ActionMessage = Parameters<typeof toAction>[0];
type Common = Readonly<{
  classId?: number;
  flags?: number;
  actions?: ActionMessage[];
  police?: ActionMessage['options'];
}>;

/** The action police is by itself where it was added as before there were other actions: it does the same. */
function actionsOf({ actions = [], police }: Common): ActionMessage[] {
  return police === undefined ? actions : [{ kind: 'police', options: police }];
}

/** @internal Whether somebody has added it: a dump has each priority by itself, too, and the kernel's own hash tables of u32. */
export function isFilter({ handle, options }: Message): boolean {
  if (options === undefined || options instanceof Uint8Array) return handle !== 0 || options !== undefined;
  return !('divisor' in options) || handle < FIRST_OWN_TABLE || options.divisor !== 1;
}

/** @internal */
export function toFilter(message: Message): Filter {
  const { index, parent, kind = '', handle, info, chain = 0, options } = message;
  const { priority, protocol } = readFilterInfo(info);
  const known = findIn(FILTER_KINDS, kind);
  const common: Common = known === undefined ? {} : ((options ?? {}) as Common);
  const { classId, flags = 0 } = common;
  const own = ownView(FILTER_KINDS, { kind, options });
  return assignDefined(
    {
      ...{ index, parent: filterParentText(parent), kind, protocol: NAMES.get(protocol) ?? protocol },
      ...{ priority, handle, chain, actions: actionsOf(common).map(toAction) },
    },
    {
      classId: classId === undefined ? undefined : handleText(classId),
      inHardware: (flags & (IN_HARDWARE | NOT_IN_HARDWARE)) === 0 ? undefined : (flags & IN_HARDWARE) !== 0,
      ...own,
      ...(known?.handle !== undefined && {
        [kind]: { [known.handle]: handle, ...known.toView(options ?? {}) },
      }),
    },
  );
}
