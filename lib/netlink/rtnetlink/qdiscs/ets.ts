import { defined } from '../../../common/objects';
import { integerFrom, listOf } from '../../../common/options';
import { attributes, list, NLA_F_NESTED } from '../../attributes';
import { u32, u8, type ValueOf } from '../../codec';
import type { TrafficKind } from './qdisc-kind';

/** linux/pkt_sched.h, TCQ_ETS_MAX_BANDS */
const MOST_BANDS = 16;

/** linux/pkt_sched.h, TC_PRIO_MAX: there are as many priorities of packets, and one more. */
const PRIORITIES = 16;

const QUANTUM = 4; // TCA_ETS_QUANTA_BAND
const BAND = 6; // TCA_ETS_PRIOMAP_BAND

const codec = attributes({
  bands: [1, u8], // TCA_ETS_NBANDS
  strict: [2, u8], // TCA_ETS_NSTRICT
  quanta: [3 | NLA_F_NESTED, list(QUANTUM, u32)], // TCA_ETS_QUANTA
  priorityMap: [5 | NLA_F_NESTED, list(BAND, u8)], // TCA_ETS_PRIOMAP
});

/**
 * Some queues, of which the first ones send before all others, and the rest take turns by their quanta. Each is a class, '1:1' and so on, for
 * a queueing discipline below.
 */
export interface EtsOptions {
  /** How many queues, 1 to 16. By default as many as `strict` and `quanta` say. */
  bands?: number;
  /** How many of them, from the first on, send before all others; none by default. */
  strict?: number;
  /** Bytes that each of the others sends in its turn; of those that are not named, the MTU. */
  quanta?: readonly number[];
  /** The queue, from 0 on, of packets of each of the priorities 0 to 15 (SO_PRIORITY); the last queue for those that are not named. */
  priorityMap?: readonly number[];
}

const bandsOf = ({ bands, strict = 0, quanta = [] }: EtsOptions) => bands ?? strict + quanta.length;

function check(options: EtsOptions): void {
  const { strict = 0, quanta = [], priorityMap = [] } = options;
  const bands = bandsOf(options);
  if (bands < 1) throw new TypeError("bands: either 'bands', 'strict' or 'quanta' has to be given");
  if (bands > MOST_BANDS) throw new RangeError(`bands: there are at most ${MOST_BANDS}, got ${bands}`);
  if (strict + quanta.length > bands) {
    throw new RangeError(`bands: fewer than 'strict' and 'quanta' name, got ${bands}`);
  }
  if (priorityMap.length > PRIORITIES) {
    throw new RangeError(`priorityMap: expected at most ${PRIORITIES} numbers, got ${priorityMap.length}`);
  }
  const beyond = priorityMap.findIndex((band) => band >= bands);
  if (beyond === -1) return;
  throw new RangeError(
    `priorityMap[${beyond}]: there are ${bands} bands from 0 on, got ${priorityMap[beyond]}`,
  );
}

export const ets: TrafficKind<EtsOptions, ValueOf<typeof codec>, EtsOptions> = {
  codec,
  options: {
    bands: integerFrom(1, MOST_BANDS),
    strict: integerFrom(0, MOST_BANDS),
    quanta: listOf(integerFrom(1, 0xffffffff)),
    priorityMap: listOf(integerFrom(0, MOST_BANDS - 1)),
  },
  check,
  toData: (options) => {
    const { strict, quanta, priorityMap } = options;
    return defined({ bands: bandsOf(options), strict, quanta, priorityMap });
  },
  toView: ({ bands, strict = 0, quanta = [], priorityMap }) =>
    defined({ bands, strict, quanta, priorityMap }),
};
