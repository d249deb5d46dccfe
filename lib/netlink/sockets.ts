import {
  AF_NETLINK,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
} from '../addon/socket-constants';
import type { SocketSpec } from '../addon/native';

// linux/netlink.h
const NETLINK_ROUTE = 0;
const NETLINK_SOCK_DIAG = 4;
const NETLINK_NETFILTER = 12;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

const RECEIVE_BUFFER = 1024 * 1024;

const room = (bytes: number): SocketSpec['options'] => [
  [SOL_SOCKET, SO_RCVBUF, bytes, false],
  // beyond net.core.rmem_max, for those who may
  [SOL_SOCKET, SO_RCVBUFFORCE, bytes, false],
];

const ANSWERS: SocketSpec['options'] = [
  [SOL_NETLINK, NETLINK_CAP_ACK, 1, true],
  [SOL_NETLINK, NETLINK_EXT_ACK, 1, true],
  [SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1, true],
];

/** The socket that carries all requests of a handle. */
export const routeSocket: SocketSpec = {
  domain: AF_NETLINK,
  type: SOCK_RAW,
  protocol: NETLINK_ROUTE,
  options: [...room(RECEIVE_BUFFER), ...ANSWERS],
};

/** The socket that asks for sockets: sock_diag(7). */
export const diagSocket: SocketSpec = { ...routeSocket, protocol: NETLINK_SOCK_DIAG };

// A transaction of nf_tables is one datagram, however large. The buffer is a limit only: nothing is set aside.
const LARGEST_BATCH = 256 * 1024 * 1024;

/** The socket that carries requests to nf_tables and conntrack. */
export const netfilterSocket: SocketSpec = {
  domain: AF_NETLINK,
  type: SOCK_RAW,
  protocol: NETLINK_NETFILTER,
  options: [
    ...room(RECEIVE_BUFFER),
    [SOL_SOCKET, SO_SNDBUF, LARGEST_BATCH, false],
    // beyond net.core.wmem_max: for root of the machine, not of a user namespace
    [SOL_SOCKET, SO_SNDBUFFORCE, LARGEST_BATCH, false],
    [SOL_NETLINK, NETLINK_CAP_ACK, 1, true],
    [SOL_NETLINK, NETLINK_EXT_ACK, 1, true],
  ],
};

/** A socket that receives the events of these groups: linux/rtnetlink.h, RTNLGRP_*. It may also send requests. */
export function eventSocket(groups: readonly number[], receiveBuffer = RECEIVE_BUFFER): SocketSpec {
  const memberships = groups.map((group) => [SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, true] as const);
  const options = [...room(receiveBuffer), ...ANSWERS, ...memberships];
  return { domain: AF_NETLINK, type: SOCK_RAW, protocol: NETLINK_ROUTE, options };
}

/** A socket that receives the events of these groups of netfilter: linux/netfilter/nfnetlink.h, NFNLGRP_*. */
export function netfilterEventSocket(groups: readonly number[]): SocketSpec {
  const memberships = groups.map((group) => [SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, true] as const);
  return {
    domain: AF_NETLINK,
    type: SOCK_RAW,
    protocol: NETLINK_NETFILTER,
    options: [...room(RECEIVE_BUFFER), ...memberships],
  };
}
