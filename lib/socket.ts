import type { SocketSpec } from './native';

// Constants of linux/netlink.h and asm-generic/socket.h
export const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

const RECEIVE_BUFFER = 1024 * 1024;

const ROOM: SocketSpec['options'] = [
  [SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, false],
  // beyond net.core.rmem_max, for those who may
  [SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER, false],
];

/** The socket that carries all requests of a handle. */
export const routeSocket: SocketSpec = {
  domain: AF_NETLINK,
  type: SOCK_RAW,
  protocol: NETLINK_ROUTE,
  options: [
    ...ROOM,
    [SOL_NETLINK, NETLINK_CAP_ACK, 1, true],
    [SOL_NETLINK, NETLINK_EXT_ACK, 1, true],
    [SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1, true],
  ],
};

/** A socket that is told of events, by their groups: linux/rtnetlink.h, RTNLGRP_*. */
export function eventSocket(groups: readonly number[]): SocketSpec {
  const memberships = groups.map((group) => [SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, true] as const);
  return { domain: AF_NETLINK, type: SOCK_RAW, protocol: NETLINK_ROUTE, options: [...ROOM, ...memberships] };
}
