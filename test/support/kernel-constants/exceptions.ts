/**
 * What the kernel's headers have since these versions, after the oldest whose headers the tests are to pass with. An
 * entry of an older version is to be removed.
 */
export const NEWER: Readonly<Record<string, readonly string[]>> = {
  '6.2': ['IFLA_BRPORT_MAB', 'NFT_PAYLOAD_TUN_HEADER', 'NTF_EXT_LOCKED'],
  '6.3': [
    'BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS',
    'BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS',
    'IFLA_BRPORT_MCAST_MAX_GROUPS',
    'IFLA_BRPORT_MCAST_N_GROUPS',
    'IFLA_GRO_IPV4_MAX_SIZE',
    'IFLA_GSO_IPV4_MAX_SIZE',
    'MDBE_ATTR_GROUP_MODE',
    'MDBE_ATTR_RTPROT',
    'MDBE_ATTR_SRC_LIST',
    'MDBE_SRCATTR_ADDRESS',
    'MDBE_SRC_LIST_ENTRY',
    'NFT_MSG_DESTROYCHAIN',
    'NFT_MSG_DESTROYOBJ',
    'NFT_MSG_DESTROYRULE',
    'NFT_MSG_DESTROYSET',
    'NFT_MSG_DESTROYSETELEM',
    'NFT_MSG_DESTROYTABLE',
  ],
  '6.4': [
    'BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS',
    'IFLA_BRPORT_NEIGH_VLAN_SUPPRESS',
    'IFLA_MACVLAN_BC_CUTOFF',
    'NFT_META_BRI_BROUTE',
  ],
  '6.6': ['IFLA_BRPORT_BACKUP_NHID', 'TCA_NETEM_PRNG_SEED'],
  '6.7': [
    'IFLA_BR_FDB_MAX_LEARNED',
    'IFLA_BR_FDB_N_LEARNED',
    'IFLA_NETKIT_MODE',
    'IFLA_NETKIT_PEER_INFO',
    'IFLA_NETKIT_PEER_POLICY',
    'IFLA_NETKIT_POLICY',
    'IFLA_NETKIT_PRIMARY',
    'NETKIT_DROP',
    'NETKIT_L2',
    'NETKIT_L3',
    'NETKIT_PASS',
    'RTAX_FEATURE_TCP_USEC_TS',
  ],
  '6.8': ['MDBE_ATTR_STATE_MASK'],
  '6.9': [
    'NFT_TABLE_F_PERSIST',
    'NHA_GROUP_STATS',
    'NHA_GROUP_STATS_ENTRY',
    'NHA_GROUP_STATS_ENTRY_ID',
    'NHA_GROUP_STATS_ENTRY_PACKETS',
    'NHA_GROUP_STATS_ENTRY_PACKETS_HW',
    'NHA_HW_STATS_ENABLE',
    'NHA_HW_STATS_USED',
    'NHA_OP_FLAGS',
    'NHA_OP_FLAG_DUMP_HW_STATS',
    'NHA_OP_FLAG_DUMP_STATS',
  ],
  '6.12': ['FRA_DSCP'],
  '6.13': [
    'IFLA_MAX_PACING_OFFLOAD_HORIZON',
    'IFLA_NETKIT_PEER_SCRUB',
    'IFLA_NETKIT_SCRUB',
    'NETKIT_SCRUB_DEFAULT',
    'NETKIT_SCRUB_NONE',
    'NFTA_BITWISE_SREG2',
    'NFT_BITWISE_AND',
    'NFT_BITWISE_OR',
    'NFT_BITWISE_XOR',
  ],
  '6.14': [
    'FRA_FLOWLABEL',
    'FRA_FLOWLABEL_MASK',
    'IFLA_NETKIT_HEADROOM',
    'IFLA_NETKIT_TAILROOM',
    'RTM_DELMULTICAST',
    'RTM_NEWMULTICAST',
  ],
  '6.15': ['FRA_DPORT_MASK', 'FRA_DSCP_MASK', 'FRA_SPORT_MASK', 'IFLA_NETNS_IMMUTABLE', 'RTPROT_OVN'],
  '6.16': [
    'BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION',
    'NFTA_SET_COUNT',
    'NFTA_SET_TYPE',
    'NFTA_TRACE_CT_DIRECTION',
    'NFTA_TRACE_CT_ID',
    'NFTA_TRACE_CT_STATE',
    'NFTA_TRACE_CT_STATUS',
  ],
  '6.17': ['NTF_EXT_EXT_VALIDATED'],
  '6.18': ['BR_BOOLOPT_FDB_LOCAL_VLAN_0', 'IFLA_HEADROOM', 'IFLA_TAILROOM'],
  // or earlier
  '7.2': ['IFLA_NETKIT_PAIRING', 'NETKIT_DEVICE_PAIR', 'NETKIT_DEVICE_SINGLE'],
};

