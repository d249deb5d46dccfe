import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openAddressPool } from '../../lib';
import { format, summarize } from '../runner/stats';

/**
 * How many addresses a second a pool gives, by one process and by several at once, all of them asked for together or
 * one after the other: `npm run bench:case -- pool [DIRECTORY…]`.
 */

const EACH = 1000;
const ROUNDS = 3;

interface Job {
  directory: string;
  owner: string;
  together: boolean;
}

type Times = [begin: number, end: number];

/** In a process of its own: opens the pool, waits for the word, allocates. */
async function work({ directory, owner, together }: Job): Promise<void> {
  const pool = await openAddressPool({ directory, subnet: '10.200.0.0/16' });
  const allocate = async (i: number) => pool.allocate({ owner, key: String(i) });
  const said = once(process, 'message');
  process.send?.('ready');
  await said;
  const begin = Date.now();
  if (together) await Promise.all(Array.from({ length: EACH }, async (_, i) => allocate(i)));
  else for (let i = 0; i < EACH; i++) await allocate(i);
  process.send?.([begin, Date.now()]);
  await pool.close();
  process.disconnect();
}

async function measure(
  where: string,
  count: number,
  together: boolean,
): Promise<{ all: number; first: number }> {
  const directory = mkdtempSync(join(where, 'rtnetns-pool-'));
  const jobs = Array.from({ length: count }, (_, i): Job => ({ directory, owner: `process ${i}`, together }));
  const children = jobs.map((job) => fork(__filename, [JSON.stringify(job)]));
  const exits = children.map(async (child) => once(child, 'exit'));
  const answers = async (): Promise<unknown[]> =>
    (await Promise.all(children.map(async (child) => once(child, 'message')))).map(
      ([answer]: unknown[]) => answer,
    );
  try {
    await answers();
    const times = answers();
    for (const child of children) child.send('go');
    const spans = (await times) as Times[];
    const begin = Math.min(...spans.map(([at]) => at));
    const ends = spans.map(([, at]) => at - begin);
    await Promise.all(exits);
    return { all: Math.max(...ends), first: Math.min(...ends) };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
}

async function main(directories: readonly string[]): Promise<void> {
  for (const where of directories) {
    for (const together of [true, false]) {
      for (const count of [1, 8]) {
        const rounds: { all: number; first: number }[] = [];
        for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(where, count, together));
        const { median } = summarize(rounds.map(({ all }) => all));
        const first = summarize(rounds.map((round) => round.first)).median;
        console.log(
          `${where}: ${count} × ${EACH} ${together ? 'together' : 'one after the other'}: ${format(median)} ms, ` +
            `${format((count * EACH * 1000) / median)} a second; the first process was done after ${format(first)} ms`,
        );
      }
    }
  }
}

const [first = '/dev/shm', ...more] = process.argv.slice(2);
void (first.startsWith('{') ? work(JSON.parse(first) as Job) : main([first, ...more]));
