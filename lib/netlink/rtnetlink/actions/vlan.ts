import { defined } from '../../../common/objects';
import { integerFrom, wordOrInteger } from '../../../common/options';
import { attributes } from '../../attributes';
import { be16, choice, s32, u16, u32, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, isControl, times, toControl, type TrafficControl } from './control';

/** linux/tc_act/tc_vlan.h, TCA_VLAN_ACT_* */
const MODES = {
  pop: 1, // TCA_VLAN_ACT_POP
  push: 2, // TCA_VLAN_ACT_PUSH
  modify: 3, // TCA_VLAN_ACT_MODIFY
} as const;

/** linux/if_ether.h, ETH_P_* */
const PROTOCOLS = {
  '802.1Q': 0x8100, // ETH_P_8021Q
  '802.1ad': 0x88a8, // ETH_P_8021AD
} as const;

/** struct tc_vlan */
const parms = struct([
  ['index', u32, 4],
  4,
  ['control', s32, 4],
  ['references', s32, 4],
  ['bindings', s32, 4],
  ['mode', choice(s32, MODES), 4],
]);

const codec = attributes({
  times: [1, times], // TCA_VLAN_TM
  parms: [2, parms], // TCA_VLAN_PARMS
  id: [3, u16], // TCA_VLAN_PUSH_VLAN_ID
  protocol: [4, choice(be16, PROTOCOLS)], // TCA_VLAN_PUSH_VLAN_PROTOCOL
  priority: [6, u8], // TCA_VLAN_PUSH_VLAN_PRIORITY
});

type Data = ValueOf<typeof codec>;

/** A VLAN's tag is put onto the frame, or taken away, or changed. */
export interface VlanActionOptions {
  /** 'push' puts a tag onto the frame, 'pop' takes the outer one away, 'modify' changes that; or another of the kernel's numbers. */
  mode: keyof typeof MODES | number;
  /** The VLAN, from 0 to 4095; 'push' and 'modify' need it. */
  id?: number;
  /** '802.1Q' by default. */
  protocol?: keyof typeof PROTOCOLS | number;
  /** The priority in the tag, from 0 to 7. */
  priority?: number;
  /** What becomes of it; 'pipe' by default. */
  control?: TrafficControl;
}

export const vlan: ActionKind<VlanActionOptions, Data, VlanActionOptions> = {
  codec,
  options: {
    mode: wordOrInteger(Object.keys(MODES), 1, 0x7fffffff),
    id: integerFrom(0, 4095),
    protocol: wordOrInteger(Object.keys(PROTOCOLS), 1, 0xffff),
    priority: integerFrom(0, 7),
    control: isControl,
  },
  required: ['mode'],
  check({ mode, id, protocol, priority }, path) {
    if ((mode === 'push' || mode === 'modify') && id === undefined)
      throw new TypeError(`${path}.id: it has to be given to ${mode} a tag`);
    const [name] = Object.keys(defined({ id, protocol, priority }));
    if (mode === 'pop' && name !== undefined)
      throw new TypeError(`${path}.${name}: a tag that is popped has none`);
  },
  toData: ({ mode, control = 'pipe', id, protocol, priority }) => ({
    parms: { control: controlNumber(control), mode } as ValueOf<typeof parms>,
    ...defined({ id, protocol, priority }),
  }),
  toView: ({ parms: found, id, protocol, priority }) => ({
    mode: found?.mode ?? 0,
    ...defined({ id, protocol, priority }),
    control: toControl(found?.control ?? 0),
  }),
};
