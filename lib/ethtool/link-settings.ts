import { checkDevice } from '../common/check';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { attemptTo, ethtoolRequest, headerOf } from './requests';
import { namedBits } from './tables/bitset';
import { type DUPLEX, linkInfo, linkModes, linkState, type PORTS } from './tables/link';

/** linux/ethtool.h, SPEED_UNKNOWN */
const SPEED_UNKNOWN = 0xffffffff;

/** What a device says of its cable, real or not. */
export interface LinkSettings {
  /** Whether there is a link. */
  linkDetected: boolean;
  /** In Mbit/s; left out where the device does not know it, as that of a bridge without ports. */
  speed?: number;
  /** Left out where the device does not know it. */
  duplex?: keyof typeof DUPLEX;
  /** Whether the two ends agree on speed and duplex by themselves. */
  autoneg: boolean;
  /** The connector: 'tp' is twisted pair, 'da' a direct attach cable. A number that has no name stays a number. */
  port: keyof typeof PORTS | number;
  /** The modes that the device can have, by the kernel's names: '1000baseT/Full'. */
  supported: string[];
  /** Those of them that the device offers to the other end. */
  advertised: string[];
}

/**
 * Speed, duplex and port of a device. A virtual device may say anything: a veth has 10,000 Mbit/s.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device without such settings, such as `lo` or a dummy.
 * @see ethtool(8), `ethtool DEVICE`
 * @example
 * ```ts
 * const { speed, duplex, autoneg } = await getLinkSettings(red, 'eth0');
 * console.log(speed, duplex, autoneg); // 10000 full false
 * ```
 */
export async function getLinkSettings(netns: Netns, device: Device): Promise<LinkSettings> {
  checkNetns(netns);
  checkDevice(device);
  const [attempt, header] = [attemptTo('get link settings of', device), headerOf(device)];
  const what = 'link settings';
  const [info, modes, state] = await Promise.all([
    ethtoolRequest(netns, linkInfo.ask('getLinkInfo', { header }, attempt), what),
    ethtoolRequest(netns, linkModes.ask('getLinkModes', { header }, attempt), what),
    ethtoolRequest(netns, linkState.ask('getLinkState', { header }, attempt), what),
  ]);
  const { autoneg = false, speed, duplex, ours } = modes ?? {};
  const bits = namedBits(ours);
  return {
    linkDetected: state?.link ?? false,
    ...(speed !== undefined && speed !== SPEED_UNKNOWN && { speed }),
    ...(typeof duplex === 'string' && { duplex }),
    autoneg,
    port: info?.port ?? 'other',
    supported: [...bits.keys()],
    advertised: [...bits.keys()].filter((name) => bits.get(name) === true),
  };
}
