import type { Netns, WireguardInfo } from '../../lib';
import { run } from './ip';

/** What `wg show DEVICE dump` prints: a line of the device, and one of each peer in the order of their keys, of words. */
export async function wgDump(netns: Netns, device = 'wg0'): Promise<string[][]> {
  const printed = await run(netns, 'wg', 'show', device, 'dump');
  const [own, ...peers] = printed.replace(/\n$/, '').split('\n');
  return [own!, ...peers.sort()].map((line) => line.split('\t'));
}

const orNone = (value: string | undefined) => (value === undefined || value === '' ? '(none)' : value);
const orOff = (value: number, shown: string) => (value === 0 ? 'off' : shown);

const byKey = (one: { publicKey: string }, other: { publicKey: string }) =>
  one.publicKey < other.publicKey ? -1 : 1;

/** What was read with its secrets, in the words of `wg show DEVICE dump`. */
export function inWordsOfWg(info: WireguardInfo): string[][] {
  const { privateKey, publicKey, listenPort, mark, peers } = info;
  return [
    [orNone(privateKey), orNone(publicKey), `${listenPort}`, orOff(mark, `0x${mark.toString(16)}`)],
    ...[...peers]
      .sort(byKey)
      .map((peer) => [
        ...[
          peer.publicKey,
          orNone(peer.presharedKey),
          orNone(peer.endpoint),
          orNone(peer.allowedIps.join(',')),
        ],
        ...[`${Math.floor((peer.lastHandshake ?? 0) / 1000)}`, `${peer.rxBytes}`, `${peer.txBytes}`],
        orOff(peer.persistentKeepalive, `${peer.persistentKeepalive}`),
      ]),
  ];
}
