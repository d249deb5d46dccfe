/** Groups of events: linux/rtnetlink.h, RTNLGRP_*. */
export const GROUPS = {
  link: 1,
  neighbor: 3, // RTNLGRP_NEIGH
  tc: 4,
  addr4: 5, // RTNLGRP_IPV4_IFADDR
  route4: 7, // RTNLGRP_IPV4_ROUTE
  rule4: 8, // RTNLGRP_IPV4_RULE
  addr6: 9, // RTNLGRP_IPV6_IFADDR
  route6: 11, // RTNLGRP_IPV6_ROUTE
  rule6: 19, // RTNLGRP_IPV6_RULE
  nsid: 28,
  nexthop: 32,
} as const;
