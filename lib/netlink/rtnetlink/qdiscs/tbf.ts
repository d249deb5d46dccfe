import { defined } from '../../../common/objects';
import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { bytes, u32, u64, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import {
  bytesIn,
  isMicroTime,
  isRate,
  RATE_SIZE,
  rateSize,
  type RateSize,
  ratespec,
  splitRate,
  ticksOf,
  toBitsPerSecond,
  toBytesPerSecond,
  toRateSize,
} from './units';

/** struct tc_tbf_qopt: `buffer` and `mtu` are the ticks that the two buckets take. */
const parms = struct([
  ['rate', ratespec, 12],
  ['peakRate', ratespec, 12],
  ['limit', u32, 4],
  ['buffer', u32, 4],
  ['mtu', u32, 4],
]);

const codec = attributes({
  parms: [1, parms], // TCA_TBF_PARMS
  /** The times of packets by their lengths, which tc sends, and the kernel computes itself. */
  rateTable: [2, bytes], // TCA_TBF_RTAB
  peakRateTable: [3, bytes], // TCA_TBF_PTAB
  rate64: [4, u64], // TCA_TBF_RATE64
  peakRate64: [5, u64], // TCA_TBF_PRATE64
  burst: [6, u32], // TCA_TBF_BURST
  peakBurst: [7, u32], // TCA_TBF_PBURST
});

type Data = ValueOf<typeof codec>;

/** A token bucket: packets leave at a rate, and wait for it. */
export interface TbfOptions extends RateSize {
  /** Bits a second, rounded to whole bytes. */
  rate: number;
  /** Bytes that may leave at once: at least the largest packet, and about what the rate sends in 10 ms. */
  burst: number;
  /** Bytes that may wait; more are dropped. Either this or `latency` has to be given. */
  limit?: number;
  /** Milliseconds that a packet may wait, from which `limit` is computed; fractions are allowed. */
  latency?: number;
  /** Bits a second at which a burst leaves; without it a burst leaves as fast as the device sends. */
  peakRate?: number;
  /** Bytes that may leave at once at the peak rate: the largest packet, such as 1514. It goes with `peakRate`. */
  peakBurst?: number;
}

/** What the kernel reports of a tbf. Beyond 125 Mbit/s the bytes of a burst are near those that were given: it counts in times. */
export type TbfInfo = Omit<TbfOptions, 'latency'>;

function check({ limit, latency, peakRate, peakBurst, rate }: TbfOptions): void {
  if (limit === undefined && latency === undefined) {
    throw new TypeError("limit: either 'limit' or 'latency' has to be given");
  }
  if (limit !== undefined && latency !== undefined) {
    throw new TypeError("latency: it cannot be given together with 'limit'");
  }
  if ((peakRate === undefined) !== (peakBurst === undefined)) {
    throw new TypeError('peakBurst: peakRate and peakBurst go together');
  }
  if (peakRate !== undefined && peakRate <= rate) {
    throw new RangeError(`peakRate: it has to be more than 'rate', got ${peakRate}`);
  }
}

/** The most that may wait: what is sent in the time, and the burst that is sent at once. */
function limitOf({ limit, latency = 0, peakBurst = 0, ...options }: TbfOptions): number {
  if (limit !== undefined) return limit;
  const waiting = (rate: number, burst: number) => Math.floor((rate / 8) * (latency / 1000)) + burst;
  const slow = waiting(options.rate, options.burst);
  const fast = options.peakRate === undefined ? slow : waiting(options.peakRate, peakBurst);
  const bytes = Math.min(slow, fast);
  if (bytes <= 0xffffffff) return bytes;
  throw new RangeError(
    `latency: ${latency} ms at this rate are ${bytes} bytes, and the kernel counts up to 4294967295`,
  );
}

export const tbf: TrafficKind<TbfOptions, Data, TbfInfo> = {
  codec,
  options: {
    rate: isRate,
    burst: integerFrom(1, 0xffffffff),
    limit: integerFrom(1, 0xffffffff),
    latency: isMicroTime,
    peakRate: isRate,
    peakBurst: integerFrom(1, 0xffffffff),
    ...RATE_SIZE,
  },
  required: ['rate', 'burst'],
  alternatives: { latency: ['limit'] },
  check,
  toData(options) {
    const { burst, peakRate, peakBurst } = options;
    const size = rateSize(options);
    const rate = toBytesPerSecond(options.rate);
    const limit = limitOf(options);
    const { spec, rate64 } = splitRate(rate, size);
    const peak = peakRate === undefined ? undefined : toBytesPerSecond(peakRate);
    const fast = peak === undefined ? undefined : splitRate(peak, size);
    const value = {
      rate: spec,
      ...(fast && { peakRate: fast.spec }),
      limit,
      buffer: ticksOf(burst, rate),
      ...(peak !== undefined && { mtu: ticksOf(peakBurst ?? 0, peak) }),
    };
    return defined({
      parms: value as ValueOf<typeof parms>,
      rate64,
      peakRate64: fast?.rate64,
      burst,
      peakBurst,
    });
  },
  toView({ parms: found, rate64, peakRate64 }) {
    if (found === undefined) return { rate: 0, burst: 0, limit: 0 };
    const rate = rate64 ?? found.rate.rate;
    const peak = peakRate64 ?? found.peakRate.rate;
    const size = toRateSize(found.rate);
    // the kernel counts the time of a burst as if it were one packet, with the overhead, and in cells
    const burstOf = (ticks: number, perSecond: number) => {
      const bytes = bytesIn(ticks, perSecond);
      return (size.linkLayer === 'atm' ? Math.round(bytes / 53) * 48 : bytes) - size.overhead;
    };
    return {
      rate: toBitsPerSecond(rate),
      burst: burstOf(found.buffer, rate),
      limit: found.limit,
      ...(peak > 0 && { peakRate: toBitsPerSecond(peak), peakBurst: burstOf(found.mtu, peak) }),
      ...size,
    };
  },
};
