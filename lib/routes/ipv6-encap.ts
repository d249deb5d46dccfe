import { defined } from '../common/objects';
import { integerFrom, oneOf, type OptionCheck, optionsOf, optionTable } from '../common/options';
import { refuse } from '../common/refuse';
import { ILA_CHECKSUMS, ILA_HOOKS, ILA_IDENTIFIERS, IOAM6_MODES } from '../netlink/rtnetlink/ipv6-encaps';
import { type EncapData, type EncapKind, isAddress } from './encap-kinds';
import { isSegments } from './seg6-encap';

/** A source route of RPL (RFC 6554) in the packet: CONFIG_IPV6_RPL_LWTUNNEL. */
export interface RplEncap {
  /** The addresses on the way, the next one first. */
  segments: readonly string[];
}

/** RFC 6554, 3 */
const RPL = 3;

export const rpl: EncapKind<RplEncap, EncapData['rpl']> = {
  options: optionTable<RplEncap>({ segments: isSegments }, ['segments']),
  toData: ({ segments }) => ({
    header: {
      ...{ nextHeader: 0, type: RPL, segmentsLeft: segments.length, compression: 0 },
      segments: [...segments].reverse(),
    },
  }),
  toView: ({ header }) => ({ segments: [...(header?.segments ?? [])].reverse() }),
};

/** How often a packet gets a trace: so many packets of so many. */
export interface Ioam6Frequency {
  /** 1 to 1000000. */
  packets: number;
  /** 1 to 1000000. */
  of: number;
}

/** A trace (RFC 9197) in the packet, into which each node writes: CONFIG_IPV6_IOAM6_LWTUNNEL. */
export interface Ioam6Encap {
  /** 'inline' (default) puts the trace into the packet, 'encap' wraps the packet, 'auto' does one or the other for its own packets and those of others. */
  mode?: keyof typeof IOAM6_MODES | number;
  /** Of 'encap' and 'auto': whom the wrapped packet goes to. */
  dst?: string;
  /** The number of the IOAM namespace, 0 to 65535. */
  namespace: number;
  /** What each node writes: 24 bits, the first of which is the highest: 0x800000 is the hop limit and the node's number. */
  traceType: number;
  /** Bytes that there are for it: a multiple of four, 4 to 244. */
  size: number;
  /** How many packets get a trace; all by default. */
  frequency?: Ioam6Frequency;
}

const UNIT = 4;
const MOST_ROOM = 244;
const TYPE_SHIFT = 0x100;
const share = integerFrom(1, 1_000_000);

const isRoom: OptionCheck = (value, path) => {
  integerFrom(UNIT, MOST_ROOM)(value, path);
  if ((value as number) % UNIT !== 0) refuse(path, 'expected a multiple of 4', value);
};

export const ioam6: EncapKind<Ioam6Encap, EncapData['ioam6']> = {
  options: optionTable<Ioam6Encap>(
    {
      mode: oneOf(Object.keys(IOAM6_MODES), { number: true }),
      dst: isAddress(6),
      namespace: integerFrom(0, 0xffff),
      traceType: integerFrom(1, 0xffffff),
      size: isRoom,
      frequency: optionsOf(optionTable<Ioam6Frequency>({ packets: share, of: share }, ['packets', 'of'])),
    },
    ['namespace', 'traceType', 'size'],
  ),
  toData: ({ mode = 'inline', dst, namespace, traceType, size, frequency }) => ({
    frequencyPackets: frequency?.packets ?? 1,
    frequencyOf: frequency?.of ?? 1,
    mode,
    ...defined({ dst }),
    trace: { namespace, nodeLength: 0, room: size / UNIT, type: traceType * TYPE_SHIFT },
  }),
  toView: ({ mode = 'inline', dst, trace, frequencyPackets = 1, frequencyOf = 1 }) => ({
    ...(mode !== 'inline' && { mode }),
    ...defined({ dst }),
    namespace: trace?.namespace ?? 0,
    traceType: Math.floor((trace?.type ?? 0) / TYPE_SHIFT),
    size: (trace?.room ?? 0) * UNIT,
    ...((frequencyPackets !== 1 || frequencyOf !== 1) && {
      frequency: { packets: frequencyPackets, of: frequencyOf },
    }),
  }),
};

/** Another first half of the packet's destination (identifier-locator addressing): CONFIG_IPV6_ILA. The route leads to a whole address. */
export interface IlaEncap {
  /** The half: '2001:db8:0:1'. */
  locator: string;
  /** What becomes of checksums: 'adj-transport', 'neutral-map', 'neutral-map-auto', or by default 'no-action'. */
  checksum?: keyof typeof ILA_CHECKSUMS | number;
  /** Of which type the other half is: 'luid', 'virt-v4', …; by default the half says so ('use-format'). */
  identifier?: keyof typeof ILA_IDENTIFIERS | number;
  /** Whether packets are changed as they leave ('output', by default) or come in. */
  hook?: keyof typeof ILA_HOOKS | number;
}

/** What the kernel reports where nothing else was said. */
const ILA_DEFAULTS = { checksum: 'no-action', identifier: 'use-format', hook: 'output' } as const;

const LOCATOR = /^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i;
const isLocator: OptionCheck = (value, path) => {
  if (typeof value === 'string' && LOCATOR.test(value)) return;
  refuse(path, "expected half an address, like '2001:db8:0:1'", value);
};

const toBytes = (locator: string) =>
  Buffer.from(
    locator
      .split(':')
      .map((part) => part.padStart(4, '0'))
      .join(''),
    'hex',
  );

const toText = (locator: Uint8Array) =>
  [0, 2, 4, 6].map((at) => (((locator[at] ?? 0) << 8) | (locator[at + 1] ?? 0)).toString(16)).join(':');

export const ila: EncapKind<IlaEncap, EncapData['ila']> = {
  options: optionTable<IlaEncap>(
    {
      locator: isLocator,
      checksum: oneOf(Object.keys(ILA_CHECKSUMS), { number: true }),
      identifier: oneOf(Object.keys(ILA_IDENTIFIERS), { number: true }),
      hook: oneOf(Object.keys(ILA_HOOKS), { number: true }),
    },
    ['locator'],
  ),
  toData: ({ locator, ...rest }) => ({ locator: toBytes(locator), ...ILA_DEFAULTS, ...defined(rest) }),
  toView: ({ locator = Buffer.alloc(8), ...rest }) => ({
    locator: toText(locator),
    ...(Object.fromEntries(
      Object.entries(rest).filter(
        ([name, value]) => value !== (ILA_DEFAULTS as Record<string, unknown>)[name],
      ),
    ) as Omit<IlaEncap, 'locator'>),
  }),
};
