import { checkOptions, integerFrom, oneOf, type OptionCheck, optionTable } from '../../../common/options';
import { s32, u64, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { type DelayDistribution, DISTRIBUTIONS } from './netem-distribution';
import { fromNanoseconds, isTime, toNanoseconds } from './units';

/** struct tc_netem_slot, whose last two fields take the place of the first two where there is a table (TCA_NETEM_SLOT_DIST). */
export const slotStruct = struct([
  ['minDelay', u64, 8],
  ['maxDelay', u64, 8],
  ['packets', s32, 4],
  ['bytes', s32, 4],
  ['delay', u64, 8],
  ['jitter', u64, 8],
]);

/** Packets that leave together, at times that are apart, as on a radio link. Either `minDelay` or `delay` has to be given. */
export interface NetemSlot {
  /** Milliseconds from one time to the next, at least; fractions are allowed. */
  minDelay?: number;
  /** Milliseconds, at most; as `minDelay` by default. */
  maxDelay?: number;
  /** In the place of `minDelay`, milliseconds from one time to the next, more or less. */
  delay?: number;
  /** Milliseconds by which the `delay` is more or less, more than 0, and at most 2147.483647. */
  jitter?: number;
  /** How the delays are spread within the jitter, 'uniform' by default. It goes with `delay`; the kernel does not report it. */
  distribution?: DelayDistribution;
  /** How many packets leave at most; as many as there are by default. */
  packets?: number;
  /** How many bytes leave at most; as many as there are by default. */
  bytes?: number;
}

/** The kernel cuts off what is beyond (6.18). */
const LONGEST_JITTER = 0x7fffffff;

/** Milliseconds that the kernel has in nanoseconds of 32 bits with a sign. */
export const isJitter: OptionCheck = (value, path) => {
  isTime(value, path);
  if (toNanoseconds(value as number) <= LONGEST_JITTER) return;
  throw new RangeError(`${path}: expected milliseconds from 0 to 2147.483647, got ${String(value)}`);
};

const SLOT = optionTable<NetemSlot>({
  minDelay: isTime,
  maxDelay: isTime,
  delay: isTime,
  jitter: isJitter,
  distribution: oneOf(DISTRIBUTIONS),
  packets: integerFrom(0, 0x7fffffff),
  bytes: integerFrom(0, 0x7fffffff),
});

/** What goes with each of the two ways to say when packets leave. */
const WAYS = { minDelay: ['maxDelay'], delay: ['jitter', 'distribution'] } as const;

export const isSlot: OptionCheck = (value, path) => {
  checkOptions(value, SLOT, { path });
  const slot = value as NetemSlot;
  const { minDelay, maxDelay = minDelay, delay, jitter } = slot;
  if ((minDelay === undefined) === (delay === undefined)) {
    throw new TypeError(`${path}.minDelay: either 'minDelay' or 'delay' has to be given`);
  }
  const other = minDelay === undefined ? 'minDelay' : 'delay';
  const stray = WAYS[other].find((name) => slot[name] !== undefined);
  if (stray !== undefined) throw new TypeError(`${path}.${stray}: it takes '${other}'`);
  if (delay !== undefined && jitter === undefined) {
    throw new TypeError(`${path}.jitter: it has to be given with 'delay'`);
  }
  if (jitter === 0) throw new RangeError(`${path}.jitter: it has to be more than 0`);
  if (minDelay !== undefined && maxDelay !== undefined && maxDelay < minDelay) {
    throw new RangeError(`${path}.maxDelay: it has to be at least ${path}.minDelay, got ${maxDelay}`);
  }
};

/** A slot with a `delay` has a table, because without one the kernel takes neither the delay nor the jitter. */
export function withTable(slot: NetemSlot): NetemSlot {
  return slot.delay === undefined ? slot : { distribution: 'uniform', ...slot };
}

/** With 0 as the longest time, there are no slots. */
export function toSlot(slot: NetemSlot | undefined): ValueOf<typeof slotStruct> {
  const { minDelay = 0, maxDelay = minDelay, packets = 0, bytes = 0, delay = 0, jitter = 0 } = slot ?? {};
  return {
    minDelay: toNanoseconds(minDelay),
    maxDelay: toNanoseconds(maxDelay),
    packets,
    bytes,
    delay: toNanoseconds(delay),
    jitter: toNanoseconds(jitter),
  };
}

/** The kernel has the largest number where there is no limit. */
export function fromSlot(found: ValueOf<typeof slotStruct>): NetemSlot {
  const limited = (value: number) => (value === 0x7fffffff ? 0 : value);
  const { minDelay, maxDelay, delay, jitter } = found;
  const times = jitter > 0 ? { delay, jitter } : { minDelay, maxDelay };
  const shown = Object.entries(times).map(([name, value]) => [name, fromNanoseconds(value)]);
  return {
    ...(Object.fromEntries(shown) as NetemSlot),
    packets: limited(found.packets),
    bytes: limited(found.bytes),
  };
}
