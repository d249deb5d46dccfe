import { checkU32 } from '../common/check';
import { flagNames } from '../common/objects';
import {
  integerFrom,
  isText,
  listOf,
  oneOf,
  type OptionCheck,
  type OptionTable,
  trueOrFalse,
} from '../common/options';
import { shown } from '../common/shown';
import { metrics as table, ROUTE_FEATURES } from '../netlink/rtnetlink/route';
import type { ValueOf } from '../netlink/codec';

/** What the connections over a route begin with, and may not go beyond. What a route does not have, the kernel finds out itself. */
export interface RouteMetrics {
  /** Bytes: the largest packet. */
  mtu?: number;
  /** Bytes: the largest TCP segment that the other side is told to send. */
  advertisedMss?: number;
  /** Bytes: the largest TCP window that the other side is told. */
  window?: number;
  /** Milliseconds, in eighths: the first estimate of the round-trip time. */
  rtt?: number;
  /** Milliseconds, in quarters: how much the round-trip time varies, as a first estimate. */
  rttVariance?: number;
  /** Milliseconds: the shortest time until TCP sends a segment once more. The kernel takes it as locked. */
  minimumRto?: number;
  /** Segments: where TCP's slow start ends. */
  slowStartThreshold?: number;
  /** Segments: the largest congestion window; of no effect unless it is locked. */
  congestionWindow?: number;
  /** Segments that TCP sends at first, without an acknowledgement. */
  initialWindow?: number;
  /** Segments that the other side may send at first. */
  initialReceiveWindow?: number;
  /** How many segments may overtake another one before TCP takes it for lost. */
  reordering?: number;
  /** Hops: what packets begin with, in place of the sysctl; 0 to 255. */
  hopLimit?: number;
  /** Acknowledge each segment at once. */
  quickAck?: boolean;
  /** TCP Fast Open without a cookie. */
  fastOpenNoCookie?: boolean;
  /** What the connections may use: 'ecn', 'tcp_usec_ts' (Linux 6.7). */
  features?: readonly string[];
  /** The algorithm: 'cubic', 'bbr', … */
  congestionControl?: string;
  /** Those of the names above that the kernel must not adapt: `['mtu']` turns off path MTU discovery. */
  locked?: readonly string[];
}

type MetricsMessage = ValueOf<typeof table>;

/** Milliseconds, of which the kernel has so many parts. */
const partsOf =
  (parts: number): OptionCheck =>
  (value, path) => {
    const most = Math.floor(0xffffffff / parts);
    const message = `${path}: expected milliseconds, from 0 to ${most}, got ${shown(value)}`;
    if (typeof value !== 'number') throw new TypeError(message);
    if (!(value >= 0 && value <= most)) throw new RangeError(message);
  };

/** How many parts of the option's unit the kernel counts. */
const PARTS: Readonly<Record<string, number>> = { rtt: 8, rttVariance: 4 };

/** Those that are numbers. */
const NUMBERS = {
  mtu: checkU32,
  advertisedMss: checkU32,
  window: checkU32,
  rtt: partsOf(8),
  rttVariance: partsOf(4),
  minimumRto: checkU32,
  slowStartThreshold: checkU32,
  congestionWindow: checkU32,
  initialWindow: checkU32,
  initialReceiveWindow: checkU32,
  reordering: checkU32,
  hopLimit: integerFrom(0, 0xff),
} as const;

/** Those that are a number to the kernel, and yes or no here. */
const SWITCHES = { quickAck: trueOrFalse, fastOpenNoCookie: trueOrFalse } as const;

/** All that can be locked: the kernel has a bit for each number of an attribute. */
const LOCKABLE = Object.keys({ ...NUMBERS, ...SWITCHES, features: true, congestionControl: true });

/** @internal */
export const ROUTE_METRICS: OptionTable<RouteMetrics> = {
  ...NUMBERS,
  ...SWITCHES,
  features: listOf(oneOf(Object.keys(ROUTE_FEATURES))),
  congestionControl: isText,
  locked: listOf(oneOf(LOCKABLE)),
};

const bitOf = (name: string) => 1 << (table.rows[name]?.[0] ?? 0);

const BITS: Readonly<Record<string, number>> = Object.fromEntries(
  LOCKABLE.map((name) => [name, bitOf(name)]),
);

/** @internal The attribute, if there is anything in it. */
export function metricsAttribute(options: RouteMetrics): { metrics?: MetricsMessage } {
  const given: Record<string, unknown> = {};
  const all = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(NUMBERS)) {
    const value = all[name];
    if (value !== undefined) given[name] = Math.round((value as number) * (PARTS[name] ?? 1));
  }
  for (const name of Object.keys(SWITCHES)) {
    if (all[name] !== undefined) given[name] = all[name] === true ? 1 : 0;
  }
  const { features, congestionControl, locked = [], minimumRto } = options;
  if (features !== undefined) given['features'] = bitsOf(ROUTE_FEATURES, features);
  if (congestionControl !== undefined) given['congestionControl'] = congestionControl;
  for (const name of locked) {
    if (all[name] === undefined) throw new TypeError(`locked: it needs the option '${name}'`);
  }
  const lock = bitsOf(BITS, minimumRto === undefined ? locked : [...locked, 'minimumRto']);
  if (lock !== 0) given['lock'] = lock;
  return Object.keys(given).length === 0 ? {} : { metrics: given };
}

function bitsOf(bits: Readonly<Record<string, number>>, names: readonly string[]): number {
  return names.reduce((sum, name) => sum | (bits[name] ?? 0), 0);
}

/** @internal What a listed route has of them. */
export function toMetrics(message: MetricsMessage | undefined): RouteMetrics {
  if (message === undefined) return {};
  const found: Record<string, unknown> = {};
  const all = message as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(NUMBERS)) {
    const value = all[name];
    if (value !== undefined) found[name] = (value as number) / (PARTS[name] ?? 1);
  }
  for (const name of Object.keys(SWITCHES)) {
    if (all[name] !== undefined) found[name] = all[name] !== 0;
  }
  const { features, congestionControl, lock } = message;
  if (features !== undefined) found['features'] = flagNames(ROUTE_FEATURES, features);
  if (congestionControl !== undefined) found['congestionControl'] = congestionControl;
  const locked = lock === undefined ? [] : flagNames(BITS, lock & ~bitOf('minimumRto'));
  if (locked.length > 0) found['locked'] = locked;
  return found;
}

/** @internal What of the attribute the properties do not express, to be kept as unknown. */
export function unexpressedMetrics(message: MetricsMessage | undefined): MetricsMessage | undefined {
  if (message === undefined) return undefined;
  const { lock = 0, minimumRto, features = 0, unknown } = message;
  const named = (bits: Readonly<Record<string, number>>) =>
    Object.values(bits).reduce((sum, bit) => sum | bit, 0);
  // a shortest time that is not locked is of no effect, and adding it again would lock it
  const unlocked = minimumRto !== undefined && (lock & bitOf('minimumRto')) === 0;
  const others = lock & ~named(BITS);
  const found: MetricsMessage = {
    ...((unlocked || others !== 0) && { lock }),
    ...((features & ~named(ROUTE_FEATURES)) !== 0 && { features }),
    ...(unknown !== undefined && { unknown }),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}
