import {
  integerFrom,
  listOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../../../common/options';
import { attributes, headed } from '../../attributes';
import { bool8, bytes, u16, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** linux/pkt_sched.h, TC_QOPT_MAX_QUEUE: as many classes, and as many priorities of packets. */
const MOST = 16;

const sixteen = <C extends typeof u8>(codec: C, size: number) =>
  struct(Array.from({ length: MOST }, (_, i) => [String(i), codec, size] as const));

/** struct tc_mqprio_qopt */
const head = struct([
  ['classes', u8, 1],
  ['priorityMap', sixteen(u8, 1), MOST],
  ['offload', bool8, 1],
  ['counts', sixteen(u16, 2), 2 * MOST],
  ['offsets', sixteen(u16, 2), 2 * MOST],
]);

const codec = headed(
  head,
  attributes({
    mode: [1, u16], // TCA_MQPRIO_MODE
    shaper: [2, u16], // TCA_MQPRIO_SHAPER
    minRate: [3, bytes], // TCA_MQPRIO_MIN_RATE64
    maxRate: [4, bytes], // TCA_MQPRIO_MAX_RATE64
  }),
);

/** Queues of the device that are next to each other. */
export interface QueueRange {
  /** The first one, from 0 on. */
  first: number;
  /** How many. */
  count: number;
}

/** Packets are sent by queues of the device that their priority says. */
export interface MqprioOptions {
  /** The queues of each class, from 1 to 16 classes. */
  queues: readonly QueueRange[];
  /** The class, from 0 on, of packets of each of the priorities 0 to 15 (SO_PRIORITY); the first for those that are not named. */
  priorityMap?: readonly number[];
  /** Whether the device decides between the classes; off by default. */
  offload?: boolean;
}

const RANGE = optionTable<QueueRange>({ first: integerFrom(0, 0xffff), count: integerFrom(1, 0xffff) }, [
  'first',
  'count',
]);

const upTo =
  (check: OptionCheck, least: number): OptionCheck =>
  (value, path) => {
    listOf(check)(value, path);
    const { length } = value as readonly unknown[];
    if (length < least || length > MOST) {
      throw new RangeError(`${path}: expected ${least} to ${MOST} items, got ${length}`);
    }
  };

function check({ queues, priorityMap = [] }: MqprioOptions): void {
  const beyond = priorityMap.findIndex((one) => one >= queues.length);
  if (beyond === -1) return;
  throw new RangeError(
    `priorityMap[${beyond}]: there are ${queues.length} classes from 0 on, got ${priorityMap[beyond]}`,
  );
}

const numbered = (numbers: readonly number[]) => Object.fromEntries(numbers.entries());

export const mqprio: TrafficKind<MqprioOptions, ValueOf<typeof codec>, MqprioOptions> = {
  codec,
  options: {
    queues: upTo(optionsOf(RANGE), 1),
    priorityMap: upTo(integerFrom(0, MOST - 1), 0),
    offload: trueOrFalse,
  },
  required: ['queues'],
  check,
  toData: ({ queues, priorityMap = [], offload = false }) => ({
    classes: queues.length,
    priorityMap: numbered(priorityMap),
    offload,
    counts: numbered(queues.map(({ count }) => count)),
    offsets: numbered(queues.map(({ first }) => first)),
  }),
  toView({ classes = 0, priorityMap = {}, offload = false, counts = {}, offsets = {} }) {
    const queues = Array.from({ length: classes }, (_, i) => ({
      first: offsets[i] ?? 0,
      count: counts[i] ?? 0,
    }));
    return { queues, priorityMap: Object.values(priorityMap), offload };
  },
};
