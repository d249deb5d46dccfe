import { u16, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** struct tc_multiq_qopt */
const codec = struct([
  ['bands', u16, 2],
  ['maxBands', u16, 2],
]);

/** What the kernel reports of a multiq. */
export interface MultiqInfo {
  /** How many queues it has: as many as the device sends by. */
  bands: number;
  /** How many queues the device can have. */
  maxBands: number;
}

/** A queue for each queue of the device. It has no options of its own, and a device of one queue is refused. */
export const multiq: TrafficKind<object, ValueOf<typeof codec>, MultiqInfo> = {
  codec,
  options: {},
  readOnly: ['bands', 'maxBands'],
  toData: () => ({ bands: 0, maxBands: 0 }),
  toView: ({ bands, maxBands }) => ({ bands, maxBands }),
};
