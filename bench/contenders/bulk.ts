import { createStar, currentNetns, deleteStar, type Netns, type Star } from '../../lib';
import { serve } from './serve';

/** Star N with this library's one call for it. */

let here: Netns;
let star: Star;

const digits = (i: number): string => String(i).padStart(4, '0');

async function create(n: number): Promise<void> {
  const members = Array.from({ length: n }, (_, i) => ({
    name: `ns${digits(i)}`,
    device: { addrs: [`10.200.${(i + 2) >> 8}.${(i + 2) & 255}/16`] },
    port: { name: `v${digits(i)}` },
    routes: [{ to: 'default', via: '10.200.0.1' }],
  }));
  star = await createStar(here, { bridge: { name: 'br0', addrs: ['10.200.0.1/16'] }, members });
}

async function main(): Promise<void> {
  here = await currentNetns();
  await serve(async (verb, n) => {
    await (verb === 'create' ? create(n) : deleteStar(here, star));
    return n;
  });
}

void main();
