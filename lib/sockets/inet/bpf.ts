import { type BpfInstruction, programBytes } from '../../netlink/bpf-program';

export { type BpfInstruction, programBytes };

// linux/bpf_common.h
export const BPF_RET_K = 0x06; // BPF_RET | BPF_K

/** Lets nothing through. */
export const DROP_ALL = programBytes([[BPF_RET_K, 0, 0, 0]], 'filter');
