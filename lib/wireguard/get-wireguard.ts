import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import type { Secret } from '../netlink/secret';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import { genericRequest } from '../netns/generic';
import type { Netns } from '../netns/netns';
import { attemptTo, refOf } from './requests';
import { device as messages, type DeviceMessage, type PeerMessage } from './tables';

/** What a peer is, and what became of it. */
export interface WireguardPeerInfo {
  /** In base64. */
  publicKey: string;
  /** Whether there is a preshared key. */
  hasPresharedKey: boolean;
  /** In base64; with `secrets` alone. */
  presharedKey?: string;
  /** Where it was seen last, or is expected: '192.0.2.1:51820'. Missing where nobody knows. */
  endpoint?: string;
  /** Seconds; 0 is none. */
  persistentKeepalive: number;
  /** The addresses behind it: '10.9.0.0/24'. */
  allowedIps: string[];
  /** When the last handshake was, in milliseconds since 1970, as Date.now() has them. Missing where there was none. */
  lastHandshake?: number;
  /** Bytes that came from it, encrypted. */
  rxBytes: number;
  /** Bytes that went to it, encrypted. */
  txBytes: number;
  /** Of WireGuard: 1. */
  protocolVersion: number;
}

/** What a device of WireGuard is. */
export interface WireguardInfo {
  /** The kernel's number of the device in its namespace. */
  index: number;
  /** The device's name. */
  name: string;
  /** In base64; with `secrets` alone, and missing where there is none. */
  privateKey?: string;
  /** In base64, made of the private key. Missing where there is none. */
  publicKey?: string;
  /** UDP port; 0 where the kernel is to choose one when the device comes up. */
  listenPort: number;
  /** The mark of the encrypted packets; 0 is none. */
  mark: number;
  /** The other ends. */
  peers: WireguardPeerInfo[];
}

/** What is read of a device of WireGuard. */
export interface GetWireguardOptions {
  /** true reads the private key and the preshared keys as well, which are otherwise left out. */
  secrets?: boolean;
}

const OPTIONS = optionTable<GetWireguardOptions>({ secrets: trueOrFalse });

/**
 * Keys, port and peers of a device of WireGuard, with what went to each peer and came from it. As `wg show` hides them, the private
 * key and the preshared keys are left out, unless `secrets` asks for them.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device of another kind, and where the kernel has no WireGuard; EPERM without
 * CAP_NET_ADMIN.
 * @see wg(8), `wg show`
 * @example
 * ```ts
 * const keys = generateWireguardKeys();
 * await createLink(red, { kind: 'wireguard', name: 'wg0', privateKey: keys.privateKey, listenPort: 51820 });
 * const { publicKey, listenPort } = await getWireguard(red, 'wg0');
 * console.log(publicKey === keys.publicKey, listenPort); // true 51820
 * ```
 */
export async function getWireguard(
  netns: Netns,
  device: Device,
  options: GetWireguardOptions = {},
): Promise<WireguardInfo> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, OPTIONS);
  const attempt = attemptTo('get wireguard', device);
  const ref = await refOf(netns, device, attempt);
  const found = await genericRequest(netns, messages.list('get', ref, attempt));
  return toInfo(found, options.secrets === true);
}

function toInfo(found: readonly DeviceMessage[], secrets: boolean): WireguardInfo {
  const { index = 0, name = '', privateKey, publicKey, listenPort = 0, mark = 0 } = found[0] ?? {};
  return {
    index,
    name,
    ...defined({ privateKey: secrets ? base64(privateKey) : undefined, publicKey }),
    listenPort,
    mark,
    peers: wholePeers(found).map((peer) => toPeer(peer, secrets)),
  };
}

/** A peer with many addresses goes on in the next message, which has its key and further addresses alone. */
function wholePeers(found: readonly DeviceMessage[]): PeerMessage[] {
  const whole: PeerMessage[] = [];
  for (const part of found.flatMap(({ peers = [] }) => peers)) {
    const last = whole.at(-1);
    if (last === undefined || last.publicKey !== part.publicKey) whole.push(part);
    else last.allowedIps = [...(last.allowedIps ?? []), ...(part.allowedIps ?? [])];
  }
  return whole;
}

function toPeer(peer: PeerMessage, secrets: boolean): WireguardPeerInfo {
  const { publicKey = '', endpoint, persistentKeepalive = 0, allowedIps = [], lastHandshake } = peer;
  const { rxBytes = 0, txBytes = 0, protocolVersion = 0 } = peer;
  const presharedKey = base64(peer.presharedKey);
  const { seconds, nanoseconds } = lastHandshake ?? { seconds: 0, nanoseconds: 0 };
  const time = seconds * 1000 + Math.floor(nanoseconds / 1e6);
  return {
    publicKey,
    hasPresharedKey: presharedKey !== undefined,
    ...defined({ presharedKey: secrets ? presharedKey : undefined, endpoint }),
    persistentKeepalive,
    allowedIps: allowedIps.map(({ address = '', prefixLength = 0 }) => `${address}/${prefixLength}`),
    ...defined({ lastHandshake: time === 0 ? undefined : time }),
    rxBytes,
    txBytes,
    protocolVersion,
  };
}

/** A key in base64; for a preshared key that there is not, the kernel reports zeros. */
function base64(key: Secret | undefined): string | undefined {
  const bytes = key?.reveal();
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return undefined;
  return Buffer.from(bytes).toString('base64');
}
