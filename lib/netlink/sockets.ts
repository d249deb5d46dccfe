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
import { LITTLE } from './bytes';

// linux/netlink.h
const NETLINK_ROUTE = 0;
const NETLINK_SOCK_DIAG = 4;
const NETLINK_NETFILTER = 12;
const NETLINK_GENERIC = 16;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

const RECEIVE_BUFFER = 1024 * 1024;

/** struct sockaddr_nl of the kernel. */
const KERNEL = Buffer.alloc(12);
new DataView(KERNEL.buffer, KERNEL.byteOffset).setUint16(0, AF_NETLINK, LITTLE);

type Options = SocketSpec['options'];

/**
 * Connecting has two effects. Other processes of the namespace can no longer send an answer to the socket in the
 * kernel's place. And the socket has a port: a socket without a port misses the events that no request has caused,
 * because such events come from port 0, and the kernel (6.18) takes a socket without a port for their sender.
 */
const netlinkSocket = (protocol: number, ...options: Options[]): SocketSpec => ({
  domain: AF_NETLINK,
  type: SOCK_RAW,
  protocol,
  options: options.flat(),
  connect: KERNEL,
});

const room = (bytes: number): Options => [
  [SOL_SOCKET, SO_RCVBUF, bytes, false],
  // beyond net.core.rmem_max, for those who may
  [SOL_SOCKET, SO_RCVBUFFORCE, bytes, false],
];

const ACKNOWLEDGEMENTS: Options = [
  [SOL_NETLINK, NETLINK_CAP_ACK, 1, true],
  [SOL_NETLINK, NETLINK_EXT_ACK, 1, true],
];

const STRICT: Options = [[SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1, true]];

const membership = (groups: readonly number[]): Options =>
  groups.map((group) => [SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, true]);

/** The socket that carries all requests of a handle. */
export const routeSocket = netlinkSocket(NETLINK_ROUTE, room(RECEIVE_BUFFER), ACKNOWLEDGEMENTS, STRICT);

/** The socket that asks for sockets: sock_diag(7). */
export const diagSocket = netlinkSocket(NETLINK_SOCK_DIAG, room(RECEIVE_BUFFER), ACKNOWLEDGEMENTS, STRICT);

// A transaction of nf_tables is one datagram, however large. The buffer is a limit only: nothing is set aside.
const LARGEST_BATCH = 256 * 1024 * 1024;

/** The socket that carries requests to nf_tables and conntrack. */
export const netfilterSocket = netlinkSocket(NETLINK_NETFILTER, room(RECEIVE_BUFFER), ACKNOWLEDGEMENTS, [
  [SOL_SOCKET, SO_SNDBUF, LARGEST_BATCH, false],
  // beyond net.core.wmem_max: for root of the machine, not of a user namespace
  [SOL_SOCKET, SO_SNDBUFFORCE, LARGEST_BATCH, false],
]);

/** The socket that carries requests to the families of generic netlink. */
export const genericSocket = netlinkSocket(NETLINK_GENERIC, room(RECEIVE_BUFFER), ACKNOWLEDGEMENTS);

/** A socket that receives the events of these groups: linux/rtnetlink.h, RTNLGRP_*. It may also send requests. */
export const eventSocket = (groups: readonly number[], receiveBuffer = RECEIVE_BUFFER): SocketSpec =>
  netlinkSocket(NETLINK_ROUTE, room(receiveBuffer), ACKNOWLEDGEMENTS, STRICT, membership(groups));

/** A socket that receives the events of these groups of netfilter: linux/netfilter/nfnetlink.h, NFNLGRP_*. */
export const netfilterEventSocket = (groups: readonly number[]): SocketSpec =>
  netlinkSocket(NETLINK_NETFILTER, room(RECEIVE_BUFFER), membership(groups));
