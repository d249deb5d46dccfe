import { defined } from '../../../common/objects';
import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import type { TrafficKind } from './qdisc-kind';

// Classes that take turns. Filters send packets to them: those that none sends are dropped.

const none = attributes({});

/** Classes that take turns, each with so many bytes. It has no options of its own. */
export const drr: TrafficKind<object, ValueOf<typeof none>, object> = {
  codec: none,
  options: {},
  toData: () => undefined,
  toView: () => ({}),
};

/** Classes that take turns by their weights. It has no options of its own. */
export const qfq = drr;

const drrCodec = attributes({
  quantum: [1, u32], // TCA_DRR_QUANTUM
});

/** A class of a drr. */
export interface DrrClassOptions {
  /** Bytes that it sends in its turn; the MTU and the header by default. */
  quantum?: number;
}

export const drrClass: TrafficKind<DrrClassOptions, ValueOf<typeof drrCodec>, DrrClassOptions> = {
  codec: drrCodec,
  options: { quantum: integerFrom(1, 0xffffffff) },
  toData: ({ quantum }) => defined({ quantum }),
  toView: ({ quantum }) => defined({ quantum }),
};

const qfqCodec = attributes({
  weight: [1, u32], // TCA_QFQ_WEIGHT
  maxPacket: [2, u32], // TCA_QFQ_LMAX
});

/** A class of a qfq. */
export interface QfqClassOptions {
  /** Its share of the rate, from 1 to 1023; 1 by default. */
  weight?: number;
  /** Bytes of its largest packet, from 512 to 65536; the MTU and the header by default. */
  maxPacket?: number;
}

export const qfqClass: TrafficKind<QfqClassOptions, ValueOf<typeof qfqCodec>, QfqClassOptions> = {
  codec: qfqCodec,
  options: { weight: integerFrom(1, 1023), maxPacket: integerFrom(512, 65_536) },
  toData: ({ weight, maxPacket }) => defined({ weight, maxPacket }),
  toView: ({ weight, maxPacket }) => defined({ weight, maxPacket }),
};
