import { choice, u16 } from '../codec';

/** linux/lwtunnel.h, LWTUNNEL_ENCAP_*, by the names of ip-route(8). */
export const ENCAP_TYPES = {
  mpls: 1, // LWTUNNEL_ENCAP_MPLS
  ip: 2, // LWTUNNEL_ENCAP_IP
  ila: 3, // LWTUNNEL_ENCAP_ILA
  ip6: 4, // LWTUNNEL_ENCAP_IP6
  seg6: 5, // LWTUNNEL_ENCAP_SEG6
  bpf: 6, // LWTUNNEL_ENCAP_BPF
  seg6local: 7, // LWTUNNEL_ENCAP_SEG6_LOCAL
  rpl: 8, // LWTUNNEL_ENCAP_RPL
  ioam6: 9, // LWTUNNEL_ENCAP_IOAM6
  xfrm: 10, // LWTUNNEL_ENCAP_XFRM
} as const;

/** RTA_ENCAP_TYPE and NHA_ENCAP_TYPE: how RTA_ENCAP and NHA_ENCAP are laid out. */
export const encapType = choice(u16, ENCAP_TYPES);
