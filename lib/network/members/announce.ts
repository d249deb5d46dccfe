import {
  AF_PACKET,
  IPPROTO_ICMPV6,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_IPV6,
} from '../../addon/socket-constants';
import { AF, type Family } from '../../common/check';
import { native, type SocketSpec } from '../../addon/native';
import type { Netns } from '../../netns/netns';
import { be16, ipv4, ipv6, mac, u8, written } from '../../netlink/codec';
import { struct } from '../../netlink/struct';
import { packetSockaddr } from '../../sockets/packet-address';
import { sockaddr } from '../../sockets/inet/sockaddr';

// An address that a member gets may have been another member's, whose MAC address is in the neighbour caches of the link:
// they would go on sending to that MAC address. So a new address is announced three times, a second apart, by ARP
// (RFC 5227) or by neighbour advertisements (RFC 4861).

const TIMES = 3;
const PAUSE_MS = 1000;

const ETH_P_ARP = 0x0806;
const BROADCAST = Buffer.alloc(6, 0xff);
const ALL_NODES = 'ff02::1';

/** RFC 826, of Ethernet and IPv4 */
const arp = struct([
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

const ARP = { hardware: 1, protocol: 0x0800, hardwareLength: 6, protocolLength: 4, operation: 1 } as const;
const NA = { type: 136, code: 0, flags: 0x20, option: 2, optionLength: 1 } as const; // override

interface Announcement {
  spec: SocketSpec;
  message: Buffer;
  to: Buffer;
}

/** A device whose addresses are announced. */
export interface Announced {
  index: number;
  mac: string;
  addresses: Readonly<Partial<Record<Family, string>>>;
}

const MAKERS: Readonly<Record<Family, (device: Announced, address: string) => Announcement>> = {
  4: ({ index, mac: own }, address) => ({
    spec: { domain: AF_PACKET, type: SOCK_DGRAM, protocol: 0, options: [] },
    message: written(arp, {
      ...ARP,
      sender: own,
      senderAddress: address,
      target: '00:00:00:00:00:00',
      targetAddress: address,
    }),
    to: packetSockaddr({ protocol: ETH_P_ARP, device: index, address: BROADCAST }),
  }),
  6: ({ index, mac: own }, address) => ({
    spec: {
      domain: AF[6],
      type: SOCK_RAW,
      protocol: IPPROTO_ICMPV6,
      options: [
        [SOL_IPV6, IPV6_MULTICAST_IF, index, true],
        [SOL_IPV6, IPV6_MULTICAST_HOPS, 255, true],
      ],
      bind: sockaddr(6, address),
    },
    message: written(advertisement, { ...NA, target: address, address: own }),
    to: sockaddr(6, ALL_NODES, index),
  }),
};

/**
 * Announces a member's addresses at once, and twice more later; neither the caller nor the end of the process waits for
 * the later ones. No socket is open between them, because a socket would keep a deleted namespace. An announcement that
 * cannot be sent is left out: without CAP_NET_RAW, or where the device or the namespace is gone, the caches of neighbours
 * run out by themselves.
 *
 * @param done called after the last announcement
 * @returns a function that ends the announcements early
 */
export async function announce(netns: Netns, device: Announced, done: () => void): Promise<() => void> {
  const families = Object.keys(device.addresses).map(Number) as Family[];
  const announcements = families.map((family) => MAKERS[family](device, device.addresses[family] ?? ''));
  const sendAll = async () => Promise.allSettled(announcements.map(async (one) => send(netns, one)));
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

async function send(netns: Netns, { spec, message, to }: Announcement): Promise<void> {
  const socket = await netns.openSocket('announce addresses in', spec);
  native().sendDatagram(socket, message, to);
  socket.close();
}
