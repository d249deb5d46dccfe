import { defined } from '../../../common/objects';
import { integerFrom, oneOf, type OptionCheck } from '../../../common/options';
import { shown } from '../../../common/shown';
import { u16, u32, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';

// People count bits a second, milliseconds and percent; the kernel counts bytes a second, nanoseconds, microseconds or ticks, and
// parts of 2^32.

/** The largest part of the kernel's probabilities: 100 percent. */
const WHOLE = 0xffffffff;

/** Decimals of a percentage up to which each is told from the next: a part of the kernel's is 0.000000023 percent. */
const DECIMALS = 1e7;

/** A tick of the packet scheduler: /proc/net/psched has it, and it is the same on all kernels since 2.6.28. */
const NANOSECONDS_PER_TICK = 64;

const LARGEST_U32 = 0xffffffff;

/** A number in these bounds, also between two integers. */
export function numberFrom(min: number, max: number, unit: string): OptionCheck {
  return (value, path) => {
    const message = `${path}: expected ${unit} from ${min} to ${max}, got ${shown(value)}`;
    if (typeof value !== 'number') throw new TypeError(message);
    if (!(value >= min && value <= max)) throw new RangeError(message);
  };
}

/** 0, or bits a second: less than a byte would be no limit. */
function noneOr(max: number): OptionCheck {
  const isMore = numberFrom(8, max, 'bits a second, 0 or');
  return (value, path) => {
    if (value !== 0) isMore(value, path);
  };
}

export const isPercent = numberFrom(0, 100, 'percent');

/** Milliseconds that the kernel has in nanoseconds of 64 bits. */
export const isTime = numberFrom(0, 9_007_199_254, 'milliseconds');

/** Milliseconds that the kernel has in microseconds of 32 bits. */
export const isMicroTime = numberFrom(0, 4_294_967.295, 'milliseconds');

/** Bits a second, of which the kernel counts whole bytes in 64 bits. With 0 there is no limit. */
export const isRateOrNone = noneOr(Number.MAX_SAFE_INTEGER);
export const isRate = numberFrom(8, Number.MAX_SAFE_INTEGER, 'bits a second');

/** Bits a second, of which the kernel counts whole bytes in 32 bits. */
export const isSmallRate = numberFrom(8, 8 * LARGEST_U32, 'bits a second');
export const isSmallRateOrNone = noneOr(8 * LARGEST_U32);

export const toParts = (percent: number) => Math.round((percent / 100) * WHOLE);
export const toPercent = (parts: number) => Math.round((parts / WHOLE) * 100 * DECIMALS) / DECIMALS;

export const toBytesPerSecond = (bits: number) => Math.round(bits / 8);
export const toBitsPerSecond = (bytes: number) => bytes * 8;

export const toNanoseconds = (milliseconds: number) => Math.round(milliseconds * 1e6);
export const fromNanoseconds = (nanoseconds: number) => nanoseconds / 1e6;
export const fromTicks = (ticks: number) => fromNanoseconds(ticks * NANOSECONDS_PER_TICK);

export const toMicroseconds = (milliseconds: number) => Math.round(milliseconds * 1e3);
export const fromMicroseconds = (microseconds: number) => microseconds / 1e3;

/**
 * The kernel's codel counts in units of 1.024 us, and reports whole microseconds, of which it cuts off the rest: this is the least time
 * that gives as many units. Most often it is the one that was given.
 */
export const fromCodelTime = (reported: number) =>
  fromMicroseconds(Math.ceil(Math.ceil(reported / 1.024) * 1.024));

/**
 * The kernel's pie counts its target in ticks, and reports whole microseconds, of which it cuts off the rest: only every eighth is a
 * whole number of ticks, and each other one comes back as the one before.
 */
export const fromPieTime = (reported: number) =>
  fromMicroseconds(reported % 8 === 0 ? reported : reported + 1);

/** The value of an option in the kernel's unit, where the option is given. */
export function converted(convert: (value: number) => number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : convert(value);
}

/** The ticks that so many bytes take at a rate of bytes a second, cut off as the kernel does. */
export function ticksOf(bytes: number, rate: number): number {
  return Math.min(LARGEST_U32, Math.floor(((bytes / rate) * 1e9) / NANOSECONDS_PER_TICK));
}

/**
 * The bytes that pass in so many ticks: the kernel keeps no others. Half a tick more is what was cut off, so that up to 125 Mbit/s
 * the bytes come back that were given, and beyond that those that give the same ticks.
 */
export function bytesIn(ticks: number, rate: number): number {
  return ticks === 0 ? 0 : Math.round(((ticks + 0.5) * NANOSECONDS_PER_TICK * rate) / 1e9);
}

/** linux/pkt_sched.h, TC_LINKLAYER_*: where one is told, the kernel asks for no table of the times of packets (TCA_TBF_RTAB, …). */
export const LINK_LAYERS = {
  ethernet: 1, // TC_LINKLAYER_ETHERNET
  atm: 2, // TC_LINKLAYER_ATM
} as const;

/**
 * What carries the packets: with 'atm', each takes whole cells of 53 bytes, in which there are 48 of it.
 *
 * @useDeclaredType
 */
export type LinkLayer = keyof typeof LINK_LAYERS;

/** struct tc_ratespec */
export const ratespec = struct([
  ['cellLog', u8, 1],
  ['linkLayer', u8, 1],
  ['overhead', u16, 2],
  ['cellAlign', u16, 2],
  ['mpu', u16, 2],
  ['rate', u32, 4],
]);

/** What a packet counts for a rate. */
export interface RateSize {
  /** Bytes that each packet counts more. */
  overhead?: number;
  /** Bytes that each packet counts at least. Old kernels (5.10) ignore it, and report 0. */
  mpu?: number;
  /** What carries the packets: 'ethernet' (default), or 'atm', where each takes whole cells of 53 bytes, with 48 of it in each. */
  linkLayer?: LinkLayer;
}

/** The checks of these options. */
export const RATE_SIZE = {
  overhead: integerFrom(0, 0xffff),
  mpu: integerFrom(0, 0xffff),
  linkLayer: oneOf(Object.keys(LINK_LAYERS)),
} as const;

/** Those of the options of a rate that say what a packet counts. */
export const rateSize = ({ overhead, mpu, linkLayer }: RateSize): RateSize =>
  defined({ overhead, mpu, linkLayer });

export const toRateSize = ({ overhead, mpu, linkLayer }: ValueOf<typeof ratespec>): Required<RateSize> => ({
  ...{ overhead, mpu },
  linkLayer: linkLayer === LINK_LAYERS.atm ? 'atm' : 'ethernet',
});

/** A rate of bytes a second in the struct, with what is in the 64-bit attribute beside it where the struct has no room for it. */
export function splitRate(rate: number, { overhead = 0, mpu = 0, linkLayer = 'ethernet' }: RateSize = {}) {
  const spec = {
    cellLog: 0,
    linkLayer: LINK_LAYERS[linkLayer],
    overhead,
    cellAlign: 0xffff,
    mpu,
    rate: Math.min(rate, LARGEST_U32),
  };
  return { spec, rate64: rate > LARGEST_U32 ? rate : undefined };
}
