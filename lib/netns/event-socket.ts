import { AF_NETLINK } from '../addon/socket-constants';
import { type Descriptor, native } from '../addon/native';
import { LITTLE } from '../netlink/bytes';
import type { Netns } from './netns';
import { toNetnsError } from './netns-error';
import { eventSocket } from '../netlink/sockets';

/** struct sockaddr_nl of the kernel. */
export const KERNEL = Buffer.alloc(12);
new DataView(KERNEL.buffer, KERNEL.byteOffset).setUint16(0, AF_NETLINK, LITTLE);

/**
 * A socket in a namespace that receives the events of these groups there: linux/rtnetlink.h, RTNLGRP_*.
 *
 * @throws {@link NetnsError} where the socket cannot be opened.
 */
export async function openEventSocket(
  netns: Netns,
  operation: string,
  groups: readonly number[],
  receiveBuffer?: number,
): Promise<Descriptor> {
  const opening = netns.openSocket(operation, eventSocket(groups, receiveBuffer));
  const socket = await opening.catch((error: unknown) => {
    throw toNetnsError(error, operation, netns.toString());
  });
  // Connecting gives the socket a port. A socket without a port misses the events that no request has caused, because
  // such events come from port 0, and the kernel (6.18) takes a socket without a port for their sender.
  native().connectSocket(socket, KERNEL);
  return socket;
}
