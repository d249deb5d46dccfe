import { isText, type OptionCheck } from '../common/options';
import { randomBetween } from '../common/random';
import { refuse } from '../common/refuse';
import { MAC } from '../netlink/codec';

export const isMac: OptionCheck = (value, path) => {
  isText(value, path);
  if (!MAC.test(String(value))) refuse(path, "expected a MAC address like '02:00:00:00:00:01'", value);
};

/**
 * A random MAC address: unicast, locally administered (IEEE 802). Devices get theirs in the request that
 * creates them: udev rewrites one that the kernel has made up, and a bridge without one of its own takes over
 * that of its lowest port.
 */
export function randomMac(): string {
  const digits = randomBetween(0, 2 ** 40)
    .toString(16)
    .padStart(10, '0');
  return `02:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}:${digits.slice(6, 8)}:${digits.slice(8)}`;
}
