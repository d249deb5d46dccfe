import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** struct tc_fifo_qopt */
const codec = struct([['limit', u32, 4]]);

type Data = ValueOf<typeof codec>;

/** One queue, in the order of arrival. */
export interface FifoOptions {
  /** How many packets (`pfifo`) or bytes (`bfifo`) may wait; by default what the device's `txQueueLength` says. */
  limit?: number;
}

export const pfifo: TrafficKind<FifoOptions, Data, FifoOptions> = {
  codec,
  options: { limit: integerFrom(0, 0xffffffff) },
  toData: ({ limit }) => (limit === undefined ? undefined : { limit }),
  toView: ({ limit }) => ({ limit }),
};

export const bfifo = pfifo;

const nothing = attributes({});

/** A place for filters, for what enters the device (`ingress`), or both what enters and what leaves (`clsact`). It has no options. */
export const ingress: TrafficKind<object, ValueOf<typeof nothing>, object> = {
  codec: nothing,
  options: {},
  ingress: true,
  toData: () => undefined,
  toView: () => ({}),
};

export const clsact = ingress;
