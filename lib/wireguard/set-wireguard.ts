import { checkDevice } from '../common/check';
import { checkOptions } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { attemptTo, refOf, sendSettings } from './requests';
import { WIREGUARD_SETTINGS, type WireguardSettings } from './settings';

/**
 * Changes keys, port, mark and peers of a device of WireGuard. What is not given stays as it is: a peer that is not named, and of one that
 * is, what is not given of it. What {@link getWireguard} has returned can be given back. Where the kernel refuses the port, nothing is
 * changed. A thousand addresses and more go in several messages, which a reader may see between.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device of another kind, and where the kernel has no WireGuard; EADDRINUSE for a
 * port that is taken; EPERM for the port and the mark of a device whose socket's namespace is gone.
 * @see wg(8), `wg set`
 * @example
 * ```ts
 * const { publicKey } = generateWireguardKeys(); // of the peer, in truth
 * await createLink(red, { kind: 'wireguard', name: 'wg0', privateKey: generateWireguardKeys().privateKey });
 * await setWireguard(red, 'wg0', { peers: [{ publicKey, allowedIps: ['10.9.0.2'] }] });
 * await setWireguard(red, 'wg0', { peers: [{ publicKey, remove: true }] });
 * ```
 */
export async function setWireguard(netns: Netns, device: Device, settings: WireguardSettings): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(settings, WIREGUARD_SETTINGS, { whole: 'settings' });
  const attempt = attemptTo('set wireguard', device);
  await sendSettings(netns, await refOf(netns, device, attempt), settings, attempt);
}
