import { defined } from '../../../common/objects';
import { integerFrom, oneOf } from '../../../common/options';
import { choice, s32, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** linux/pkt_sched.h, TCQ_PLUG_* */
const ACTIONS = {
  buffer: 0, // TCQ_PLUG_BUFFER
  releaseOne: 1, // TCQ_PLUG_RELEASE_ONE
  release: 2, // TCQ_PLUG_RELEASE_INDEFINITE
  limit: 3, // TCQ_PLUG_LIMIT
} as const;

/** struct tc_plug_qopt */
const codec = struct([
  ['action', choice(s32, ACTIONS), 4],
  ['limit', u32, 4],
]);

/** A queue that sends nothing before it is told to, by `setQdisc` with `action`. The kernel reports none of this. */
export interface PlugOptions {
  /** Bytes that may wait; by default what the device's queue has room for. */
  limit?: number;
  /**
   * What becomes of packets, of one that is there: 'buffer' keeps those that come from now on, 'releaseOne' sends those up to the next
   * 'buffer', and 'release' sends all, also those that come.
   */
  action?: 'buffer' | 'releaseOne' | 'release';
}

function check({ limit, action }: PlugOptions): void {
  if (limit !== undefined && action !== undefined) {
    throw new TypeError("action: it cannot be given together with 'limit'");
  }
}

export const plug: TrafficKind<PlugOptions, ValueOf<typeof codec>, object> = {
  codec,
  options: {
    limit: integerFrom(0, 0xffffffff),
    action: oneOf(['buffer', 'releaseOne', 'release']),
  },
  changeOnly: ['action'],
  check,
  toData: ({ limit, action = 'limit' }) =>
    limit === undefined && action === 'limit'
      ? undefined
      : (defined({ action, limit }) as ValueOf<typeof codec>),
  toView: () => ({}),
};
