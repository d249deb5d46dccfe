import { defined } from '../../../common/objects';
import { integerFrom, oneOf, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { choice, s32, u32, u64, type ValueOf } from '../../codec';
import type { TrafficKind } from './qdisc-kind';
import {
  converted,
  fromMicroseconds,
  isMicroTime,
  isRateOrNone,
  toBitsPerSecond,
  toBytesPerSecond,
  toMicroseconds,
} from './units';

/** linux/pkt_sched.h, CAKE_FLOW_* */
const FLOW_MODES = {
  flowblind: 0, // CAKE_FLOW_NONE
  srchost: 1, // CAKE_FLOW_SRC_IP
  dsthost: 2, // CAKE_FLOW_DST_IP
  hosts: 3, // CAKE_FLOW_HOSTS
  flows: 4, // CAKE_FLOW_FLOWS
  'dual-srchost': 5, // CAKE_FLOW_DUAL_SRC
  'dual-dsthost': 6, // CAKE_FLOW_DUAL_DST
  'triple-isolate': 7, // CAKE_FLOW_TRIPLE
} as const;

/** linux/pkt_sched.h, CAKE_DIFFSERV_* */
const DIFFSERV_MODES = {
  diffserv3: 0, // CAKE_DIFFSERV_DIFFSERV3
  diffserv4: 1, // CAKE_DIFFSERV_DIFFSERV4
  diffserv8: 2, // CAKE_DIFFSERV_DIFFSERV8
  besteffort: 3, // CAKE_DIFFSERV_BESTEFFORT
  precedence: 4, // CAKE_DIFFSERV_PRECEDENCE
} as const;

/** linux/pkt_sched.h, CAKE_ACK_* */
const ACK_FILTERS = {
  off: 0, // CAKE_ACK_NONE
  on: 1, // CAKE_ACK_FILTER
  aggressive: 2, // CAKE_ACK_AGGRESSIVE
} as const;

/** linux/pkt_sched.h, CAKE_ATM_* */
const FRAMINGS = {
  none: 0, // CAKE_ATM_NONE
  atm: 1, // CAKE_ATM_ATM
  ptm: 2, // CAKE_ATM_PTM
} as const;

const codec = attributes({
  bandwidth: [2, u64], // TCA_CAKE_BASE_RATE64
  diffserv: [3, choice(u32, DIFFSERV_MODES)], // TCA_CAKE_DIFFSERV_MODE
  framing: [4, choice(u32, FRAMINGS)], // TCA_CAKE_ATM
  flowMode: [5, choice(u32, FLOW_MODES)], // TCA_CAKE_FLOW_MODE
  overhead: [6, s32], // TCA_CAKE_OVERHEAD
  rtt: [7, u32], // TCA_CAKE_RTT
  target: [8, u32], // TCA_CAKE_TARGET
  autorate: [9, u32], // TCA_CAKE_AUTORATE
  memory: [10, u32], // TCA_CAKE_MEMORY
  nat: [11, u32], // TCA_CAKE_NAT
  raw: [12, u32], // TCA_CAKE_RAW
  wash: [13, u32], // TCA_CAKE_WASH
  mpu: [14, u32], // TCA_CAKE_MPU
  ingress: [15, u32], // TCA_CAKE_INGRESS
  ackFilter: [16, choice(u32, ACK_FILTERS)], // TCA_CAKE_ACK_FILTER
  splitGso: [17, u32], // TCA_CAKE_SPLIT_GSO
  firewallMark: [18, u32], // TCA_CAKE_FWMARK
});

type Data = ValueOf<typeof codec>;

/** A shaper with short and fair queues, for the link to a provider. */
export interface CakeOptions {
  /** Bits a second, rounded to whole bytes; 0, the default, is no limit. */
  bandwidth?: number;
  /** Whether the bandwidth follows what arrives; off by default. */
  autorate?: boolean;
  /** By which classes of the field DSCP packets are told apart; 'diffserv3' by default. */
  diffserv?: keyof typeof DIFFSERV_MODES | number;
  /** Between what the bandwidth is shared, in the words of tc-cake(8); 'triple-isolate' by default. */
  flowMode?: keyof typeof FLOW_MODES | number;
  /** Whether hosts are told apart by their addresses before NAT; off by default. */
  nat?: boolean;
  /** Whether the field DSCP is cleared; off by default. */
  wash?: boolean;
  /** Milliseconds that a packet takes there and back; 100 by default. */
  rtt?: number;
  /** Whether it shapes what arrives, as on an ifb: what is dropped has used the link; off by default. */
  ingress?: boolean;
  /** Whether superfluous acknowledgements of TCP are dropped; 'off' by default. */
  ackFilter?: keyof typeof ACK_FILTERS | number;
  /** Whether large segments are split; true by default. */
  splitGso?: boolean;
  /** Bytes that each packet counts more for the bandwidth, or less: -64 to 256. */
  overhead?: number;
  /** Bytes that each packet counts at least: 0 to 256. */
  mpu?: number;
  /** How the link frames packets; 'none' by default. */
  framing?: keyof typeof FRAMINGS | number;
  /** Bytes of memory at most; by default by the bandwidth. */
  memory?: number;
  /** The bits of the firewall's mark that name a class, in the place of DSCP. */
  firewallMark?: number;
}

const flagOf = (value: boolean | undefined) => (value === undefined ? undefined : Number(value));
const isSet = (value: number | undefined) => (value === undefined ? undefined : value !== 0);

/** As tc has it: the delay that cake aims at is a twentieth of the round trip, and the kernel keeps that of another one (6.18). */
function roundTrip(milliseconds: number | undefined) {
  const rtt = converted(toMicroseconds, milliseconds);
  return rtt === undefined ? {} : { rtt, target: Math.max(1, Math.floor(rtt / 20)) };
}

export const cake: TrafficKind<CakeOptions, Data, CakeOptions> = {
  codec,
  options: {
    bandwidth: isRateOrNone,
    autorate: trueOrFalse,
    diffserv: oneOf(Object.keys(DIFFSERV_MODES), { number: true }),
    flowMode: oneOf(Object.keys(FLOW_MODES), { number: true }),
    nat: trueOrFalse,
    wash: trueOrFalse,
    rtt: isMicroTime,
    ingress: trueOrFalse,
    ackFilter: oneOf(Object.keys(ACK_FILTERS), { number: true }),
    splitGso: trueOrFalse,
    overhead: integerFrom(-64, 256),
    mpu: integerFrom(0, 256),
    framing: oneOf(Object.keys(FRAMINGS), { number: true }),
    memory: integerFrom(0, 0xffffffff),
    firewallMark: integerFrom(0, 0xffffffff),
  },
  toData: ({ bandwidth, autorate, nat, wash, rtt, ingress, splitGso, ...rest }) =>
    defined({
      ...rest,
      bandwidth: converted(toBytesPerSecond, bandwidth),
      autorate: flagOf(autorate),
      nat: flagOf(nat),
      wash: flagOf(wash),
      ...roundTrip(rtt),
      ingress: flagOf(ingress),
      splitGso: flagOf(splitGso),
    }),
  toView: ({ diffserv, flowMode, ackFilter, overhead, mpu, framing, memory, firewallMark, raw, ...data }) =>
    defined({
      bandwidth: converted(toBitsPerSecond, data.bandwidth),
      autorate: isSet(data.autorate),
      ...{ diffserv, flowMode },
      nat: isSet(data.nat),
      wash: isSet(data.wash),
      rtt: converted(fromMicroseconds, data.rtt),
      ingress: isSet(data.ingress),
      ackFilter,
      splitGso: isSet(data.splitGso),
      // where nobody has said what a packet counts more, the kernel goes by its length as the device sends it
      overhead: raw === undefined ? overhead : undefined,
      ...{ mpu, framing, memory },
      firewallMark: firewallMark === 0 ? undefined : firewallMark,
    }),
};
