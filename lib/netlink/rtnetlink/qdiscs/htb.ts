import { defined } from '../../../common/objects';
import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { bytes, flag, u32, u64, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { isMinor } from './minor';
import type { TrafficKind } from './qdisc-kind';
import {
  bytesIn,
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

/** struct tc_htb_opt: `buffer` and `ceilBuffer` are the ticks that the two buckets take. */
const parms = struct([
  ['rate', ratespec, 12],
  ['ceil', ratespec, 12],
  ['buffer', u32, 4],
  ['ceilBuffer', u32, 4],
  ['quantum', u32, 4],
  ['level', u32, 4],
  ['priority', u32, 4],
]);

/** struct tc_htb_glob */
const glob = struct([
  ['version', u32, 4],
  ['rateToQuantum', u32, 4],
  ['defaultClass', u32, 4],
  ['debug', u32, 4],
  ['directPackets', u32, 4],
]);

/** The same attributes for the queueing discipline and its classes. */
const codec = attributes({
  parms: [1, parms], // TCA_HTB_PARMS
  init: [2, glob], // TCA_HTB_INIT
  /** The times of packets by their lengths, which tc sends, and the kernel computes itself. */
  ceilTable: [3, bytes], // TCA_HTB_CTAB
  rateTable: [4, bytes], // TCA_HTB_RTAB
  directQueueLength: [5, u32], // TCA_HTB_DIRECT_QLEN
  rate64: [6, u64], // TCA_HTB_RATE64
  ceil64: [7, u64], // TCA_HTB_CEIL64
  offload: [9, flag], // TCA_HTB_OFFLOAD
});

type Data = ValueOf<typeof codec>;

/** linux/pkt_sched.h, TC_HTB_PROTOVER */
const VERSION = 3;

/** A tree of classes, each with a rate of its own, which lend each other what they do not use. */
export interface HtbOptions {
  /**
   * The second number, in hexadecimal, of the class of packets that no filter sends to another: '30' for '1:30'. Without one they
   * leave at once, past all rates.
   */
  defaultClass?: string;
  /** By how much the rate of a class is divided for its `quantum`; 10 by default. */
  rateToQuantum?: number;
  /** Packets without a class that may wait; by default what the device's `txQueueLength` says. */
  directQueueLength?: number;
}

export const htb: TrafficKind<HtbOptions, Data, HtbOptions> = {
  codec,
  options: {
    defaultClass: isMinor,
    rateToQuantum: integerFrom(1, 0xffffffff),
    directQueueLength: integerFrom(0, 0xffffffff),
  },
  toData: ({ defaultClass = '0', rateToQuantum = 10, directQueueLength }) => ({
    init: {
      version: VERSION,
      rateToQuantum,
      defaultClass: Number.parseInt(defaultClass, 16),
      debug: 0,
      directPackets: 0,
    },
    ...defined({ directQueueLength }),
  }),
  toView: ({ init, directQueueLength }) =>
    defined({
      defaultClass:
        init === undefined || init.defaultClass === 0 ? undefined : init.defaultClass.toString(16),
      rateToQuantum: init?.rateToQuantum,
      directQueueLength,
    }),
};

/** A class of an htb. */
export interface HtbClassOptions extends RateSize {
  /** Bits a second that the class has, rounded to whole bytes. */
  rate: number;
  /** Bits a second up to which it borrows from the others; as `rate` by default. */
  ceil?: number;
  /** Bytes that it sends at once at its rate; 1600 and a nanosecond's by default. Of fast classes `tc` makes it 0. */
  burst?: number;
  /** Bytes that it sends at once at `ceil`. */
  ceilBurst?: number;
  /** Bytes that it borrows in its turn; by default the rate divided by the htb's `rateToQuantum`. */
  quantum?: number;
  /** Which classes borrow first: 0, the default, to 7. */
  priority?: number;
}

/** What tc takes where nothing is said: a large Ethernet frame, and what passes in the time of the kernel's clock. */
const burstFor = (rate: number) => Math.floor(rate / 1e9) + 1600;

export const htbClass: TrafficKind<HtbClassOptions, Data, HtbClassOptions> = {
  codec,
  options: {
    rate: isRate,
    ceil: isRate,
    burst: integerFrom(0, 0xffffffff),
    ceilBurst: integerFrom(0, 0xffffffff),
    quantum: integerFrom(0, 0xffffffff),
    priority: integerFrom(0, 7),
    ...RATE_SIZE,
  },
  required: ['rate'],
  toData(options) {
    const { quantum = 0, priority = 0 } = options;
    const size = rateSize(options);
    const rate = toBytesPerSecond(options.rate);
    const ceil = toBytesPerSecond(options.ceil ?? options.rate);
    const { burst = burstFor(rate), ceilBurst = burstFor(ceil) } = options;
    const own = splitRate(rate, size);
    const most = splitRate(ceil, size);
    return {
      ...defined({ rate64: own.rate64, ceil64: most.rate64 }),
      parms: {
        rate: own.spec,
        ceil: most.spec,
        buffer: ticksOf(burst, rate),
        ceilBuffer: ticksOf(ceilBurst, ceil),
        quantum,
        level: 0,
        priority,
      },
    };
  },
  toView({ parms: found, rate64, ceil64 }) {
    if (found === undefined) return { rate: 0 };
    const rate = rate64 ?? found.rate.rate;
    const ceil = ceil64 ?? found.ceil.rate;
    return {
      rate: toBitsPerSecond(rate),
      ceil: toBitsPerSecond(ceil),
      burst: bytesIn(found.buffer, rate),
      ceilBurst: bytesIn(found.ceilBuffer, ceil),
      quantum: found.quantum,
      priority: found.priority,
      ...toRateSize(found.rate),
    };
  },
};
