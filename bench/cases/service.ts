import { stat } from 'node:fs/promises';
import { lookup } from 'node:dns/promises';
import { createStar, currentNetns, deleteStar } from '../../lib';

/**
 * What a service feels while it makes a thousand namespaces: how late its timers are, how long its own file and
 * DNS calls take.
 */

const COUNT = Number(process.argv[2] ?? 1000);
const LATE_MS = 3;

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

interface Felt {
  late: number[];
  file: number[];
  dns: number[];
}

/** What is felt from now until it is told to stop. */
function feel(): () => Promise<Felt> {
  const felt: Felt = { late: [], file: [], dns: [] };
  let running = true;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    felt.late.push(Math.max(0, now - last - 1));
    last = now;
  }, 1);
  const repeat = async (into: number[], call: () => Promise<unknown>): Promise<void> => {
    while (running) {
      const start = performance.now();
      await call();
      into.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const loops = [repeat(felt.file, async () => stat('/')), repeat(felt.dns, async () => lookup('localhost'))];
  return async () => {
    running = false;
    clearInterval(timer);
    await Promise.all(loops);
    return felt;
  };
}

const ms = (value: number): string => value.toFixed(2).padStart(8);

function tell(title: string, { late, file, dns }: Felt): void {
  for (const [what, values] of [
    ['1 ms timer late by', late],
    ['fs.stat', file],
    ['dns.lookup', dns],
  ] as const) {
    const [median, p99, worst] = [0.5, 0.99, 1].map((share) => percentile(values, share));
    console.log(
      `${title.padEnd(28)} ${what.padEnd(20)} median ${ms(median ?? 0)}  p99 ${ms(p99 ?? 0)}  worst ${ms(worst ?? 0)} ms`,
    );
  }
}

function tellGoal({ late }: Felt): void {
  const p99 = percentile(late, 0.99);
  console.log(`goal: p99 of the timers ≤ ${LATE_MS} ms: ${p99 <= LATE_MS ? 'met' : 'missed'}`);
}

const digits = (i: number): string => String(i).padStart(4, '0');
const members = Array.from({ length: COUNT }, (_, i) => ({
  name: `ns${digits(i)}`,
  device: { addrs: [`10.200.${(i + 2) >> 8}.${(i + 2) & 255}/16`] },
  port: { name: `v${digits(i)}` },
  routes: [{ to: 'default', via: '10.200.0.1' }],
}));

async function main(): Promise<void> {
  const host = await currentNetns();
  const bridge = { name: 'br0', addrs: ['10.200.0.1/16'] };
  const make = async () => createStar(host, { bridge, members });
  await deleteStar(host, await make(), { wait: true }); // compiled, and the heap at its size

  const idle = feel();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  tell('idle', await idle());
  const busy = feel();
  const star = await make();
  const creating = await busy();
  tell(`createStar of ${COUNT}`, creating);
  tellGoal(creating);
  const ending = feel();
  await deleteStar(host, star, { wait: true });
  tell(`deleteStar of ${COUNT}`, await ending());
}

void main();
