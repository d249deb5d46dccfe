import type { Words } from './error-text';

export const NO_IPV6 =
  'this kernel has no IPv6: its module ipv6 is not there, or it was booted with ipv6.disable=1';

/** What the system lacks for anything that is asked of it, by the code of its refusal, and what can be done. */
export const WANTS: Words = {
  EAGAIN:
    'no thread or process can be started: raise the limit of this user (ulimit -u), or pids.max of the cgroup, or end some',
  ENOPROTOOPT: 'this kernel has no such option of sockets: rtnetns needs Linux 5.10',
  ENOSYS: 'this kernel, or a seccomp filter, has no such system call: rtnetns needs Linux 5.10',
  EMFILE: 'this process has no descriptor left: raise its limit (ulimit -n), or close handles',
  EAFNOSUPPORT: NO_IPV6,
  ENFILE: 'the machine has no descriptor left: raise fs.file-max',
};

/** Set by whoever started the container, because nobody in it can. */
export const PROC_SYS_READ_ONLY = '/proc/sys is mounted read-only, as in a container';

export const NO_PACKET_SOCKETS = 'this kernel has no sockets of packets: CONFIG_PACKET, module af_packet';

/** What can be done about a capability that is missing. */
export const GET_CAPABILITY =
  "run as root, give the process the capability, or run it under 'rtnetns sandbox'";

/** Which capability sockets of packets take, and where. */
export const NO_NET_RAW = 'CAP_NET_RAW is missing in the user namespace that owns this network namespace';
