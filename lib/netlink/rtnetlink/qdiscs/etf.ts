import { flagValues, maskedFlags } from '../../../common/flags';
import { trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { s32, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import { fromNanoseconds, numberFrom, toNanoseconds } from './units';

const CLOCK_TAI = 11; // CLOCK_TAI

/** linux/pkt_sched.h, TC_ETF_* */
const FLAGS = {
  deadlineMode: 1, // TC_ETF_DEADLINE_MODE_ON
  offload: 2, // TC_ETF_OFFLOAD_ON
  skipSocketCheck: 4, // TC_ETF_SKIP_SOCK_CHECK
} as const;

/** struct tc_etf_qopt */
const parms = struct([
  ['delta', s32, 4],
  ['clock', s32, 4],
  ['flags', u32, 4],
]);

const codec = attributes({
  parms: [1, parms], // TCA_ETF_PARMS
});

/** Packets leave at the times that their sockets say (SO_TXTIME), by the clock CLOCK_TAI, the only one that the kernel takes. */
export interface EtfOptions {
  /** Milliseconds before its time that a packet is given to the device; 0 by default. */
  delta?: number;
  /** Whether the time is the latest, up to which a packet leaves as soon as it can; off by default. */
  deadlineMode?: boolean;
  /** Whether the device does its work; off by default. */
  offload?: boolean;
  /** Whether packets are taken of sockets that say no time; off by default. */
  skipSocketCheck?: boolean;
}

export const etf: TrafficKind<EtfOptions, ValueOf<typeof codec>, EtfOptions> = {
  codec,
  options: {
    delta: numberFrom(0, 2_147.483_647, 'milliseconds'),
    deadlineMode: trueOrFalse,
    offload: trueOrFalse,
    skipSocketCheck: trueOrFalse,
  },
  toData: ({ delta = 0, ...flags }) => ({
    parms: { delta: toNanoseconds(delta), clock: CLOCK_TAI, ...maskedFlags(FLAGS, flags) },
  }),
  toView: ({ parms: found }) =>
    found === undefined ? {} : { delta: fromNanoseconds(found.delta), ...flagValues(FLAGS, found.flags) },
};
