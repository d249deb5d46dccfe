import dgram from 'node:dgram';
import { openUnlessAborted } from '../common/abort';
import { checkDevice, type Family, parseIp } from '../common/check';
import { type Device, indexOf } from '../netns/device';
import { checkAddress, checkPort, familyOf, toSockaddr } from './inet/endpoint';
import { isSystemError } from '../common/system-error';
import { handOver } from './inet/hand-over';
import { deviceSetting, inetSocket } from './inet/inet-socket';
import { interfaceOption, membershipOption } from './inet/multicast';
import type { Descriptor, SocketOption, SocketSpec } from '../addon/native';
import {
  checkOptions,
  integerFrom,
  isSignal,
  listOf,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { checkNetns } from '../netns/check-netns';
import { checkRuntime } from '../netns/check-runtime';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';
import { lookupIn } from './dns/resolve';
import { socketError } from './inet/socket-error';

/** The socket's family, as node calls it. */
export type DatagramType = 'udp4' | 'udp6';

/** A multicast group, and the device that it is joined on. */
export interface Membership {
  /** '239.0.0.1', 'ff02::1' */
  group: string;
  device: Device;
}

/** How a UDP socket is bound. */
export interface DatagramOptions {
  /** 0 to 65535; 0 by default, which is a free one. */
  port?: number;
  /** The address to be bound to; by default all of them. */
  address?: string;
  /** Share the address with other sockets that also set this (SO_REUSEADDR); false by default. */
  reuseAddr?: boolean;
  /** Have the kernel spread datagrams over all sockets that set this (SO_REUSEPORT); false by default. */
  reusePort?: boolean;
  /** Leave IPv4 out of 'udp6'; false by default. */
  ipv6Only?: boolean;
  /** May send to broadcast addresses; false by default. */
  broadcast?: boolean;
  /** Bytes; net.core.rmem_default and wmem_default by default, net.core.rmem_max and wmem_max at most. */
  recvBufferSize?: number;
  /** Bytes, as `recvBufferSize`. */
  sendBufferSize?: number;
  /** Send and receive by this device, and no other (SO_BINDTOIFINDEX). */
  device?: Device;
  /** Groups to join, by device: `socket.addMembership` takes the names of devices for those of the process's namespace. */
  memberships?: readonly Membership[];
  /** Where multicast is sent by; `socket.setMulticastInterface` knows only devices of the process's namespace. */
  multicastDevice?: Device;
  /** Closes the socket, or ends the attempt to make it. */
  signal?: AbortSignal;
}

const MEMBERSHIP = optionTable<Membership>({ group: parseIp, device: checkDevice }, ['group', 'device']);

const OPTIONS = optionTable<DatagramOptions>({
  port: true,
  address: true,
  reuseAddr: trueOrFalse,
  reusePort: trueOrFalse,
  ipv6Only: trueOrFalse,
  broadcast: trueOrFalse,
  recvBufferSize: integerFrom(0, 0x7fffffff),
  sendBufferSize: integerFrom(0, 0x7fffffff),
  device: checkDevice,
  memberships: listOf(optionsOf(MEMBERSHIP)),
  multicastDevice: checkDevice,
  signal: isSignal,
});

const OPERATION = 'create a UDP socket in namespace';

const FAMILIES: Readonly<Record<DatagramType, Family>> = { udp4: 4, udp6: 6 };
const ANY: Readonly<Record<Family, string>> = { 4: '0.0.0.0', 6: '::' };

/**
 * A UDP socket in a namespace, bound already: node's own in all it does. Names that it is to send to are resolved in the
 * namespace, see {@link resolve}, for as long as the handle is open. The socket holds on to the namespace until it closes.
 *
 * Listen for 'error' on a 'udp6' socket. For a datagram from a link-local address, node looks for the device in the
 * namespace of its process. Where there is no device of that index, node emits an 'error' (ENXIO) instead of the datagram.
 *
 * @returns the socket, when it is bound: there is no 'listening' event to come.
 * @throws the error that node's own `bind` emits, with `code`, `errno`, `syscall`, `address`, `port`: EADDRINUSE,
 * EACCES for a privileged port, EADDRNOTAVAIL. {@link NetlinkError} ENODEV for a device that is not there;
 * {@link NetnsError} ERR_NETNS_CLOSED for a closed handle; the signal's reason.
 * @see udp(7), ip(7), ipv6(7), and `dgram` of node
 * @example
 * ```ts
 * import { once } from 'node:events';
 * const receiver = await createSocket(blue, 'udp4', { port: 5000 });
 * (await createSocket(red, 'udp4')).send('hello', 5000, '10.0.0.2');
 * const [data, { address }] = await once(receiver, 'message');
 * console.log(String(data), 'from', address); // hello from 10.0.0.1
 * ```
 */
export async function createSocket(
  netns: Netns,
  type: DatagramType,
  options: DatagramOptions = {},
): Promise<dgram.Socket> {
  checkNetns(netns);
  if (typeof type !== 'string' || !Object.hasOwn(FAMILIES, type))
    throw new TypeError(`type: expected 'udp4' or 'udp6', got ${shown(type)}`);
  checkOptions(options, OPTIONS);
  checkRuntime(netns, OPERATION, { deno: 'Deno makes no datagram socket of a descriptor' });
  const { port = 0, address, memberships = [], signal } = options;
  const family = FAMILIES[type];
  checkPort(port);
  memberships.forEach(({ group }, i) => {
    if (familyOf(group) !== family)
      throw new RangeError(`memberships[${i}].group: expected one of IPv${family}, got ${shown(group)}`);
  });
  if (address !== undefined) {
    checkAddress(address, 'address');
    if (familyOf(address) !== family)
      throw new RangeError(`address: expected one of IPv${family}, got ${shown(address)}`);
  }
  signal?.throwIfAborted();
  const place = { address: address ?? ANY[family], port };
  const opening = open(netns, { family, place, options });
  const descriptor = await openUnlessAborted(signal, opening, (late) => late.close());
  const socket = dgram.createSocket({
    type,
    lookup: lookupIn(netns),
    ...(signal !== undefined && { signal }),
  });
  try {
    return handOver(descriptor, (fd) => socket.bind({ fd, exclusive: true }));
  } catch (error) {
    socket.close();
    throw error;
  }
}

interface Plan {
  family: Family;
  place: { address: string; port: number };
  options: DatagramOptions;
}

async function open(netns: Netns, { family, place, options }: Plan): Promise<Descriptor> {
  const spec = await specFor(netns, family, options);
  const bind = await toSockaddr(netns, place, OPERATION);
  try {
    return await netns.openSocket(OPERATION, { ...spec, bind });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw socketError('bind', error.errno, place);
  }
}

async function specFor(netns: Netns, family: Family, options: DatagramOptions): Promise<SocketSpec> {
  const { device, memberships = [], multicastDevice } = options;
  const { reuseAddr, reusePort, broadcast, recvBufferSize, sendBufferSize, ipv6Only = false } = options;
  const spec = inetSocket(family, 'datagram', {
    reuseAddr,
    reusePort,
    broadcast,
    recvBufferSize,
    sendBufferSize,
    ...(family === 6 && { ipv6Only }),
    ...(await deviceSetting(netns, device, OPERATION)),
  });
  const multicast = memberships.map(async ({ group, device: by }): Promise<SocketOption> => {
    return membershipOption(family, group, await indexOf(netns, by, OPERATION));
  });
  const interfaces =
    multicastDevice === undefined
      ? []
      : [
          indexOf(netns, multicastDevice, OPERATION, 'multicastDevice').then((index) =>
            interfaceOption(family, index),
          ),
        ];
  const more = await Promise.all([...multicast, ...interfaces]);
  return { ...spec, options: [...spec.options, ...more] };
}
