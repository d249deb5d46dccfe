import { attributes, headed } from '../attributes';
import { bool8, u32 } from '../codec';
import { NetlinkObject } from '../object';
import { mplsLabels } from './mpls-labels';
import { nexthops } from './nexthops';
import { route, rtmsg } from './route';
import { via } from './via';

/** rtnetlink(7), RTM_NEWROUTE and its kin in the family AF_MPLS: where packets go that come in with a label. */
export const mplsRoute = new NetlinkObject(
  route.verbs,
  headed(
    rtmsg,
    attributes({
      label: [1, mplsLabels], // RTA_DST
      index: [4, u32], // RTA_OIF
      nexthops: [9, nexthops], // RTA_MULTIPATH
      table: [15, u32], // RTA_TABLE
      via: [18, via], // RTA_VIA
      newLabels: [19, mplsLabels], // RTA_NEWDST
      ttlPropagate: [26, bool8], // RTA_TTL_PROPAGATE
    }),
  ),
);

export type MplsRouteMessage = ReturnType<typeof mplsRoute.read>;
