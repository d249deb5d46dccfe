import { defined } from '../../../common/objects';
import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { bytes, s32, u32, u64, type ValueOf } from '../../codec';
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
} from '../qdiscs/units';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, isControl, times, toControl, type TrafficControl } from './control';

/** struct tc_police: `burst` is the ticks that it takes. */
const parms = struct([
  ['index', u32, 4],
  ['control', s32, 4],
  ['limit', u32, 4],
  ['burst', u32, 4],
  ['mtu', u32, 4],
  ['rate', ratespec, 12],
  ['peakRate', ratespec, 12],
  ['references', s32, 4],
  ['bindings', s32, 4],
  4,
]);

const codec = attributes({
  parms: [1, parms], // TCA_POLICE_TBF
  rateTable: [2, bytes], // TCA_POLICE_RATE
  peakRateTable: [3, bytes], // TCA_POLICE_PEAKRATE
  average: [4, u32], // TCA_POLICE_AVRATE
  conform: [5, s32], // TCA_POLICE_RESULT
  times: [6, times], // TCA_POLICE_TM
  rate64: [8, u64], // TCA_POLICE_RATE64
  peakRate64: [9, u64], // TCA_POLICE_PEAKRATE64
  packetRate: [10, u64], // TCA_POLICE_PKTRATE64
  packetBurst: [11, u64], // TCA_POLICE_PKTBURST64
});

type Data = ValueOf<typeof codec>;

/** Packets up to a rate, and those beyond it. None waits. */
export interface PoliceOptions extends RateSize {
  /** Bits a second, rounded to whole bytes. */
  rate: number;
  /** Bytes that may pass at once. */
  burst: number;
  /** Bytes of the largest packet: a larger one counts as beyond the rate. 2040 by default, which is less than packets between veth devices have. */
  mtu?: number;
  /** Bits a second at which a burst passes; `mtu` goes with it. */
  peakRate?: number;
  /** What becomes of packets beyond the rate; 'drop' by default, where `tc` has 'reclassify'. */
  exceed?: TrafficControl;
  /** What becomes of the others; 'pass' by default. */
  conform?: TrafficControl;
}

/** What the kernel reports of it. */
export interface PoliceInfo extends PoliceOptions {
  mtu: number;
  exceed: TrafficControl;
  conform: TrafficControl;
}

/** The kernel asks for a table of the times of packets, 256 words, and computes the times by itself. */
const TABLE = Buffer.alloc(1024);

/** Packets of up to 256 * 2^3 bytes are in the table: the default of `mtu` comes from it. */
const CELL_LOG = 3;

export const police: ActionKind<PoliceOptions, Data, PoliceInfo> = {
  codec,
  options: {
    rate: isRate,
    burst: integerFrom(1, 0xffffffff),
    mtu: integerFrom(1, 0xffffffff),
    peakRate: isRate,
    ...RATE_SIZE,
    exceed: isControl,
    conform: isControl,
  },
  required: ['rate', 'burst'],
  check({ peakRate, mtu }, path) {
    if (peakRate !== undefined && mtu === undefined) {
      throw new TypeError(`${path}.mtu: it has to be given with 'peakRate'`);
    }
  },
  toData({ rate, burst, mtu, peakRate, exceed = 'drop', conform, ...options }) {
    const size = rateSize(options);
    const perSecond = toBytesPerSecond(rate);
    const slow = splitRate(perSecond, size);
    const fast = peakRate === undefined ? undefined : splitRate(toBytesPerSecond(peakRate), size);
    const value = {
      control: controlNumber(exceed),
      burst: ticksOf(burst, perSecond),
      mtu,
      rate: { ...slow.spec, cellLog: CELL_LOG },
      ...(fast && { peakRate: { ...fast.spec, cellLog: CELL_LOG } }),
    };
    return defined({
      parms: value as ValueOf<typeof parms>,
      rate64: slow.rate64,
      peakRate64: fast?.rate64,
      rateTable: TABLE,
      peakRateTable: fast && TABLE,
      conform: conform === undefined ? undefined : controlNumber(conform),
    });
  },
  toView({ parms: found, rate64, peakRate64, conform = 0 }) {
    const rate = rate64 ?? found?.rate.rate ?? 0;
    const peak = peakRate64 ?? found?.peakRate.rate ?? 0;
    return {
      rate: toBitsPerSecond(rate),
      burst: bytesIn(found?.burst ?? 0, rate),
      mtu: found?.mtu ?? 0,
      ...(peak > 0 && { peakRate: toBitsPerSecond(peak) }),
      ...(found && toRateSize(found.rate)),
      exceed: toControl(found?.control ?? 0),
      conform: toControl(conform),
    };
  },
};
