import { attributes, headed, NLA_F_NESTED } from '../attributes';
import { bareText } from '../codec';
import { NetlinkObject } from '../object';
import { kindTables, portKinds } from './kinds';
import { bridgePort } from './kinds/bridge-port';
import { commonLinkRows, ifinfomsg } from './link-attributes';

/**
 * IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS: leaves the counters of IPv6 out of a reply, a fifth of its bytes. Those of
 * the device come all the same (6.18).
 */
export const RTEXT_FILTER_SKIP_STATS = 8;

/** Device flags: linux/if.h, IFF_*. */
export const IFF = {
  up: 0x1,
  broadcast: 0x2,
  debug: 0x4,
  loopback: 0x8,
  pointopoint: 0x10,
  notrailers: 0x20,
  running: 0x40,
  noarp: 0x80,
  promisc: 0x100,
  allmulti: 0x200,
  master: 0x400,
  slave: 0x800,
  multicast: 0x1000,
  portsel: 0x2000,
  automedia: 0x4000,
  dynamic: 0x8000,
  lower_up: 0x10000,
  dormant: 0x20000,
  echo: 0x40000,
} as const;

const linkinfo = attributes({
  kind: [1, bareText(63)], // IFLA_INFO_KIND
  data: [2, { by: 'kind', codecs: kindTables }], // IFLA_INFO_DATA
  portKind: [4, bareText(63)], // IFLA_INFO_SLAVE_KIND
  portData: [5, { by: 'portKind', codecs: portKinds }], // IFLA_INFO_SLAVE_DATA
});

/** rtnetlink(7), RTM_NEWLINK and its kin. */
export const link = new NetlinkObject(
  { add: 16, remove: 17, get: 18 },
  headed(
    ifinfomsg,
    attributes({
      ...commonLinkRows,
      /** Of messages of the family AF_BRIDGE, which are about a port as such. */
      bridgePort: [12 | NLA_F_NESTED, bridgePort], // IFLA_PROTINFO
      info: [18, linkinfo], // IFLA_LINKINFO
    }),
  ),
);

/** RTM_NEWLINKPROP and its kin: the alternative names of a device. */
export const linkProperty = new NetlinkObject({ add: 108, remove: 109, get: 110 }, link.codec);

export type LinkMessage = ReturnType<typeof link.read>;

/** Requests for what is in the header: that a device is there, its index, and its type of hardware. */
export const linkHeader = link.reading();

export type LinkHeader = ReturnType<typeof linkHeader.read>;