/** The oldest headers: of Debian bookworm. */
export const OLDEST = '6.1';

/** Numbers and structs that are not in the kernel's headers, by file and variable, and where they come from. */
export const NOT_IN_HEADERS: Readonly<Record<string, string>> = {
  'lib/common/abort.ts LEAST_TIMEOUT': 'milliseconds',
  'lib/lab/shaping/flow-classes.ts ALL': 'bits and bytes',
  'lib/lab/shaping/flow-classes.ts FIRST': 'numbers of our classes',
  'lib/lab/nat/presets.ts NAT_PRESETS': 'ports that need no privileges, of a provider’s choice',
  'lib/lab/nat/presets.ts TIMEOUTS': 'RFC 4787, RFC 5382 and RFC 5508',
  'lib/netlink/attribute-reader.ts NLA_TYPE_MASK': 'the header has it with more than the 16 bits of a type',
  'lib/netlink/nfnetlink/conntrack.ts CTA_FILTER_F':
    'net/netfilter/nf_internals.h, which programs do not get',
  'lib/netlink/nfnetlink/names.ts TCP_FLAGS': 'RFC 9293',
  'lib/netlink/rtnetlink/encaps.ts TUNNEL_FLAGS': 'the header has them in network order',
  'lib/netlink/rtnetlink/kinds/bond.ts AD_SELECT': 'net/bond_options.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/bond.ts ARP_ALL_TARGETS': 'net/bond_options.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/bond.ts ARP_VALIDATE': 'net/bond_options.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/bond.ts CHURN_STATES': 'net/bond_3ad.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/bond.ts FAIL_OVER_MAC': 'net/bond_options.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/bond.ts LACP_RATES': 'net/bond_options.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/bond.ts PRIMARY_RESELECT': 'net/bond_options.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/gre.ts DIRECTIONS': 'net/erspan.h, which programs do not get',
  'lib/netlink/rtnetlink/kinds/gre.ts FLAGS': 'the header has them in network order',
  'lib/netlink/rtnetlink/kinds/ip-tunnel.ts IPV6_DEFAULTS': 'what ip(8) gives a tunnel',
  'lib/netlink/rtnetlink/kinds/ip-tunnel.ts hops': 'ip-link(8)',
  'lib/netlink/rtnetlink/kinds/ipvlan.ts FLAGS.bridge': 'it is that no flag is set',
  'lib/netlink/rtnetlink/kinds/tunnel.ts tos': 'ip-link(8)',
  'lib/netlink/rtnetlink/link-attributes.ts statistics': '5.10 has no last field, which is left out',
  'lib/netlink/rtnetlink/mdb.ts routerPort': 'a number without a struct',
  'lib/netlink/rtnetlink/route.ts TCP_CA_NAME_MAX': 'net/tcp.h, which programs do not get',
  'lib/netlink/rtnetlink/traffic-statistics.ts basic': 'what fills the struct up is left out',
  'lib/netns/raw-request.ts codec': 'as many bytes as the caller gives',
  'lib/netlink/rtnetlink/qdiscs/class-statistics.ts fqCodel':
    'struct tc_fq_codel_xstats of a class, of which the headers have a union',
  'lib/network/forwarding.ts FAMILIES': 'versions of IP',
  'lib/network/members/announce.ts ARP': 'RFC 826',
  'lib/network/members/announce.ts NA': 'RFC 4861',
  'lib/network/members/announce.ts advertisement': 'RFC 4861',
  'lib/network/members/announce.ts arpFrame': 'RFC 826',
  'lib/network/egress/refused-packet.ts LAYOUTS': 'RFC 791, RFC 8200',
  'lib/network/table/egress-rules.ts REPORTED': 'a rate of ours',
  'lib/network/table/published-ports.ts ANY': 'versions of IP',
  'lib/nft/language/model.ts TIME_UNITS': 'seconds',
  'lib/nft/objects/comment.ts COMMENT': 'libnftnl/udata.h',
  'lib/nft/objects/set.ts BYTEORDER': 'datatype.h of nft',
  'lib/nft/objects/set.ts UDATA': 'libnftnl/udata.h',
  'lib/packets/packet-socket.ts LINKTYPE': 'pcap-linktype(7)',
  'lib/routes/route-metrics.ts PARTS': 'parts of a millisecond',
  'lib/routes/route-request.ts FAMILY_OF': 'versions of IP',
  'lib/routes/rule-view.ts WHOLE': 'all bits of a port, and of a DSCP',
  'lib/sockets/datagrams.ts FAMILIES': 'versions of IP',
  'lib/sockets/dns/resolv-conf.ts LIMITS': 'resolv.conf(5)',
  'lib/sockets/dns/resolve.ts FAILURES': 'errors of libuv',
  'lib/trace/mark.ts SYN': 'RFC 9293',
  'lib/trace/packet.ts LAYOUTS': 'RFC 791, RFC 8200',
  'lib/traffic/u32-keys.ts OFFSETS': 'RFC 791, RFC 8200',
  'lib/testing/pcapng.ts OPTION': 'the format of files, draft-ietf-opsawg-pcapng',
};

