import { createBridge, createNetns, type Netns, setLink, watch, type WatchEvent } from '../../lib';
import { format, summarize } from '../runner/stats';

/**
 * How long after a change its event is there, and how many changes a second are told one by one: changes of one
 * bridge's MTU, each of which is one event.
 */

const SAMPLES = 2000;
const RATE = 10_000;
const SECONDS = 10;
const FLOOD = 100_000;
const PACK = 100;

const mtuOf = (i: number): number => 1000 + (i % 60_000);

type Events = AsyncIterator<WatchEvent, undefined>;

/** The next change of the bridge; what else there might be is a fault. */
async function next(events: Events): Promise<{ mtu: number; recovered: boolean }> {
  const { value } = await events.next();
  if (value?.kind !== 'link' || value.change !== 'changed')
    throw new Error(`unexpected ${value?.kind ?? 'end'}`);
  return { mtu: value.link.mtu, recovered: value.recovered === true };
}

async function begun(netns: Netns): Promise<Events & AsyncDisposable> {
  const events = watch(netns, { links: true });
  for (;;) {
    const { value } = await events.next();
    if (value?.kind === 'ready') return events;
  }
}

async function delay(netns: Netns): Promise<void> {
  const events = await begun(netns);
  const [told, answered]: [number[], number[]] = [[], []];
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now();
    const set = setLink(netns, 'br0', { mtu: mtuOf(i + 1) }).then(() => performance.now());
    await next(events);
    told.push(performance.now() - start);
    answered.push((await set) - start);
  }
  await events.return?.();
  for (const [what, values] of [
    ['event', told],
    ['answer', answered],
  ] as const) {
    const { median } = summarize(values);
    const p99 = [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? NaN;
    console.log(`setLink to its ${what.padEnd(6)}: median ${format(median)} ms, p99 ${format(p99)} ms`);
  }
}

/** Makes changes, and counts those that are told in their order. */
async function count(netns: Netns, total: number, pace: (sent: number) => Promise<void>): Promise<void> {
  const events = await begun(netns);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const changing = (async () => {
    for (let sent = 0; sent < total; sent += PACK) {
      await pace(sent);
      const pack = Array.from({ length: PACK }, async (_, j) =>
        setLink(netns, 'br0', { mtu: mtuOf(sent + j) }),
      );
      await Promise.all(pack);
    }
    return performance.now() - start;
  })();
  let lost = 0;
  let recovered = 0;
  for (let i = 0; i < total; i++) {
    const event = await next(events);
    if (event.recovered) recovered++;
    while (event.mtu !== mtuOf(i)) {
      lost++;
      if (++i >= total) throw new Error('not in their order');
    }
  }
  const taken = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await events.return?.();
  const busy = (user + system) / 1000 / taken;
  console.log(
    `${total} changes in ${format((await changing) / 1000)} s, the last told after ${format(taken / 1000)} s: ` +
      `${format((total - lost) / (taken / 1000))} events/s, ${lost} lost, ${recovered} recovered, ` +
      `${format(busy)} CPUs for the changes and the events`,
  );
}

async function main(): Promise<void> {
  const netns = await createNetns();
  await createBridge(netns, 'br0', { mtu: 999 });
  await delay(netns);
  const start = performance.now();
  await count(netns, RATE * SECONDS, async (sent) => {
    const due = start + (sent / RATE) * 1000 - performance.now();
    if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
  });
  await count(netns, FLOOD, () => Promise.resolve());
  netns.close();
}

void main();
