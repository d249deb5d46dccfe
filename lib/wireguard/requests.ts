import { AF, parseSubnet } from '../common/check';
import { defined } from '../common/objects';
import { NLA_HDRLEN } from '../netlink/attribute-reader';
import { written } from '../netlink/codec';
import type { Attempt } from '../netlink/error';
import { Secret } from '../netlink/secret';
import { type Device, deviceRef, indexOf, NO_DEVICE } from '../netns/device';
import { genericRequest } from '../netns/generic';
import type { Netns } from '../netns/netns';
import { KEY_SIZE } from './codecs';
import type { WireguardPeerChange, WireguardSettings } from './settings';
import {
  device as messages,
  type DeviceMessage,
  peer as peerTable,
  type PeerMessage,
  WGDEVICE_F_REPLACE_PEERS,
  WGPEER_F_REMOVE_ME,
  WGPEER_F_REPLACE_ALLOWEDIPS,
  WGPEER_F_UPDATE_ONLY,
} from './tables';

/** How a message names its device. The kernel takes an alternative name, too, that is no longer than names are. */
export async function refOf(
  netns: Netns,
  device: Device,
  attempt: Attempt,
): Promise<{ index: number } | { name: string }> {
  const ref = deviceRef(device);
  return 'altName' in ref ? { index: await indexOf(netns, device, attempt) } : ref;
}

export function attemptTo(operation: string, device: Device): Attempt {
  const words = {
    ...NO_DEVICE,
    EOPNOTSUPP: 'it is no device of WireGuard',
    EADDRINUSE: 'the port is taken in the namespace of its socket',
    EPERM:
      'the namespace of its socket is gone, or it is one in whose user namespace CAP_NET_ADMIN is missing',
  };
  return { operation, device, words };
}

/** A key in its bytes; zeros are none. */
function keyOf(key: string | undefined): Secret | undefined {
  if (key === undefined) return undefined;
  return new Secret(key === '' ? Buffer.alloc(KEY_SIZE) : Buffer.from(key, 'base64'));
}

function allowedIpOf(text: string) {
  const { family, address, length } = parseSubnet(text, 'allowedIps', { bare: true });
  return { family: AF[family], address, prefixLength: length };
}

/** Addresses in a part of a peer: an attribute has at most 64 kB, and of these less than 20. */
const MOST_ADDRESSES = 500;

/** Bytes of peers in a message. */
const MOST_BYTES = 32_768;

/** A peer, in several parts where it has many addresses. */
function peerParts(settings: WireguardPeerChange): PeerMessage[] {
  const { publicKey, presharedKey, endpoint, persistentKeepalive, allowedIps = [], remove } = settings;
  if (remove === true) return [{ publicKey, flags: WGPEER_F_REMOVE_ME }];
  const first: PeerMessage = {
    publicKey,
    ...defined({
      flags: settings.allowedIps === undefined ? undefined : WGPEER_F_REPLACE_ALLOWEDIPS,
      presharedKey: keyOf(presharedKey),
      endpoint,
      persistentKeepalive,
    }),
  };
  const parts = [];
  for (let at = 0; at === 0 || at < allowedIps.length; at += MOST_ADDRESSES) {
    const some = allowedIps.slice(at, at + MOST_ADDRESSES).map(allowedIpOf);
    // one that somebody has removed meanwhile is not made again
    const begin = at === 0 ? first : { publicKey, flags: WGPEER_F_UPDATE_ONLY };
    parts.push({ ...begin, ...(some.length > 0 && { allowedIps: some }) });
  }
  return parts;
}

/** Parts of peers, as many together as a message takes. */
function* packed(parts: readonly PeerMessage[]): Generator<PeerMessage[], void, undefined> {
  let pack: PeerMessage[] = [];
  let bytes = 0;
  for (const part of parts) {
    const length = NLA_HDRLEN + written(peerTable, part).length;
    if (bytes + length > MOST_BYTES && pack.length > 0) {
      yield pack;
      pack = [];
      bytes = 0;
    }
    pack.push(part);
    bytes += length;
  }
  if (pack.length > 0) yield pack;
}

/**
 * What is sent for settings, in this order. The kernel sets the mark before the port, which it may refuse: so that nothing is changed then,
 * the port goes first and alone.
 */
export function messagesFor(settings: WireguardSettings): DeviceMessage[] {
  const { privateKey, listenPort, mark, peers = [], replacePeers } = settings;
  const portFirst = listenPort !== undefined && mark !== undefined;
  const own: DeviceMessage = defined({
    privateKey: keyOf(privateKey),
    listenPort: portFirst ? undefined : listenPort,
    mark,
    flags: replacePeers === true ? WGDEVICE_F_REPLACE_PEERS : undefined,
  });
  const [first, ...rest] = packed(peers.flatMap(peerParts));
  return [
    ...(portFirst ? [{ listenPort }] : []),
    { ...own, ...(first !== undefined && { peers: first }) },
    ...rest.map((some) => ({ peers: some })),
  ];
}

/** Sends settings that have been checked. */
export async function sendSettings(
  netns: Netns,
  ref: { index: number } | { name: string },
  settings: WireguardSettings,
  attempt: Attempt,
): Promise<void> {
  // one after the other: the peers of each come behind those of the one before
  for (const message of messagesFor(settings)) {
    await genericRequest(netns, messages.tell('set', { ...ref, ...message }, attempt));
  }
}
