import type { SocketSpec } from './native';

// Constants of linux/netlink.h and asm-generic/socket.h
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

const RECEIVE_BUFFER = 1024 * 1024;

/** The socket that carries all requests of a handle. */
export const routeSocket: SocketSpec = {
  domain: AF_NETLINK,
  type: SOCK_RAW,
  protocol: NETLINK_ROUTE,
  options: [
    [SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, false],
    // beyond net.core.rmem_max, for those who may
    [SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER, false],
    [SOL_NETLINK, NETLINK_CAP_ACK, 1, true],
    [SOL_NETLINK, NETLINK_EXT_ACK, 1, true],
    [SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1, true],
  ],
};
