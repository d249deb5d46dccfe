import { attributes, headed } from '../attributes';
import { s32, u32, u8 } from '../codec';
import { NetlinkObject } from '../object';
import { struct } from '../struct';

/** struct rtgenmsg */
const rtgenmsg = struct([['family', u8, 1]]);

/** The number by which one namespace knows another: linux/net_namespace.h, RTM_NEWNSID and its kin. */
export const nsid = new NetlinkObject(
  { add: 88, remove: 89, get: 90 },
  headed(
    rtgenmsg,
    attributes({
      nsid: [1, s32], // NETNSA_NSID
      pid: [2, u32], // NETNSA_PID
      fd: [3, u32], // NETNSA_FD
      targetNsid: [4, s32], // NETNSA_TARGET_NSID
      currentNsid: [5, s32], // NETNSA_CURRENT_NSID
    }),
  ),
);
