import { Turns } from '../common/turns';
import { type Device, indexOf } from './device';
import type { Netns } from './netns';
import type { Asked } from './netns-error';

const turns = new Turns();

/**
 * @internal Runs work that reads something of a device and writes the whole of it back, after all such work on the device that this
 * thread has begun before, by whichever handle and name. Work that takes another turn on the same device waits for itself.
 */
export async function inTurn<T>(
  netns: Netns,
  device: Device,
  asked: Asked,
  work: () => Promise<T>,
): Promise<T> {
  const index = await indexOf(netns, device, asked);
  return turns.take(`${netns.dev}:${netns.ino}:${index}`, work);
}
