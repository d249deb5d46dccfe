import { checkDevice, checkU32, parseIp } from '../common/check';
import { defined, flagNames } from '../common/objects';
import {
  integerFrom,
  isText,
  listOf,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
} from '../common/options';
import { refuse } from '../common/refuse';
import { SEG6_ACTIONS, SEG6_FLAVORS, SEG6_MODES } from '../netlink/rtnetlink/encaps';
import type { SegmentRouting } from '../netlink/rtnetlink/segments';
import type { Device } from '../netns/device';
import { type EncapData, type EncapKind, isAddress, some } from './encap-kinds';
import { type TableName, tableName, tableNumber } from './route-table';

/** The header of segment routing (RFC 8754) in front of the packet, or within it: CONFIG_IPV6_SEG6_LWTUNNEL. */
export interface Seg6Encap {
  /** 'inline' puts the header into the packet; the others wrap the packet, with 'l2encap' its frame, and '.red' leaves out the first segment. */
  mode: keyof typeof SEG6_MODES | number;
  /** The addresses on the way, the next one first. */
  segments: readonly string[];
}

/** What has passed. */
export interface Seg6Counters {
  packets: number;
  bytes: number;
  errors: number;
}

/** What is done with packets to this segment (RFC 8986): CONFIG_IPV6_SEG6_LWTUNNEL. Each action has some of the other options. */
export interface Seg6LocalEncap {
  /** 'End', 'End.X', 'End.DX4', …, by the names of ip-route(8). */
  action: keyof typeof SEG6_ACTIONS | number;
  /** Of End.X, End.DX4 and End.DX6: whom the packets go to. */
  via?: string;
  /** Of End.T, End.DT4 and End.DT6: the table that says where they go to. */
  table?: TableName;
  /** Of End.DT4, End.DT6 and End.DT46: the table of a VRF, in its place. */
  vrfTable?: TableName;
  /** Of End.DX2: the device that frames leave by. */
  device?: Device;
  /** The same as a listed one has it; `device` comes first. */
  index?: number;
  /** Of End.B6 and End.B6.Encaps: the segments that are put in, the next one first. */
  segments?: readonly string[];
  /** What else is done (Linux 6.1): 'next-csid', 'psp', 'usp', 'usd'. */
  flavors?: readonly string[];
  /** Of 'next-csid': bits of the locator's block; 32 by default. */
  blockBits?: number;
  /** Of 'next-csid': bits of the locator's node and function; 16 by default. */
  nodeFunctionBits?: number;
  /** Whether packets are counted; a listed one has the numbers (Linux 5.14). */
  counters?: boolean | Seg6Counters;
}

const MOST_SEGMENTS = 100;
/** @internal */
export const isSegments: OptionCheck = (value, path) => {
  listOf(isAddress(6))(value, path);
  const { length } = value as readonly unknown[];
  if (length < 1 || length > MOST_SEGMENTS) refuse(path, `expected 1 to ${MOST_SEGMENTS} addresses`, length);
};

/** RFC 8754, IPV6_SRCRT_TYPE_4 */
const TYPE = 4;
const PLACE_OF_THE_PACKETS_OWN = '::';

/** The segments as they lie. Where a packet keeps its own header, its destination comes last, and the kernel puts it in. */
function toHeader(segments: readonly string[], keepsOwn: boolean): SegmentRouting {
  const all = [...segments, ...(keepsOwn ? [PLACE_OF_THE_PACKETS_OWN] : [])].reverse();
  const rest = { nextHeader: 0, type: TYPE, flags: 0, tag: 0, behind: Buffer.alloc(0) };
  return { ...rest, segmentsLeft: all.length - 1, segments: all };
}

function toSegments({ segments }: SegmentRouting, keepsOwn: boolean): string[] {
  return [...segments.slice(keepsOwn ? 1 : 0)].reverse();
}

const keeps = { mode: 'inline', action: 'End.B6' } as const;

