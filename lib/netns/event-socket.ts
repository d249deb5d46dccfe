import { type Descriptor, native } from '../addon/native';
import { LITTLE } from '../netlink/bytes';
import type { Netns } from './netns';
import { AF_NETLINK, eventSocket } from '../netlink/sockets';

/** struct sockaddr_nl of the kernel. */
export const KERNEL = Buffer.alloc(12);
new DataView(KERNEL.buffer, KERNEL.byteOffset).setUint16(0, AF_NETLINK, LITTLE);

/** A socket in a namespace that receives the events of some groups: linux/rtnetlink.h, RTNLGRP_*. */
export async function openEventSocket(
  netns: Netns,
  operation: string,
  groups: readonly number[],
  receiveBuffer?: number,
): Promise<Descriptor> {
  const socket = await netns.openSocket(operation, eventSocket(groups, receiveBuffer));
  // Connecting gives it a port. Without one it would miss the events that no request has caused: they come from
  // port 0, and to the kernel (6.18) a socket without a port is at port 0, and has sent them itself.
  native().connectSocket(socket, KERNEL);
  return socket;
}
