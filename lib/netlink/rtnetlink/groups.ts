/** Groups of events: linux/rtnetlink.h, RTNLGRP_*. */
export const GROUPS = {
  link: 1,
  neighbor: 3,
  addr4: 5,
  route4: 7,
  rule4: 8,
  addr6: 9,
  route6: 11,
  rule6: 19,
  nsid: 28,
  nexthop: 32,
} as const;
