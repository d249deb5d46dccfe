import { randomBetween } from '../common/random';
import { ignoring } from '../netlink/error';
import { link } from '../netlink/rtnetlink/link';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { setLink } from './set-link';

// A group of nobody else's: people give small numbers.
const [LEAST, LARGEST] = [0x10000, 0x7fffffff];

/**
 * Deletes devices in one request, by a group of their own, because the kernel waits for its readers once for each request: 300 pairs
 * take 0.1 s, and 6 s one by one (6.18). Devices that are not there are no error.
 */
export async function deleteTogether(netns: Netns, devices: readonly Device[]): Promise<void> {
  if (devices.length === 0) return;
  const group = randomBetween(LEAST, LARGEST);
  await Promise.all(devices.map(async (one) => setLink(netns, one, { group }).catch(ignoring('ENODEV'))));
  await netns.request(link.remove({ group }, { operation: 'delete the devices' })).catch(ignoring('ENODEV'));
}