/** What the enumerations of rtnetlink lack, by the same names: '*' is all that they lack. */
export const LACKING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'lib/netlink/rtnetlink/address.ts IFA_F': { IFA_F_TEMPORARY: 'the same bit as IFA_F_SECONDARY' },
  'lib/netlink/rtnetlink/bridge-vlan.ts VLAN_INFO': {
    BRIDGE_VLAN_INFO_BRENTRY: 'the kernel sets it for itself',
    BRIDGE_VLAN_INFO_MASTER: 'the flag of the request, BRIDGE_FLAGS_MASTER, says it',
  },
  'lib/netlink/rtnetlink/encaps.ts SEG6_ACTIONS': {
    SEG6_LOCAL_ACTION_MAX: 'the number of the last one',
    SEG6_LOCAL_ACTION_UNSPEC: 'no action',
  },
  'lib/netlink/rtnetlink/encaps.ts SEG6_FLAVORS': {
    SEG6_LOCAL_FLV_OP_MAX: 'the number of the last one',
    SEG6_LOCAL_FLV_OP_UNSPEC: 'no flavor',
  },
  'lib/netlink/rtnetlink/encaps.ts TUNNEL_FLAGS': { '*': 'the others are for the kernel itself' },
  'lib/netlink/rtnetlink/encap-type.ts ENCAP_TYPES': {
    LWTUNNEL_ENCAP_MAX: 'the last',
    LWTUNNEL_ENCAP_NONE: 'no encapsulation',
  },
  'lib/netlink/rtnetlink/filters/flower-headers.ts IP_FLAGS': {
    TCA_FLOWER_KEY_FLAGS_MASK: 'an attribute',
  },
  'lib/netlink/rtnetlink/filters/flower-headers.ts OPERATIONS': {
    '*': 'of protocols beside ARP: numbers name them',
  },
  'lib/netlink/rtnetlink/groups.ts GROUPS': { '*': 'groups whose events nobody asks for' },
  'lib/netlink/rtnetlink/ipv6-encaps.ts ILA_IDENTIFIERS': {
    ILA_ATYPE_RSVD_1: 'reserved',
    ILA_ATYPE_RSVD_2: 'reserved',
  },
  'lib/netlink/rtnetlink/ipv6-encaps.ts IOAM6_MODES': {
    IOAM6_IPTUNNEL_MODE_MAX: 'the last',
    IOAM6_IPTUNNEL_MODE_MIN: 'the first',
  },
  'lib/netlink/rtnetlink/kinds/bareudp.ts PROTOCOLS': {
    '*': 'the kernel takes IP and MPLS only',
  },
  'lib/netlink/rtnetlink/kinds/gre.ts FLAGS': { '*': 'what the kernel knows no more, and macros' },
  'lib/netlink/rtnetlink/kinds/hsr.ts PROTOCOLS': {
    HSR_PROTOCOL_MAX: 'one more than the last',
  },
  'lib/netlink/rtnetlink/kinds/ip-tunnel.ts IPV6_FLAGS': {
    IP6_TNL_F_MIP6_DEV: 'of Mobile IPv6, which the kernel sets for itself',
  },
  'lib/netlink/rtnetlink/kinds/ipip.ts PROTOCOLS': {
    '*': 'the kernel takes no other protocols in such tunnels',
  },
  'lib/netlink/rtnetlink/kinds/ipvlan.ts MODES': { IPVLAN_MODE_MAX: 'one more than the last' },
  'lib/netlink/rtnetlink/kinds/macsec.ts OFFLOADS': {
    MACSEC_OFFLOAD_MAX: 'the last',
  },
  'lib/netlink/rtnetlink/kinds/macsec.ts VALIDATIONS': {
    MACSEC_VALIDATE_MAX: 'the last',
  },
  'lib/netlink/rtnetlink/kinds/netkit.ts MODES': { '*': 'other enumerations of netkit begin alike' },
  'lib/netlink/rtnetlink/kinds/netkit.ts POLICIES': {
    '*': 'the kernel takes no other actions as policies, and other enumerations of netkit begin alike',
  },
  'lib/netlink/rtnetlink/kinds/tun.ts TUN_MODES': { '*': 'the other flags are no modes' },
  'lib/netlink/rtnetlink/kinds/tunnel.ts DF_VALUES': {
    VXLAN_DF_MAX: 'the last',
  },
  'lib/netlink/rtnetlink/kinds/tunnel.ts ENCAP_TYPES': {
    '*': 'TUNNEL_ENCAP_FLAG_*: flags of another attribute',
  },
  'lib/netlink/rtnetlink/kinds/vlan.ts VLAN_PROTOCOLS': {
    '*': 'the other protocols of Ethernet are no tags of VLANs',
  },
  'lib/netlink/rtnetlink/link.ts IFF': { IFF_VOLATILE: 'a mask' },
  'lib/netlink/rtnetlink/mdb.ts filterMode': { '*': 'options of sockets, setsockopt(2)' },
  'lib/netlink/rtnetlink/mdb.ts protocol': {
    '*': 'the kernel reports itself and static entries; another protocol stays a number',
  },
  'lib/netlink/rtnetlink/neighbor.ts NTF': { '*': 'NTF_EXT_*: flags of another attribute, NDA_FLAGS_EXT' },
  'lib/netlink/rtnetlink/neighbor.ts NTF_EXT': {
    NTF_EXT_LEARNED: 'a flag of the header, NTF',
  },
  'lib/netlink/rtnetlink/nexthop.ts NEXTHOP_GROUP_TYPES': {
    NEXTHOP_GRP_TYPE_MAX: 'the last',
  },
  'lib/netlink/rtnetlink/qdiscs/cake.ts ACK_FILTERS': {
    CAKE_ACK_MAX: 'one more than the last',
  },
  'lib/netlink/rtnetlink/qdiscs/cake.ts DIFFSERV_MODES': {
    CAKE_DIFFSERV_MAX: 'one more than the last',
  },
  'lib/netlink/rtnetlink/qdiscs/cake.ts FLOW_MODES': {
    CAKE_FLOW_MAX: 'one more than the last',
  },
  'lib/netlink/rtnetlink/qdiscs/cake.ts FRAMINGS': {
    CAKE_ATM_MAX: 'one more than the last',
  },
  'lib/netlink/rtnetlink/qdiscs/red.ts FLAGS': {
    TC_RED_HISTORIC_FLAGS: 'a mask',
  },
  'lib/netlink/rtnetlink/qdiscs/units.ts LINK_LAYERS': {
    TC_LINKLAYER_MASK: 'a mask',
    TC_LINKLAYER_UNAWARE: 'of old programs, for which the kernel looks at the table',
  },
  'lib/netlink/rtnetlink/route.ts ROUTE_FEATURES': {
    RTAX_FEATURE_MASK: 'a mask',
  },
  'lib/netlink/rtnetlink/route.ts ROUTE_PREFERENCES': {
    ICMPV6_ROUTER_PREF_INVALID: 'the kernel takes it for medium',
  },
  'lib/netlink/rtnetlink/route.ts ROUTE_TYPES': {
    RTN_MAX: 'the last',
    RTN_XRESOLVE: 'the kernel has nothing that it stands for',
  },
  'lib/netlink/rtnetlink/rule.ts FIB_RULE': {
    FIB_RULE_DEV_DETACHED: 'another name of FIB_RULE_IIF_DETACHED',
    FIB_RULE_FIND_SADDR: 'a flag that IPv6 sets for itself, and ip does not show',
  },
  'lib/netlink/rtnetlink/rule.ts RULE_ACTIONS': {
    FR_ACT_MAX: 'the last',
    FR_ACT_RES3: 'reserved',
    FR_ACT_RES4: 'reserved',
  },
  'lib/netlink/rtnetlink/traffic.ts TC_H': { '*': 'masks and macros, and parts of handles' },
  'lib/netlink/rtnetlink/traffic.ts TC_H_MIN': {
    '*': 'masks and macros, and handles that the names of parents stand for',
  },
  'lib/netlink/rtnetlink/actions/control.ts CONTROLS': {
    '*': 'masks, and jumps to chains and actions, which stay numbers',
  },
  'lib/netlink/rtnetlink/actions/gact.ts RANDOM': {
    PGACT_NONE: 'no chance at all',
  },
  'lib/netlink/rtnetlink/actions/skbedit.ts PACKET_TYPES': {
    '*': 'the kernel takes no other types',
  },
  'lib/netlink/rtnetlink/actions/vlan.ts MODES': {
    '*': 'what moves a header of Ethernet, which stays a number',
  },
  'lib/netlink/rtnetlink/actions/vlan.ts PROTOCOLS': {
    '*': 'the other protocols of Ethernet are no tags of VLANs',
  },
  'lib/netlink/rtnetlink/ether-type.ts ETHER_TYPES': {
    '*': 'protocols without a name here stay numbers',
  },
  'lib/netlink/rtnetlink/filters/u32.ts FLAGS': {
    '*': 'macros, and parts of handles',
  },
  'lib/netlink/rtnetlink/ip-protocol.ts IP_PROTOCOLS': {
    '*': 'protocols without a name here stay numbers',
  },
  'lib/netlink/rtnetlink/kinds/bridge.ts SHOWN_SWITCHES': {
    '*': 'one more than the last',
  },
};
