/** linux/netfilter/nfnetlink.h */
export const NFNLGRP_NFTRACE = 9;

/** @internal linux/netfilter/nfnetlink.h */
export const NFNLGRP_NFTABLES = 7;
