import { constants } from 'node:os';
import { checkDevice } from '../common/check';
import { Bytes } from '../netlink/bytes';
import { u32, u64, written } from '../netlink/codec';
import { NetlinkError } from '../netlink/error';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { type AskedDevice, askByIoctl, askedDevice } from './ioctl';
import { explainLacking } from './requests';
import { COMMANDS, ETH_GSTRING_LEN, ETH_SS_STATS, name, setInfo, statistics, strings } from './tables/ioctl';

const { EAGAIN, EFAULT, EOPNOTSUPP } = constants.errno;

/** How often the names and numbers are asked for, where their count changes between two questions. */
const ATTEMPTS = 5;

/**
 * What the driver of a device counts, by the names that the driver has for it, in the driver's order. A number above 2^53 is
 * rounded. What the kernel itself counts of each device is in `getLink` with `statistics`.
 *
 * It is asked by ioctl(2), because netlink has only the groups of counters that IEEE 802.3 and RFC 2819 define, and virtual
 * devices have none of these.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device whose driver counts nothing of its own, such as a bridge.
 * @see ethtool(8), `ethtool -S`
 * @example
 * ```ts
 * const { peer_ifindex } = await getDeviceStatistics(red, 'eth0');
 * console.log(peer_ifindex === (await getLink(blue, 'eth0')).index); // true
 * ```
 */
export async function getDeviceStatistics(netns: Netns, device: Device): Promise<Record<string, number>> {
  checkNetns(netns);
  checkDevice(device);
  const asked = await askedDevice(netns, device, 'get statistics of', 'statistics');
  for (let i = 0; i < ATTEMPTS; i++) {
    const counted = await readCounters(asked, await countOf(asked));
    if (counted !== undefined) return counted;
  }
  const error = new NetlinkError({ ...asked.attempt, errno: EAGAIN, netns: netns.toString() });
  throw error.explained('the device changed how many it has during each of several attempts');
}

async function countOf(asked: AskedDevice): Promise<number> {
  const { netns, attempt, what } = asked;
  const question = written(setInfo, { command: COMMANDS.getSetInfo, sets: 1 << ETH_SS_STATS });
  const [answer = question] = await askByIoctl(asked, Buffer.concat([question], setInfo.size + 4));
  const from = new Bytes(answer);
  if (setInfo.read(from, 0, setInfo.size).sets !== 0) return u32.read(from, setInfo.size, setInfo.size + 4);
  const error = new NetlinkError({ ...attempt, errno: EOPNOTSUPP, netns: netns.toString() });
  return explainLacking(netns, attempt, what)(error);
}

/**
 * Undefined where there are not so many, or not any more. The kernel writes as many as there are, whatever room there is: the
 * addon lets it go no further, and the call fails with EFAULT.
 */
async function readCounters(asked: AskedDevice, count: number): Promise<Record<string, number> | undefined> {
  const ofNames = written(strings, { command: COMMANDS.getStrings, set: ETH_SS_STATS, count });
  const ofNumbers = written(statistics, { command: COMMANDS.getStatistics, count });
  const answers = await askByIoctl(
    asked,
    Buffer.concat([ofNames], strings.size + count * ETH_GSTRING_LEN),
    Buffer.concat([ofNumbers], statistics.size + count * 8),
  ).catch((error: unknown) => {
    if (!(error instanceof NetlinkError && error.errno === EFAULT)) throw error;
    return [];
  });
  const [names, numbers] = answers.map((bytes) => new Bytes(bytes));
  if (names === undefined || numbers === undefined) return undefined;
  const found = [
    strings.read(names, 0, strings.size).count,
    statistics.read(numbers, 0, statistics.size).count,
  ];
  if (found.some((one) => one !== count)) return undefined;
  const counters = Array.from({ length: count }, (_, i) => {
    const nameAt = strings.size + i * ETH_GSTRING_LEN;
    const numberAt = statistics.size + i * 8;
    return [
      name.read(names, nameAt, nameAt + ETH_GSTRING_LEN),
      u64.read(numbers, numberAt, numberAt + 8),
    ] as const;
  });
  return Object.fromEntries(counters);
}
