import { attributes, headed } from '../attributes';
import { choice, ip, s32, text, u32, u8 } from '../codec';
import { NetlinkObject } from '../object';
import { struct } from '../struct';
import { IFNAMSIZ } from '../../common/limits';

/** linux/if_addr.h, IFA_F_* */
export const IFA_F = {
  /** Of IPv4: another address of the subnet came first. IPv6 calls the same bit 'temporary'. */
  secondary: 0x01,
  nodad: 0x02,
  optimistic: 0x04,
  dadfailed: 0x08,
  homeaddress: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  mngtmpaddr: 0x100, // IFA_F_MANAGETEMPADDR
  noprefixroute: 0x200,
  autojoin: 0x400, // IFA_F_MCAUTOJOIN
  stableprivacy: 0x800, // IFA_F_STABLE_PRIVACY
} as const;

/** How far an address is valid: linux/rtnetlink.h, RT_SCOPE_*. */
export const SCOPES = {
  global: 0, // RT_SCOPE_UNIVERSE
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
} as const;
export const scope = choice(u8, SCOPES);

/** Who has added an address: linux/if_addr.h, IFAPROT_*. */
export const ADDRESS_PROTOCOLS = {
  unspec: 0, // IFAPROT_UNSPEC
  /** The address of lo. */
  kernel_lo: 1, // IFAPROT_KERNEL_LO
  /** By the advertisement of a router. */
  kernel_ra: 2, // IFAPROT_KERNEL_RA
  /** A link-local address. */
  kernel_ll: 3, // IFAPROT_KERNEL_LL
} as const;

/** struct ifaddrmsg. Only eight flags fit; the `flags` attribute has them all. */
const ifaddrmsg = struct([
  ['family', u8, 1],
  ['prefixLength', u8, 1],
  ['flags8', u8, 1],
  ['scope', scope, 1],
  ['index', u32, 4],
]);

/** struct ifa_cacheinfo: seconds, 0xffffffff for ever; stamps in hundredths of a second since boot. */
const cacheinfo = struct([
  ['preferred', u32, 4],
  ['valid', u32, 4],
  ['created', u32, 4],
  ['updated', u32, 4],
]);

const codec = headed(
  ifaddrmsg,
  attributes({
    /** The address, or on a point-to-point device the peer's. */
    address: [1, ip], // IFA_ADDRESS
    local: [2, ip], // IFA_LOCAL
    label: [3, text(IFNAMSIZ - 1)], // IFA_LABEL
    broadcast: [4, ip], // IFA_BROADCAST
    anycast: [5, ip], // IFA_ANYCAST
    lifetime: [6, cacheinfo], // IFA_CACHEINFO
    multicast: [7, ip], // IFA_MULTICAST
    flags: [8, u32], // IFA_FLAGS
    metric: [9, u32], // IFA_RT_PRIORITY
    targetNsid: [10, s32], // IFA_TARGET_NETNSID
    protocol: [11, choice(u8, ADDRESS_PROTOCOLS)], // IFA_PROTO
  }),
);

/** rtnetlink(7), RTM_NEWADDR and its kin. */
export const address = new NetlinkObject({ add: 20, remove: 21, get: 22 }, codec);

/** The multicast addresses that a device listens to: RTM_NEWMULTICAST and its kin. */
export const multicastAddress = new NetlinkObject({ add: 56, remove: 57, get: 58 }, codec);

export type AddressMessage = ReturnType<typeof address.read>;
