import { defined } from '../../../common/objects';
import { integerFrom, isText, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { type BpfInstruction, checkProgram, isPinned, programBytes, readProgram } from '../../bpf-program';
import { bytes, text, u16, u32, type ValueOf } from '../../codec';
import { actions } from '../actions';
import { police } from '../actions/police';
import type { FilterKind } from './filter-kind';
import { OFFLOAD, offloadFlags, offloadOf, type OffloadOptions } from './shared';

const DIRECT_ACTION = 1; // TCA_BPF_FLAG_ACT_DIRECT

/** The kernel's own length for a name. */
const LONGEST_NAME = 255;

const codec = attributes({
  actions: [1, actions], // TCA_BPF_ACT
  police: [2, police.codec], // TCA_BPF_POLICE
  classId: [3, u32], // TCA_BPF_CLASSID
  length: [4, u16], // TCA_BPF_OPS_LEN
  program: [5, bytes], // TCA_BPF_OPS
  fd: [6, u32], // TCA_BPF_FD
  name: [7, text(LONGEST_NAME)], // TCA_BPF_NAME
  ownFlags: [8, u32], // TCA_BPF_FLAGS
  flags: [9, u32], // TCA_BPF_FLAGS_GEN
  tag: [10, bytes], // TCA_BPF_TAG
  id: [11, u32], // TCA_BPF_ID
});

/** Packets that a program finds. One of `program`, `fd` and `pinned` has to be given. */
export interface BpfOptions extends OffloadOptions {
  /**
   * A classic program, of up to 4096 instructions, that returns 0 for a packet that is not meant, and -1 (0xffffffff) or the number of a
   * class for one that is. `tcpdump -ddd` prints its instructions, from the header of Ethernet on.
   */
  program?: readonly BpfInstruction[];
  /** Descriptor, in this process, of a program that was loaded with bpf(2), of the type BPF_PROG_TYPE_SCHED_CLS. */
  fd?: number;
  /**
   * Where a loaded program is pinned: '/sys/fs/bpf/NAME', in the mount namespace of this process. It is opened for the request, and closed
   * behind it. What is listed has the number of the program, and not where it was pinned.
   */
  pinned?: string;
  /** What the loaded program is called in lists. */
  name?: string;
  /** Whether the loaded program returns what becomes of a packet, in the place of actions; off by default. */
  directAction?: boolean;
}

/** What the kernel reports of it. */
export interface BpfInfo extends Omit<BpfOptions, 'fd' | 'pinned'> {
  /** Number of the loaded program among all of the machine. */
  id?: number;
  /** The hash of the loaded program, in hexadecimal. */
  tag?: string;
}

function check(options: BpfOptions): void {
  const { name, directAction } = options;
  checkProgram(options, { name, directAction: directAction === true ? true : undefined });
}

export const bpf: FilterKind<BpfOptions, ValueOf<typeof codec>, BpfInfo> = {
  codec,
  options: {
    program: (value, path) => void programBytes(value, path),
    fd: integerFrom(0, 0x7fffffff),
    pinned: isPinned,
    name: isText,
    directAction: trueOrFalse,
    ...OFFLOAD,
  },
  readOnly: ['id', 'tag'],
  check,
  toData: ({ program: ops, fd, name, directAction, offload }) =>
    defined({
      length: ops?.length,
      program: ops && programBytes(ops, 'program'),
      fd,
      name,
      flags: offloadFlags(offload),
      ownFlags: directAction === true ? DIRECT_ACTION : undefined,
    }),
  toView: ({ program: ops, name, ownFlags = 0, flags, id, tag }) =>
    defined({
      program: ops && readProgram(ops),
      name,
      directAction: (ownFlags & DIRECT_ACTION) !== 0 || undefined,
      offload: offloadOf(flags),
      id,
      tag: tag && Buffer.from(tag).toString('hex'),
    }),
};
