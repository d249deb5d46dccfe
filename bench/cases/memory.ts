import { readdirSync } from 'node:fs';
import { createNetns, deleteNetns, type Netns } from '../../lib';

/**
 * What a namespace that is held open costs its process: resident memory and descriptors. In a process of its own,
 * whose heap nothing has grown before; the argument is the number of namespaces.
 */

const COUNT = Number(process.argv[2] ?? 1000);

interface Cost {
  rss: number;
  heap: number;
  descriptors: number;
}

function cost(): Cost {
  global.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed, descriptors: readdirSync('/proc/self/fd').length };
}

const hold = async (count: number): Promise<Netns[]> =>
  Promise.all(Array.from({ length: count }, async () => createNetns()));

async function main(): Promise<void> {
  await deleteNetns(await hold(100)); // compiled, and our threads with their buffers
  const held: Netns[] = [];
  let before = cost();
  for (const share of ['first', 'second']) {
    held.push(...(await hold(COUNT / 2)));
    const now = cost();
    const each = (what: keyof Cost): number => (now[what] - before[what]) / (COUNT / 2);
    console.log(
      `${share} ${COUNT / 2} held open, each: ${(each('rss') / 1024).toFixed(2)} kB resident ` +
        `(of it ${(each('heap') / 1024).toFixed(2)} kB in the heap), ${each('descriptors')} descriptors`,
    );
    before = now;
  }
  await deleteNetns(held);
}

void main();
