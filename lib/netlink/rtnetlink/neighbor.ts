import { attributes, headed } from '../attributes';
import { be16, bytes, choice, ip, s32, u16, u32, u8 } from '../codec';
import { linkLayerAddress } from '../link-layer';
import { NetlinkObject } from '../object';
import { struct } from '../struct';
import { PROTOCOLS } from './route';

/** What is known of a neighbor: linux/neighbour.h, NUD_*. They are bits, of which an entry has one, or none. */
export const NUD = {
  none: 0x00,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const;

/** linux/neighbour.h, NTF_* */
export const NTF = {
  use: 0x01,
  self: 0x02,
  master: 0x04,
  proxy: 0x08,
  extern_learn: 0x10, // NTF_EXT_LEARNED
  offload: 0x20, // NTF_OFFLOADED
  sticky: 0x40,
  router: 0x80,
} as const;

/** Flags that have no room in the header: linux/neighbour.h, NTF_EXT_*, in NDA_FLAGS_EXT. */
export const NTF_EXT = {
  /** The kernel keeps the MAC address up to date by itself. */
  managed: 0x01, // NTF_EXT_MANAGED
  /** Of a bridge's forwarding table. */
  locked: 0x02, // NTF_EXT_LOCKED
  /** A program has found out that the neighbor is there. */
  ext_validated: 0x04, // NTF_EXT_EXT_VALIDATED
} as const;

/** struct ndmsg */
const ndmsg = struct([
  ['family', u8, 1],
  3,
  ['index', s32, 4],
  ['state', u16, 2],
  ['flags', u8, 1],
  ['type', u8, 1],
]);

/** struct nda_cacheinfo: in hundredths of a second, how long ago. */
const cacheinfo = struct([
  ['confirmed', u32, 4],
  ['used', u32, 4],
  ['updated', u32, 4],
  ['references', u32, 4],
]);

/** rtnetlink(7), RTM_NEWNEIGH and its kin. */
export const neighbor = new NetlinkObject(
  { add: 28, remove: 29, get: 30 },
  headed(
    ndmsg,
    attributes({
      address: [1, ip], // NDA_DST
      mac: [2, linkLayerAddress], // NDA_LLADDR
      cacheinfo: [3, cacheinfo], // NDA_CACHEINFO
      probes: [4, u32], // NDA_PROBES
      vlan: [5, u16], // NDA_VLAN
      port: [6, be16], // NDA_PORT
      vni: [7, u32], // NDA_VNI
      outputIndex: [8, u32], // NDA_IFINDEX
      master: [9, u32], // NDA_MASTER
      linkNsid: [10, s32], // NDA_LINK_NETNSID
      sourceVni: [11, u32], // NDA_SRC_VNI
      protocol: [12, choice(u8, PROTOCOLS)], // NDA_PROTOCOL
      nexthopId: [13, u32], // NDA_NH_ID
      fdbExtended: [14, bytes], // NDA_FDB_EXT_ATTRS
      extendedFlags: [15, u32], // NDA_FLAGS_EXT
      stateMask: [16, u16], // NDA_NDM_STATE_MASK
      flagsMask: [17, u8], // NDA_NDM_FLAGS_MASK
    }),
  ),
);

export type NeighborMessage = ReturnType<typeof neighbor.read>;
