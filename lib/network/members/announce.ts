import {
  AF_PACKET,
  IPPROTO_ICMPV6,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  SOCK_RAW,
  SOL_IPV6,
} from '../../addon/socket-constants';
import { AF, type Family } from '../../common/check';
import { native, type SocketSpec } from '../../addon/native';
import { ignoring } from '../../netlink/error';
import { indexOf } from '../../netns/device';
import type { Netns } from '../../netns/netns';
import { getNeighbor, removeNeighbor } from '../../addresses/neighbors';
import { be16, ipv4, ipv6, mac, u8, written } from '../../netlink/codec';
import { struct } from '../../netlink/struct';
import { packetSockaddr } from '../../sockets/packet-address';
import { sockaddr } from '../../sockets/inet/sockaddr';

// An address that a member gets may have been another member's, whose MAC address is in the neighbour caches of the link:
// they would go on sending to that MAC address. So a new address is announced three times, a second apart, by ARP
// (RFC 5227) or by neighbour advertisements (RFC 4861).
//
// The host sends the frames of ARP to all ports of the bridge, in the name of the member, by one socket that the host's handle keeps.
// A packet socket in each member's namespace would have to be closed again, for which the kernel waits until no packet is under way: 15 ms.

const TIMES = 3;
const PAUSE_MS = 1000;
const OPERATION = 'announce addresses in';

const ETH_P_ARP = 0x0806;
const ALL_NODES = 'ff02::1';

/** A frame of Ethernet with RFC 826, of Ethernet and IPv4 */
const arpFrame = struct([
  ['to', mac, 6],
  ['from', mac, 6],
  ['etherType', be16, 2],
  ['hardware', be16, 2],
  ['protocol', be16, 2],
  ['hardwareLength', u8, 1],
  ['protocolLength', u8, 1],
  ['operation', be16, 2],
  ['sender', mac, 6],
  ['senderAddress', ipv4, 4],
  ['target', mac, 6],
  ['targetAddress', ipv4, 4],
]);

/** RFC 4861, 4.4, with the option that holds the target's link-layer address. The kernel fills in the checksum. */
const advertisement = struct([
  ['type', u8, 1],
  ['code', u8, 1],
  2,
  ['flags', u8, 1],
  3,
  ['target', ipv6, 16],
  ['option', u8, 1],
  ['optionLength', u8, 1],
  ['address', mac, 6],
]);

// A reply, because a request for its own address would have the member answer, and take itself for a neighbour.
const ARP = { hardware: 1, protocol: 0x0800, hardwareLength: 6, protocolLength: 4, operation: 2 } as const;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ARP_SOCKET: SocketSpec = { domain: AF_PACKET, type: SOCK_RAW, protocol: 0, options: [] };
const NA = { type: 136, code: 0, flags: 0x20, option: 2, optionLength: 1 } as const; // override

/** A device whose addresses are announced. */
export interface Announced {
  index: number;
  mac: string;
  addresses: Readonly<Partial<Record<Family, string>>>;
}

/** Where a member is. */
interface Where {
  host: Netns;
  /** Name of the bridge. */
  bridge: string;
  /** The member's. */
  netns: Netns;
}

type Send = (where: Where, device: Announced, address: string) => Promise<void>;

const SENDERS: Readonly<Record<Family, Send>> = {
  async 4({ host, bridge }, { mac: own }, address) {
    const device = await indexOf(host, bridge, OPERATION);
    const frame = {
      ...ARP,
      to: BROADCAST,
      from: own,
      etherType: ETH_P_ARP,
      sender: own,
      senderAddress: address,
      target: own,
      targetAddress: address,
    };
    const to = packetSockaddr({ protocol: ETH_P_ARP, device });
    await host.lend(OPERATION, async ({ socket }) => {
      native().sendDatagram(await socket(ARP_SOCKET), written(arpFrame, frame), to);
    });
    await forgetNeighbor(host, device, address, own);
  },
  async 6({ netns }, { index, mac: own }, address) {
    const spec: SocketSpec = {
      domain: AF[6],
      type: SOCK_RAW,
      protocol: IPPROTO_ICMPV6,
      options: [
        [SOL_IPV6, IPV6_MULTICAST_IF, index, true],
        [SOL_IPV6, IPV6_MULTICAST_HOPS, 255, true],
      ],
      bind: sockaddr(6, address),
    };
    const socket = await netns.openSocket(OPERATION, spec);
    const message = written(advertisement, { ...NA, target: address, address: own });
    native().sendDatagram(socket, message, sockaddr(6, ALL_NODES, index));
    socket.close();
  },
};

/** The host does not hear what it sends itself. */
async function forgetNeighbor(host: Netns, device: number, address: string, own: string): Promise<void> {
  const found = await getNeighbor(host, device, address).catch(ignoring('ENOENT'));
  if (found === undefined || found.mac === own || found.state === 'permanent') return;
  await removeNeighbor(host, device, address, { ifMissing: 'ignore' });
}

/**
 * Announces a member's addresses at once, and twice more later; neither the caller nor the end of the process waits for
 * the later ones. No socket is open between them, because a socket would keep a deleted namespace. An announcement that
 * cannot be sent is left out: without CAP_NET_RAW, or where the device or the namespace is gone, the caches of neighbours
 * run out by themselves.
 *
 * @param done called after the last announcement
 * @returns a function that ends the announcements early
 */
export async function announce(where: Where, device: Announced, done: () => void): Promise<() => void> {
  const sendAll = async () =>
    Promise.allSettled(
      Object.entries(device.addresses).map(async ([family, address]) =>
        SENDERS[Number(family) as Family](where, device, address),
      ),
    );
  let left = TIMES - 1;
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    timer = setTimeout(() => {
      void sendAll();
      left--;
      if (left > 0) later();
      else done();
    }, PAUSE_MS).unref();
  };
  await sendAll();
  later();
  return () => clearTimeout(timer);
}
