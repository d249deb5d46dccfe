import { type ChildProcess, spawn as spawnHere } from 'node:child_process';
import { createNetns, deleteNetns, spawn } from '../../lib';
import { format, summarize } from '../runner/stats';

/**
 * What a command in a namespace costs: `true`, started there by `spawn` and by `ip netns exec`, against the same without
 * a namespace. From the call to the 'exit' event, in turn, so that what else the machine does hits all alike. Then the same for
 * a hundred commands that are started at once.
 */

const ROUNDS = Number(process.argv[2] ?? 300);
const AT_ONCE = 100;
const NAME = 'bench';
const PLAIN = 'node, spawn without a namespace';

interface Times {
  /** Until `spawn` returned: as long as the event loop waits. */
  call: number;
  exit: number;
}

async function measure(start: () => ChildProcess): Promise<Times> {
  const before = performance.now();
  const child = start();
  const call = performance.now() - before;
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve({ call, exit: performance.now() - before });
      else reject(new Error(`it exited with ${String(code)}`));
    });
  });
}

interface Crowd {
  /** Until the last command has ended. */
  all: number[];
  exits: number[];
}

async function startCrowds(
  contenders: Readonly<Record<string, () => ChildProcess>>,
): Promise<Map<string, Crowd>> {
  const crowds = new Map<string, Crowd>(
    Object.keys(contenders).map((title) => [title, { all: [], exits: [] }]),
  );
  for (let round = 0; round < Math.ceil(ROUNDS / AT_ONCE) + 2; round++) {
    for (const [title, start] of Object.entries(contenders)) {
      const before = performance.now();
      const exits = await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          await measure(start);
          return performance.now() - before;
        }),
      );
      crowds.get(title)?.all.push(performance.now() - before);
      crowds.get(title)?.exits.push(...exits);
    }
  }
  return crowds;
}

async function main(): Promise<void> {
  const netns = await createNetns(NAME);
  const contenders: Readonly<Record<string, () => ChildProcess>> = {
    [PLAIN]: () => spawnHere('true'),
    'rtnetns, spawn': () => spawn(netns, 'true'),
    'rtnetns, spawn without mounts': () => spawn(netns, 'true', [], { mounts: false }),
    'node, spawn of ip netns exec': () => spawnHere('ip', ['netns', 'exec', NAME, 'true']),
    'node, spawn of env, as one more exec': () => spawnHere('env', ['true']),
  };
  const taken = new Map(Object.keys(contenders).map((title) => [title, [] as Times[]]));
  for (let round = -5; round < ROUNDS; round++) {
    for (const [title, start] of Object.entries(contenders)) {
      const times = await measure(start);
      if (round >= 0) taken.get(title)?.push(times); // the first are start-up
    }
  }
  const crowds = await startCrowds(contenders);
  await deleteNetns(netns);

  const medians = new Map(
    [...taken].map(([title, times]) => [title, summarize(times.map(({ exit }) => exit)).median]),
  );
  const plain = medians.get(PLAIN) ?? NaN;
  for (const [title, times] of taken) {
    const median = medians.get(title) ?? NaN;
    const { median: call } = summarize(times.map((time) => time.call));
    const ratio = (median / plain).toFixed(2);
    console.log(
      `${title.padEnd(38)} ${format(median).padStart(6)} ms, ${ratio} times plain; returns after ${format(call)} ms`,
    );
  }
  console.log(`\n${AT_ONCE} at once`);
  for (const [title, { all, exits }] of crowds) {
    const last = exits.sort((a, b) => a - b)[Math.floor(0.99 * exits.length)] ?? NaN;
    const median = format(summarize(all).median);
    console.log(`${title.padEnd(38)} ${median.padStart(6)} ms until all have ended; p99 ${format(last)} ms`);
  }
}

void main();
