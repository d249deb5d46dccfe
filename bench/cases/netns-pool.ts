import { inspect } from 'node:util';
import { execFileSync } from 'node:child_process';
import { setTimeout as nextLook } from 'node:timers/promises';
import { createNetns, createNetnsPool, deleteNetns, type Netns, type NetnsPool } from '../../lib';
import { format } from '../runner/stats';

/**
 * How long `acquire` of a pool takes, and how many namespaces a second it gives where each is released after its use, against
 * `createNetns` and `deleteNetns` in the same run: `npm run bench:case -- netns-pool [--quick]`. With --quick only the state is
 * looked at, since the times of so few mean nothing.
 */

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 10 : 300;
const SECONDS = quick ? 0.2 : 5;
const SIZE = quick ? 10 : 400;

/** The goals: microseconds at the median, and acquisitions a second. */
const GOALS = { nameless: 50, named: 150, second: 1000 };

interface Way {
  take: (name?: string) => Promise<Netns>;
  end: (netns: Netns) => Promise<void>;
}

const plain: Way = { take: createNetns, end: async (netns) => deleteNetns(netns) };

const from = (pool: NetnsPool): Way => ({
  take: async (name) => pool.acquire(name === undefined ? {} : { name }),
  end: async (netns) => pool.release(netns),
});

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Microseconds that taking one takes; each is ended before the next. */
async function latencies({ take, end }: Way, named: boolean): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = performance.now();
    const netns = await take(named ? `bench${i}` : undefined);
    taken.push((performance.now() - before) * 1000);
    await end(netns);
  }
  return taken;
}

/** How many are taken and ended in a second, by one after the other. */
async function pace({ take, end }: Way): Promise<number> {
  const begin = performance.now();
  let count = 0;
  while (performance.now() - begin < SECONDS * 1000) {
    await end(await take());
    count++;
  }
  return count / ((performance.now() - begin) / 1000);
}

function goal(met: boolean, text: string): string {
  return quick ? '' : `; goal ${text}: ${met ? 'met' : 'missed'}`;
}

function printLatencies(title: string, taken: readonly number[], most?: number): void {
  const [p50, p99] = [quantile(taken, 0.5), quantile(taken, 0.99)];
  const note = most === undefined ? '' : goal(p50 <= most, `p50 ≤ ${most} µs`);
  console.log(`${title}: p50 ${format(p50)} µs, p99 ${format(p99)} µs${note}`);
}

/** What is not as it should be after the work, as `ip` sees it. */
function checkState(pool: NetnsPool): void {
  const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  const wrong = [
    ...(listed === '' ? [] : [`names are left: ${listed}`]),
    ...(pool.ready === SIZE ? [] : [`${pool.ready} are ready, not ${SIZE}`]),
    ...(pool.inUse + pool.waiting === 0 ? [] : [`${pool.inUse} are in use, ${pool.waiting} wait`]),
    ...(pool.failure === undefined ? [] : [`the pool has failed: ${inspect(pool.failure)}`]),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('; '));
}

async function measurePool(title: string, pool: NetnsPool): Promise<void> {
  for (const named of [false, true]) {
    await pool.filled();
    const taken = await latencies(from(pool), named);
    const what = `${title}, acquire ${named ? 'with' : 'without'} a name`;
    printLatencies(what, taken, named ? GOALS.named : GOALS.nameless);
  }
  await pool.filled();
  const count = await pace(from(pool));
  const note = goal(count >= GOALS.second, `≥ ${GOALS.second}`);
  console.log(`${title}, acquire and release: ${format(count)} a second for ${SECONDS} s${note}`);
  while (pool.ready < SIZE || pool.inUse > 0) await nextLook(10);
  checkState(pool);
}

async function main(): Promise<void> {
  for (const named of [false, true]) {
    const title = `createNetns ${named ? 'with' : 'without'} a name`;
    printLatencies(title, await latencies(plain, named));
  }
  console.log(`createNetns and deleteNetns: ${format(await pace(plain))} a second`);
  for (const reuse of [false, true]) {
    await using pool = await createNetnsPool({ size: SIZE, ...(reuse && { reuse }) });
    await measurePool(reuse ? 'pool that reuses' : 'pool', pool);
  }
}

void main();
