import { checkDevice } from '../../../common/check';
import { oneOf } from '../../../common/options';
import { attributes } from '../../attributes';
import { s32, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, isControl, times, toControl, type TrafficControl } from './control';

/** struct tc_mirred */
const parms = struct([
  ['index', u32, 4],
  4,
  ['control', s32, 4],
  ['references', s32, 4],
  ['bindings', s32, 4],
  ['way', s32, 4],
  ['device', u32, 4],
]);

const codec = attributes({
  times: [1, times], // TCA_MIRRED_TM
  parms: [2, parms], // TCA_MIRRED_PARMS
});

type Data = ValueOf<typeof codec>;

/** linux/tc_act/tc_mirred.h, TCA_*: the ways that a packet goes. */
const WAYS: readonly (readonly [
  way: number,
  mode: MirredOptions['mode'],
  direction: MirredInfo['direction'],
])[] = [
  [1, 'redirect', 'egress'], // TCA_EGRESS_REDIR
  [2, 'mirror', 'egress'], // TCA_EGRESS_MIRROR
  [3, 'redirect', 'ingress'], // TCA_INGRESS_REDIR
  [4, 'mirror', 'ingress'], // TCA_INGRESS_MIRROR
];

/** The packet, or a copy of it, goes to another device. */
export interface MirredOptions {
  /** 'redirect' sends the packet itself, 'mirror' a copy. */
  mode: 'redirect' | 'mirror';
  /** Whether it leaves by that device ('egress', default), or has come by it ('ingress'). */
  direction?: 'egress' | 'ingress';
  /** The device, by its name or its index; its index is what is listed. */
  device: string | number;
  /** What becomes of the packet here: 'stolen' where it is redirected, 'pipe' where it is mirrored. */
  control?: TrafficControl;
}

/** What the kernel reports of it. */
export interface MirredInfo extends MirredOptions {
  direction: 'egress' | 'ingress';
  device: number;
  control: TrafficControl;
}

export const mirred: ActionKind<MirredOptions, Data, MirredInfo> = {
  codec,
  options: {
    mode: oneOf(['redirect', 'mirror']),
    direction: oneOf(['egress', 'ingress']),
    device: checkDevice,
    control: isControl,
  },
  required: ['mode', 'device'],
  toData({ mode, direction = 'egress', device, control = mode === 'mirror' ? 'pipe' : 'stolen' }) {
    const way = WAYS.find((one) => one[1] === mode && one[2] === direction)?.[0];
    return { parms: { control: controlNumber(control), way, device } as ValueOf<typeof parms> };
  },
  toView({ parms: found }) {
    const [, mode, direction] = WAYS.find(([way]) => way === found?.way) ?? [0, 'redirect', 'egress'];
    return { mode, direction, device: found?.device ?? 0, control: toControl(found?.control ?? 0) };
  },
};
