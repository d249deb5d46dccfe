import { defined } from '../../../common/objects';
import { integerFrom, oneOf, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { choice, u16, u32, u64, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, GEN, isControl, times, toControl, type TrafficControl } from './control';

/** linux/if_packet.h, PACKET_*: for whom a packet is. */
const PACKET_TYPES = {
  host: 0, // PACKET_HOST
  broadcast: 1, // PACKET_BROADCAST
  multicast: 2, // PACKET_MULTICAST
  otherhost: 3, // PACKET_OTHERHOST
} as const;

const INHERIT = 0x20; // SKBEDIT_F_INHERITDSFIELD

/** struct tc_skbedit */
const parms = struct(GEN);

const codec = attributes({
  times: [1, times], // TCA_SKBEDIT_TM
  parms: [2, parms], // TCA_SKBEDIT_PARMS
  priority: [3, u32], // TCA_SKBEDIT_PRIORITY
  queue: [4, u16], // TCA_SKBEDIT_QUEUE_MAPPING
  mark: [5, u32], // TCA_SKBEDIT_MARK
  packetType: [7, choice(u16, PACKET_TYPES)], // TCA_SKBEDIT_PTYPE
  mask: [8, u32], // TCA_SKBEDIT_MASK
  flags: [9, u64], // TCA_SKBEDIT_FLAGS
  lastQueue: [10, u16], // TCA_SKBEDIT_QUEUE_MAPPING_MAX
});

type Data = ValueOf<typeof codec>;

/** What the kernel knows of the packet is changed, and no byte of it. */
export interface SkbeditOptions {
  /** Its priority: 0x10010 is the class 1:10 of htb. */
  priority?: number;
  /** Its mark. */
  mark?: number;
  /** The bits of the mark that are changed; all by default. */
  mask?: number;
  /** The queue of the device that it leaves by, from 0. */
  queue?: number;
  /** For whom it is: 'host' is this machine. */
  packetType?: keyof typeof PACKET_TYPES;
  /** Whether its priority is what its DS field says; off by default. */
  inheritDsField?: boolean;
  /** What becomes of it; 'pipe' by default. */
  control?: TrafficControl;
}

export const skbedit: ActionKind<SkbeditOptions, Data, SkbeditOptions> = {
  codec,
  options: {
    priority: integerFrom(0, 0xffffffff),
    mark: integerFrom(0, 0xffffffff),
    mask: integerFrom(0, 0xffffffff),
    queue: integerFrom(0, 0xffff),
    packetType: oneOf(Object.keys(PACKET_TYPES)),
    inheritDsField: trueOrFalse,
    control: isControl,
  },
  toData: ({ control = 'pipe', inheritDsField, ...edits }) => ({
    parms: { control: controlNumber(control) } as ValueOf<typeof parms>,
    ...defined(edits),
    ...(inheritDsField === true && { flags: INHERIT }),
  }),
  toView: ({ parms: found, priority, mark, mask, queue, packetType, flags = 0 }) => ({
    ...defined({ priority, mark, mask, queue }),
    ...(typeof packetType === 'string' && { packetType }),
    ...((flags & INHERIT) !== 0 && { inheritDsField: true }),
    control: toControl(found?.control ?? 0),
  }),
};
