// node shards.mjs COMMAND [JEST-ARGUMENT...]
//
// Runs jest by COMMAND, twice and side by side, with half of the files each. A test has the network and /run/netns of
// its sandbox for itself, so the files of one sandbox run one after another, and two sandboxes use two CPUs.
// `{shard}` in an argument becomes the number of the half. An argument that names files starts one run.

import { spawn } from 'node:child_process';

const SHARDS = [1, 2];

const [command, ...args] = process.argv.slice(2);
const [program, ...rest] = command.split(' ');

async function run(options, stdio) {
  const child = spawn(program, [...rest, ...options], { stdio });
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function runShard(shard) {
  const options = args.map((arg) => arg.replaceAll('{shard}', shard));
  // by a pipe, because jest draws over the lines before on a terminal, where the other half's lines are, too
  return run([`--shard=${shard}/${SHARDS.length}`, ...options], ['ignore', 'pipe', 'pipe']);
}

const all = args.every((arg) => arg.startsWith('-'));
const codes = all ? await Promise.all(SHARDS.map(runShard)) : [await run(args, 'inherit')];
process.exitCode = Math.max(...codes);
