import { integerFrom, listOf, type OptionCheck } from '../../../common/options';
import { s32, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** linux/pkt_sched.h, TC_PRIO_MAX: there are as many priorities of packets, and one more. */
const PRIORITIES = 16;

/** linux/pkt_sched.h, TCQ_PRIO_BANDS */
const MOST_BANDS = 16;

/** A band for each priority: a field each, because the struct has no count. */
const bandsByPriority = struct(
  Array.from({ length: PRIORITIES }, (_, priority) => [String(priority), u8, 1] as const),
);

/** struct tc_prio_qopt */
const codec = struct([
  ['bands', s32, 4],
  ['priorityMap', bandsByPriority, PRIORITIES],
]);

type Data = ValueOf<typeof codec>;

/** What tc takes where nothing is said: interactive packets first, bulk last. */
const DEFAULT_MAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/** Some queues, of which the first that has a packet sends. Each is a class, '1:1' and so on, for a queueing discipline below. */
export interface PrioOptions {
  /** How many queues, 2 to 16; 3 by default. */
  bands?: number;
  /** The queue, from 0 on, of packets of each of the priorities 0 to 15 (SO_PRIORITY): 16 numbers. */
  priorityMap?: readonly number[];
}

const isMap: OptionCheck = (value, path) => {
  listOf(integerFrom(0, MOST_BANDS - 1))(value, path);
  const { length } = value as readonly number[];
  if (length !== PRIORITIES) throw new RangeError(`${path}: expected ${PRIORITIES} numbers, got ${length}`);
};

function check({ bands = 3, priorityMap = DEFAULT_MAP }: PrioOptions): void {
  const beyond = priorityMap.findIndex((band) => band >= bands);
  if (beyond === -1) return;
  const band = priorityMap[beyond] ?? 0;
  throw new RangeError(`priorityMap[${beyond}]: there are ${bands} bands from 0 on, got ${band}`);
}

export const prio: TrafficKind<PrioOptions, Data, PrioOptions> = {
  codec,
  options: { bands: integerFrom(2, MOST_BANDS), priorityMap: isMap },
  check,
  toData: ({ bands = 3, priorityMap = DEFAULT_MAP }) => ({
    bands,
    priorityMap: Object.fromEntries(priorityMap.entries()),
  }),
  toView: ({ bands, priorityMap }) => ({ bands, priorityMap: Object.values(priorityMap) }),
};
