import { closeSync } from 'node:fs';
import type { Descriptor } from '../../addon/native';

/**
 * Gives a descriptor to an object of node's, which closes it from then on. `take` either takes it or throws; if it
 * throws, nobody has it, and it is closed here.
 */
export function handOver<T>(descriptor: Descriptor, take: (fd: number) => T): T {
  const fd = descriptor.release();
  try {
    return take(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
