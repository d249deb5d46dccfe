// node shards.mjs COMMAND [--summary=FILE] [JEST-ARGUMENT...]
//
// Runs all tests by COMMAND in PARTS runs of jest, some of them side by side. A test has the network and /run/netns of
// its sandbox for itself, so the files of one sandbox run one after another. There is one sandbox more than CPUs, because
// tests wait a fourth of their time, for answers that do not come and for the kernel. There are more parts than sandboxes
// because the files take between a moment and a minute: whoever is done takes the next part.
// The last line is the sum, which FILE gets as JSON. An argument that names files starts one run of those.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const PARTS = 12;
const AT_ONCE = availableParallelism() + 1;

const [command, ...given] = process.argv.slice(2);
const [program, ...rest] = command.split(' ');
const SUMMARY = '--summary=';
const summary = given.find((arg) => arg.startsWith(SUMMARY))?.slice(SUMMARY.length);
const args = given.filter((arg) => !arg.startsWith(SUMMARY));

async function run(options, stdio) {
  const child = spawn(program, [...rest, ...options], { stdio });
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  // after a test that failed, what the test left open would keep jest waiting for ever
  child.stderr?.on('data', (text) => {
    if (String(text).includes('Jest did not exit')) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** What jest wrote of a part. A run that ended without writing is a failure. */
function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numRuntimeErrorTestSuites: 1 };
  }
}

async function runParts() {
  const results = mkdtempSync(join(tmpdir(), 'rtnetns-tests-'));
  try {
    const codes = [];
    const parts = Array.from({ length: PARTS }, (_, index) => index + 1);
    const runNext = async () => {
      for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
        const options = [`--shard=${part}/${PARTS}`, '--json', `--outputFile=${join(results, `${part}`)}`];
        // by a pipe, because jest draws over the lines before on a terminal, where the other run's lines are, too
        codes.push(await run([...options, ...args], ['ignore', 'pipe', 'pipe']));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runNext));
    const read = codes.map((_, index) => readResult(join(results, `${index + 1}`)));
    return { codes, read };
  } finally {
    rmSync(results, { recursive: true });
  }
}

/** Prints the sum of all parts and the files that failed. A file that did not even load is a failure. */
function sumUp(read) {
  const sum = (...keys) => keys.flatMap((key) => read.map((one) => one[key] ?? 0)).reduce((a, b) => a + b);
  const total = {
    passed: sum('numPassedTests'),
    failed: sum('numFailedTests', 'numRuntimeErrorTestSuites'),
    skipped: sum('numPendingTests', 'numTodoTests'),
  };
  if (summary !== undefined) writeFileSync(summary, JSON.stringify(total));
  const files = read
    .flatMap(({ testResults = [] }) => testResults)
    .filter(({ status }) => status === 'failed');
  for (const { name } of files) console.log(`failed: ${name}`);
  console.log(`in all: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.passed === 0 || total.failed > 0 ? 1 : 0;
}

if (args.every((arg) => arg.startsWith('-'))) {
  const { codes, read } = await runParts();
  process.exitCode = Math.max(sumUp(read), ...codes);
} else {
  process.exitCode = await run(args, 'inherit');
}