export const seg6: EncapKind<Seg6Encap, EncapData['seg6']> = {
  options: optionTable<Seg6Encap>(
    { mode: oneOf(Object.keys(SEG6_MODES), { number: true }), segments: isSegments },
    ['mode', 'segments'],
  ),
  toData: ({ mode, segments }) => ({ header: { mode, ...toHeader(segments, mode === keeps.mode) } }),
  toView: ({ header }) => ({
    mode: header?.mode ?? keeps.mode,
    segments: header === undefined ? [] : toSegments(header, header.mode === keeps.mode),
  }),
};

const COUNTERS = optionsOf(optionTable<Seg6Counters>({ packets: true, bytes: true, errors: true }));
const isTable: OptionCheck = (value, path) => {
  if (typeof value !== 'string') checkU32(value, path);
};
const bits = integerFrom(0, 0xff);
const FLAVOR_BITS = Object.fromEntries(Object.entries(SEG6_FLAVORS).map(([name, bit]) => [name, 1 << bit]));

export const seg6local: EncapKind<Seg6LocalEncap, EncapData['seg6local']> = {
  options: optionTable<Seg6LocalEncap>(
    {
      action: oneOf(Object.keys(SEG6_ACTIONS), { number: true }),
      via: isText,
      table: isTable,
      vrfTable: isTable,
      device: checkDevice,
      index: integerFrom(1, 0x7fffffff),
      segments: isSegments,
      flavors: listOf(oneOf(Object.keys(SEG6_FLAVORS))),
      blockBits: bits,
      nodeFunctionBits: bits,
      counters: (value, path) => typeof value === 'boolean' || COUNTERS(value, path),
    },
    ['action'],
  ),
  toData(options, index) {
    const { action, via, table, vrfTable, device, segments, counters = false } = options;
    const gateway = via === undefined ? undefined : parseIp(via, 'encap.via');
    return defined({
      action,
      header: segments && toHeader(segments, action === keeps.action),
      table: table === undefined ? undefined : tableNumber(table),
      [gateway?.family === 4 ? 'gateway4' : 'gateway6']: gateway?.address,
      index: index(device ?? options.index),
      vrfTable: vrfTable === undefined ? undefined : tableNumber(vrfTable),
      counters: countersAttribute(counters),
      flavors: flavorsAttribute(options),
    });
  },
  toView: ({ action = 0, header, table, vrfTable, gateway4, gateway6, index, counters, flavors = {} }) => ({
    action,
    ...defined({
      via: gateway4 ?? gateway6,
      table: table === undefined ? undefined : tableName(table),
      vrfTable: vrfTable === undefined ? undefined : tableName(vrfTable),
      index,
      segments: header && toSegments(header, action === keeps.action),
      flavors: flavors.operations === undefined ? undefined : flagNames(FLAVOR_BITS, flavors.operations),
      counters: counters && toCounters(counters),
    }),
    ...some({ blockBits: flavors.blockBits, nodeFunctionBits: flavors.nodeFunctionBits }),
  }),
};

/** The kernel counts from 0 on, whatever it is given. */
function countersAttribute(counters: boolean | Seg6Counters): Seg6Counters | undefined {
  if (typeof counters !== 'boolean') return counters;
  return counters ? toCounters({}) : undefined;
}

function toCounters({ packets = 0, bytes = 0, errors = 0 }: Partial<Seg6Counters>): Seg6Counters {
  return { packets, bytes, errors };
}

function flavorsAttribute({ flavors, blockBits, nodeFunctionBits }: Seg6LocalEncap) {
  if (flavors === undefined && blockBits === undefined && nodeFunctionBits === undefined) return undefined;
  const operations = (flavors ?? []).reduce((set, name) => set | (FLAVOR_BITS[name] ?? 0), 0);
  return { operations, ...defined({ blockBits, nodeFunctionBits }) };
}
