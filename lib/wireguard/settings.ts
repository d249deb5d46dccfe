import { checkInteger, parseIp, parseSubnet } from '../common/check';
import { canonicalIp } from '../common/ip-text';
import {
  integerFrom,
  listOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { refuse } from '../common/refuse';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { splitEndpoint } from './codecs';
import { checkKey, checkKeyOrNone } from './keys';

/** Another end of the tunnel. */
export interface WireguardPeer {
  /** 32 bytes in base64, by which the peer is known. */
  publicKey: string;
  /** A secret that both ends have besides their keys: 32 bytes in base64. '' removes it. */
  presharedKey?: string;
  /**
   * Where the peer is: '192.0.2.1:51820', '[2001:db8::1]:51820', or '[fe80::1%3]:51820' with the index of a device beside the tunnel's
   * socket. Without one, the peer has to be the first to send. It follows the peer as packets come from elsewhere.
   */
  endpoint?: string;
  /** Seconds after which an empty packet keeps a NAT on the way open, up to 65,535; 0, the default, sends none. */
  persistentKeepalive?: number;
  /**
   * The addresses behind the peer, such as '10.9.0.0/24': packets to them go to this peer, and those from it have to come from them. They
   * take the place of those that the peer had. An address belongs to one peer: another one that has it loses it.
   */
  allowedIps?: readonly string[];
}

/** A peer to add or to change: what is left out stays as it is. */
export interface WireguardPeerChange extends WireguardPeer {
  /** true removes the peer, where it is there. */
  remove?: boolean;
}

/** What a device of WireGuard is. */
interface Shared {
  /** 32 bytes in base64; '' removes it. Without one the device neither sends nor receives. */
  privateKey?: string;
  /** UDP port, of IPv4 and IPv6. 0, the default, has the kernel choose one when the device comes up. */
  listenPort?: number;
  /** The mark of the encrypted packets (fwmark), for rules and nf_tables; 0, the default, is none. */
  mark?: number;
}

/** A new device of WireGuard. */
export interface WireguardOptions extends Shared {
  /** The other ends. */
  peers?: readonly WireguardPeer[];
  /**
   * The namespace by whose network the encrypted packets go, for as long as the device is; the device's own by default. So a namespace
   * whose only device is a tunnel needs no other way out. That namespace has to live on: without it, the tunnel is dead.
   */
  socketNetns?: Netns;
}

/** What is changed of a device of WireGuard. */
export interface WireguardSettings extends Shared {
  /** Peers to add, to change or to remove. */
  peers?: readonly WireguardPeerChange[];
  /** true removes all peers first, so that those in `peers` are all. */
  replacePeers?: boolean;
}

const isEndpoint: OptionCheck = (value, path) => {
  const rule = "expected an address and a port, like '192.0.2.1:51820' or '[2001:db8::1]:51820'";
  if (typeof value !== 'string') refuse(path, rule, value);
  const found = splitEndpoint(value);
  if (found === undefined) refuse(path, rule, value);
  parseIp(found.address, path);
  checkInteger(`${path}: port`, found.port, 1, 0xffff);
  checkInteger(`${path}: zone`, found.zone, 0, 0x7fffffff);
};

const isSubnet: OptionCheck = (value, path) => {
  parseSubnet(value, path, { bare: true });
};

const PEER = optionTable<WireguardPeer>(
  {
    publicKey: checkKey,
    presharedKey: checkKeyOrNone,
    endpoint: isEndpoint,
    persistentKeepalive: integerFrom(0, 0xffff),
    allowedIps: listOf(isSubnet),
  },
  ['publicKey'],
);

/** What getWireguard returns besides what can be set. It is taken, so that what was listed can be given back, and not sent. */
const REPORTED_OF_PEER = {
  hasPresharedKey: true,
  lastHandshake: true,
  rxBytes: true,
  txBytes: true,
  protocolVersion: true,
} as const;
const REPORTED = { index: true, name: true, publicKey: true } as const;
type Reported = Record<keyof typeof REPORTED, unknown>;

/** Refuses what is there twice. */
function checkOnce(values: readonly (readonly [path: string, value: string])[]): void {
  const first = new Map<string, string>();
  for (const [path, value] of values) {
    const before = first.get(value);
    if (before !== undefined) refuse(path, `it is ${before} once more`, value);
    first.set(value, path);
  }
}

/** A subnet in one spelling. */
function canonicalSubnet(text: string): string {
  const { address, length } = parseSubnet(text, 'allowedIps', { bare: true });
  return `${canonicalIp(address)}/${length}`;
}

/** Peers, each of them once, and each address of one peer: the kernel would take it from the first without a word. */
function peersOf(table: Parameters<typeof optionsOf>[0]): OptionCheck {
  const isList = listOf(optionsOf(table));
  return (value, path) => {
    isList(value, path);
    const peers = value as readonly WireguardPeerChange[];
    checkOnce(peers.map(({ publicKey }, i) => [`${path}[${i}].publicKey`, publicKey]));
    const addresses = ({ allowedIps = [], remove }: WireguardPeerChange, i: number) =>
      remove === true
        ? []
        : allowedIps.map((text, j) => [`${path}[${i}].allowedIps[${j}]`, canonicalSubnet(text)] as const);
    checkOnce(peers.flatMap(addresses));
  };
}

const SHARED = optionTable<Shared>({
  privateKey: checkKeyOrNone,
  listenPort: integerFrom(0, 0xffff),
  mark: integerFrom(0, 0xffffffff),
});

/** The options of a new device. */
export const WIREGUARD_OPTIONS = optionTable<WireguardOptions & Pick<Reported, 'publicKey'>>({
  ...SHARED,
  publicKey: true,
  peers: peersOf({ ...PEER, ...REPORTED_OF_PEER }),
  socketNetns: (value, path) => checkNetns(value, path),
});

const PEER_CHANGE = optionTable<WireguardPeerChange>({ ...PEER, remove: trueOrFalse });

/** The options of a change. */
export const WIREGUARD_SETTINGS = optionTable<WireguardSettings & Reported>({
  ...SHARED,
  ...REPORTED,
  peers: peersOf({ ...PEER_CHANGE, ...REPORTED_OF_PEER }),
  replacePeers: trueOrFalse,
});
