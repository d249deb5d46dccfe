import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { Bytes } from '../netlink/bytes';
import { u32, written } from '../netlink/codec';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { askByIoctl, askedDevice } from './ioctl';
import { COMMANDS, driverInfo } from './tables/ioctl';

/** What the driver of a device says about itself. */
export interface DriverInfo {
  /** Its name: 'veth', 'tun', 'virtio_net'. */
  driver: string;
  /** Its version, or that of the kernel where the driver has none of its own. */
  version: string;
  /** Version of the device's firmware. */
  firmwareVersion?: string;
  /** Where the device is on its bus: '0000:00:04.0'. */
  busInfo?: string;
  /** Version of the device's expansion ROM. */
  expansionRomVersion?: string;
  /** What can be asked of the driver besides. */
  supports: {
    /** `getDeviceStatistics` */
    statistics: boolean;
    /** `ethtool -t` */
    test: boolean;
    /** `ethtool -e` */
    eepromAccess: boolean;
    /** `ethtool -d` */
    registerDump: boolean;
    /** `ethtool --show-priv-flags` */
    privateFlags: boolean;
  };
}

/**
 * What the driver of a device says about itself. It is asked by ioctl(2), because netlink has no message for it.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device without a driver that answers, such as `lo`.
 * @see ethtool(8), `ethtool -i`
 * @example
 * ```ts
 * const { driver, supports } = await getDriverInfo(red, 'eth0');
 * console.log(driver, supports.statistics); // veth true
 * ```
 */
export async function getDriverInfo(netns: Netns, device: Device): Promise<DriverInfo> {
  checkNetns(netns);
  checkDevice(device);
  const asked = await askedDevice(netns, device, 'get driver of', 'driver information');
  const command = Buffer.concat([written(u32, COMMANDS.getDriverInfo)], driverInfo.size);
  const [answer = command] = await askByIoctl(asked, command);
  const found = driverInfo.read(new Bytes(answer), 0, answer.length);
  const { driver, version, firmwareVersion, busInfo, expansionRomVersion } = found;
  const given = (text: string) => (text === '' ? undefined : text);
  return {
    driver,
    version,
    ...defined({
      firmwareVersion: given(firmwareVersion),
      busInfo: given(busInfo),
      expansionRomVersion: given(expansionRomVersion),
    }),
    supports: {
      statistics: found.statistics !== 0,
      test: found.testResults !== 0,
      eepromAccess: found.eepromLength !== 0,
      registerDump: found.registersLength !== 0,
      privateFlags: found.privateFlags !== 0,
    },
  };
}
