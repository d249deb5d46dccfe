import { attributes, list, NLA_F_NESTED } from '../netlink/attributes';
import { ip, padding, text, u16, u32, u64, u8, type ValueOf } from '../netlink/codec';
import { type Family, GenericMessages } from '../netlink/genetlink/message';
import { secret } from '../netlink/secret';
import { struct } from '../netlink/struct';
import { IFNAMSIZ } from '../common/limits';
import { endpoint, KEY_SIZE, publicKey } from './codecs';

/** The family of linux/wireguard.h. */
export const WIREGUARD = {
  name: 'wireguard',
  version: 1,
  commands: {
    get: 0, // WG_CMD_GET_DEVICE
    set: 1, // WG_CMD_SET_DEVICE
  },
  missing: 'this kernel has no WireGuard: CONFIG_WIREGUARD, module wireguard',
} as const satisfies Family;

export const WGDEVICE_F_REPLACE_PEERS = 1;
export const WGPEER_F_REMOVE_ME = 1;
export const WGPEER_F_REPLACE_ALLOWEDIPS = 2;
export const WGPEER_F_UPDATE_ONLY = 4;

export const allowedIp = attributes({
  family: [1, u16], // WGALLOWEDIP_A_FAMILY
  address: [2, ip], // WGALLOWEDIP_A_IPADDR
  prefixLength: [3, u8], // WGALLOWEDIP_A_CIDR_MASK
});

// struct __kernel_timespec: linux/time_types.h
const timespec = struct([
  ['seconds', u64, 8],
  ['nanoseconds', u64, 8],
]);

export const peer = attributes({
  padding: [0, padding], // WGPEER_A_UNSPEC
  publicKey: [1, publicKey], // WGPEER_A_PUBLIC_KEY
  presharedKey: [2, secret(KEY_SIZE)], // WGPEER_A_PRESHARED_KEY
  flags: [3, u32], // WGPEER_A_FLAGS
  endpoint: [4, endpoint], // WGPEER_A_ENDPOINT
  persistentKeepalive: [5, u16], // WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL
  lastHandshake: [6, timespec], // WGPEER_A_LAST_HANDSHAKE_TIME
  rxBytes: [7, u64], // WGPEER_A_RX_BYTES
  txBytes: [8, u64], // WGPEER_A_TX_BYTES
  allowedIps: [9 | NLA_F_NESTED, list(NLA_F_NESTED, allowedIp)], // WGPEER_A_ALLOWEDIPS
  protocolVersion: [10, u32], // WGPEER_A_PROTOCOL_VERSION
});

export const device = new GenericMessages(
  WIREGUARD,
  attributes({
    index: [1, u32], // WGDEVICE_A_IFINDEX
    name: [2, text(IFNAMSIZ - 1)], // WGDEVICE_A_IFNAME
    privateKey: [3, secret(KEY_SIZE)], // WGDEVICE_A_PRIVATE_KEY
    publicKey: [4, publicKey], // WGDEVICE_A_PUBLIC_KEY
    flags: [5, u32], // WGDEVICE_A_FLAGS
    listenPort: [6, u16], // WGDEVICE_A_LISTEN_PORT
    mark: [7, u32], // WGDEVICE_A_FWMARK
    peers: [8 | NLA_F_NESTED, list(NLA_F_NESTED, peer)], // WGDEVICE_A_PEERS
  }),
);

export type PeerMessage = ValueOf<typeof peer>;
export type DeviceMessage = ValueOf<typeof device.codec.attributes>;
