import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serve } from './serve';

/** Star N as a Node program without a library: `execFile('ip', …)`, for so many members at once. */

const run = promisify(execFile);
const atOnce = Number(process.argv[2] ?? 1);

async function ip(command: string): Promise<void> {
  await run('ip', command.split(' '));
}

async function each(n: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < n; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function createMember(i: number): Promise<void> {
  const id = String(i).padStart(4, '0');
  await ip(`netns add ns${id}`);
  await ip(`link add v${id} type veth peer name eth0 netns ns${id}`);
  await ip(`link set v${id} master br0 up`);
  await ip(`-n ns${id} link set lo up`);
  await ip(`-n ns${id} addr add 10.200.${String((i + 2) >> 8)}.${String((i + 2) & 255)}/16 dev eth0`);
  await ip(`-n ns${id} link set eth0 up`);
  await ip(`-n ns${id} route add default via 10.200.0.1`);
}

async function createStar(n: number): Promise<void> {
  await ip('link add br0 type bridge');
  await ip('addr add 10.200.0.1/16 dev br0');
  await ip('link set br0 up');
  await each(n, createMember);
}

async function deleteStar(n: number): Promise<void> {
  await each(n, (i) => ip(`netns del ns${String(i).padStart(4, '0')}`));
  await ip('link del br0');
}

void serve(async (verb, n) => {
  await (verb === 'create' ? createStar(n) : deleteStar(n));
  return n;
});
