import { defined } from '../../../common/objects';
import { integerFrom, isText } from '../../../common/options';
import { attributes } from '../../attributes';
import { type BpfInstruction, checkProgram, isPinned, programBytes, readProgram } from '../../bpf-program';
import { bytes, text, u16, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, GEN, isControl, times, toControl, type TrafficControl } from './control';

/** The kernel's own length for a name. */
const LONGEST_NAME = 255;

/** struct tc_act_bpf */
const parms = struct(GEN);

const codec = attributes({
  times: [1, times], // TCA_ACT_BPF_TM
  parms: [2, parms], // TCA_ACT_BPF_PARMS
  length: [3, u16], // TCA_ACT_BPF_OPS_LEN
  program: [4, bytes], // TCA_ACT_BPF_OPS
  fd: [5, u32], // TCA_ACT_BPF_FD
  name: [6, text(LONGEST_NAME)], // TCA_ACT_BPF_NAME
  tag: [8, bytes], // TCA_ACT_BPF_TAG
  id: [9, u32], // TCA_ACT_BPF_ID
});

type Data = ValueOf<typeof codec>;

/** A program says what becomes of the packet. One of `program`, `fd` and `pinned` has to be given. */
export interface BpfActionOptions {
  /** A classic program, which returns the kernel's number for what becomes of the packet: TC_ACT_*. */
  program?: readonly BpfInstruction[];
  /** Descriptor, in this process, of a program that was loaded with bpf(2), of the type BPF_PROG_TYPE_SCHED_ACT. */
  fd?: number;
  /**
   * Where a loaded program is pinned: '/sys/fs/bpf/NAME', in the mount namespace of this process. It is opened for the request, and closed
   * behind it. What is listed has the number of the program, and not where it was pinned.
   */
  pinned?: string;
  /** What the loaded program is called in lists. */
  name?: string;
  /** What becomes of a packet of which the program returns that it does not say it (-1); 'pipe' by default. */
  control?: TrafficControl;
}

/** What the kernel reports of it. */
export interface BpfActionInfo extends Omit<BpfActionOptions, 'fd' | 'pinned'> {
  /** Number of the loaded program among all of the machine. */
  id?: number;
  /** The hash of the loaded program, in hexadecimal. */
  tag?: string;
}

export const bpf: ActionKind<BpfActionOptions, Data, BpfActionInfo> = {
  codec,
  options: {
    program: (value, path) => void programBytes(value, path),
    fd: integerFrom(0, 0x7fffffff),
    pinned: isPinned,
    name: isText,
    control: isControl,
  },
  readOnly: ['id', 'tag'],
  check: (options, path) => checkProgram(options, { name: options.name }, `${path}.`),
  toData: ({ program: ops, fd, name, control = 'pipe' }) => ({
    parms: { control: controlNumber(control) } as ValueOf<typeof parms>,
    ...defined({ length: ops?.length, program: ops && programBytes(ops, 'program'), fd, name }),
  }),
  toView: ({ parms: found, program: ops, name, id, tag }) => ({
    ...defined({
      program: ops && readProgram(ops),
      ...{ name, id },
      tag: tag && Buffer.from(tag).toString('hex'),
    }),
    control: toControl(found?.control ?? 0),
  }),
};
