import { attributes, headed, list, NLA_F_NESTED } from '../attributes';
import { be16, choice, type Codec, ip, mac, u16, u32, u8 } from '../codec';
import { NetlinkObject, ObjectRequests } from '../object';
import { struct } from '../struct';

/** struct br_port_msg */
const portMessage = struct([['family', u8, 1], 3, ['index', u32, 4]]);

/** linux/if_ether.h, ETH_P_* */
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;

/** How many bytes of the 16 an address has, by its protocol; those of a MAC address have none. */
const SIZES: Readonly<Record<number, { codec: Codec<string>; size: number }>> = {
  0: { codec: mac, size: 6 },
  [ETH_P_IP]: { codec: ip, size: 4 },
  [ETH_P_IPV6]: { codec: ip, size: 16 },
};
const UNION_SIZE = 16;

/** The address of a group in struct br_mdb_entry: 16 bytes for an IP or MAC address, and which of them it is. */
const groupAddress: Codec<string> = {
  shape: { kind: 'ip' },
  write(to, value) {
    const protocol = /^..:..:..:..:..:..$/.test(value) ? 0 : value.includes(':') ? ETH_P_IPV6 : ETH_P_IP;
    const before = to.length;
    (SIZES[protocol]?.codec ?? ip).write(to, value);
    to.reserve(UNION_SIZE - (to.length - before));
    be16.write(to, protocol);
  },
  read(from, start) {
    const protocol = be16.read(from, start + UNION_SIZE, start + UNION_SIZE + 2);
    const { codec, size } = SIZES[protocol] ?? { codec: mac, size: UNION_SIZE };
    return codec.read(from, start, start + size);
  },
};

/** linux/if_bridge.h, MDB_FLAGS_* */
export const MDB_FLAGS = {
  offload: 0x1, // MDB_FLAGS_OFFLOAD
  fast_leave: 0x2, // MDB_FLAGS_FAST_LEAVE
  added_by_star_ex: 0x4, // MDB_FLAGS_STAR_EXCL
  blocked: 0x8, // MDB_FLAGS_BLOCKED
} as const;

/** linux/if_bridge.h, MDB_TEMPORARY and MDB_PERMANENT */
export const MDB_PERMANENT = 1;

/** struct br_mdb_entry */
const entry = struct([
  ['port', u32, 4],
  ['state', u8, 1],
  ['flags', u8, 1],
  ['vlan', u16, 2],
  ['group', groupAddress, 18],
  2,
]);

const source = attributes({
  address: [1, ip], // MDBA_MDB_SRCATTR_ADDRESS
  timer: [2, u32], // MDBA_MDB_SRCATTR_TIMER
});

/** linux/rtnetlink.h, RTPROT_*: who added a group. */
const protocol = choice(u8, {
  kernel: 2, // RTPROT_KERNEL
  static: 4, // RTPROT_STATIC
});

/** linux/igmp.h, MCAST_*: whether the sources are those that are wanted, or those that are not. */
const filterMode = choice(u8, {
  exclude: 0, // MCAST_EXCLUDE
  include: 1, // MCAST_INCLUDE
});

/** Times are in hundredths of a second (USER_HZ). */
const info = headed(
  entry,
  attributes({
    timer: [1, u32], // MDBA_MDB_EATTR_TIMER
    sources: [2, list(1 /* MDBA_MDB_SRCLIST_ENTRY */, source)], // MDBA_MDB_EATTR_SRC_LIST
    filterMode: [3, filterMode], // MDBA_MDB_EATTR_GROUP_MODE
    source: [4, ip], // MDBA_MDB_EATTR_SOURCE
    protocol: [5, protocol], // MDBA_MDB_EATTR_RTPROT
  }),
);

/** linux/if_bridge.h, MDB_RTR_TYPE_*: why a port leads to a multicast router. */
const routerType = choice(u8, {
  disabled: 0, // MDB_RTR_TYPE_DISABLED
  temp_query: 1, // MDB_RTR_TYPE_TEMP_QUERY
  permanent: 2, // MDB_RTR_TYPE_PERM
  temp: 3, // MDB_RTR_TYPE_TEMP
});

const routerPort = headed(
  // the index of the port, as in br_mdb_entry
  struct([['port', u32, 4]]),
  attributes({
    timer: [1, u32], // MDBA_ROUTER_PATTR_TIMER
    type: [2, routerType], // MDBA_ROUTER_PATTR_TYPE
    timer4: [3, u32], // MDBA_ROUTER_PATTR_INET_TIMER
    timer6: [4, u32], // MDBA_ROUTER_PATTR_INET6_TIMER
    vlan: [5, u16], // MDBA_ROUTER_PATTR_VID
  }),
);

/** The ports of a bridge that lead to multicast routers. */
export const routerPorts = list(1 /* MDBA_ROUTER_PORT */, routerPort);

const VERBS = { add: 84, remove: 85, get: 86 } as const; // RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB

/** RTM_GETMDB: the multicast groups of a bridge, and its ports that lead to multicast routers. */
export const mdb = new NetlinkObject(
  VERBS,
  headed(
    portMessage,
    attributes({
      /** Of each group the ports. */
      groups: [1, list(1 /* MDBA_MDB_ENTRY */, list(1 /* MDBA_MDB_ENTRY_INFO */, info))], // MDBA_MDB
      routers: [2, routerPorts], // MDBA_ROUTER
    }),
  ),
);

/** Numbers of their own, as the kernel reports sources with others beside them. */
const addedSource = attributes({
  address: [1, ip], // MDBE_SRCATTR_ADDRESS
});

const change = headed(
  portMessage,
  attributes({
    // of a question, MDBA_GET_ENTRY and MDBA_GET_ENTRY_ATTRS
    entry: [1, entry], // MDBA_SET_ENTRY
    options: [
      2 | NLA_F_NESTED, // MDBA_SET_ENTRY_ATTRS
      attributes({
        source: [1, ip], // MDBE_ATTR_SOURCE
        // before 6.3 the kernel refuses these two
        sources: [
          2 | NLA_F_NESTED, // MDBE_ATTR_SRC_LIST
          list(1 | NLA_F_NESTED /* MDBE_SRC_LIST_ENTRY */, addedSource),
        ],
        filterMode: [3, filterMode], // MDBE_ATTR_GROUP_MODE
        protocol: [4, protocol], // MDBE_ATTR_RTPROT
        stateMask: [10, u8], // MDBE_ATTR_STATE_MASK
      }),
    ],
  }),
);

/** RTM_NEWMDB, RTM_DELMDB and RTM_GETMDB for one group, whose attributes have the numbers of others in the kernel's answers. */
export const mdbChange = new ObjectRequests(VERBS, change, (...content) => mdb.codec.read(...content));
