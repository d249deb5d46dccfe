import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../runner/paths';
import { format, summarize } from '../runner/stats';

/**
 * What a process pays to have rtnetns, as it is built into dist/: the time from its start to its end, beside node that
 * does nothing, in turn, so that what else the machine does hits all alike.
 */

const ROUNDS = Number(process.argv[2] ?? 15);
const BARE = 'node, nothing';
const LIBRARY = JSON.stringify(path.join(ROOT, 'dist/index.js'));
const MODULE = JSON.stringify(path.join(ROOT, 'dist/index.mjs'));
const CLI = path.join(ROOT, 'dist/cli/main.js');

const PROGRAM = `const { addRoute, createNetns, createVeth } = require(${LIBRARY});
(async () => {
  const [red, blue] = await Promise.all([createNetns(), createNetns()]);
  await createVeth(
    { netns: red, name: 'eth0', up: true, addrs: ['10.0.0.1/24'] },
    { netns: blue, name: 'eth0', up: true, addrs: ['10.0.0.2/24'] },
  );
  await addRoute(red, { to: 'default', via: '10.0.0.2' });
})();`;

const CONTENDERS: Readonly<Record<string, readonly string[]>> = {
  [BARE]: ['-e', '0'],
  "require('rtnetns')": ['-e', `require(${LIBRARY})`],
  "import … from 'rtnetns'": ['--input-type=module', '-e', `import { createNetns } from ${MODULE}`],
  'two namespaces, a pair, a route': ['-e', PROGRAM],
  'rtnetns --version': [CLI, '--version'],
  'rtnetns --help': [CLI, '--help'],
  'rtnetns sandbox -- true': [CLI, 'sandbox', '--', 'true'],
};

function measure(args: readonly string[]): number {
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${String(status)}: ${stderr}`);
  return performance.now() - before;
}

const taken = new Map(Object.keys(CONTENDERS).map((title) => [title, [] as number[]]));
for (let round = -1; round < ROUNDS; round++) {
  for (const [title, args] of Object.entries(CONTENDERS)) {
    const time = measure(args);
    if (round >= 0) taken.get(title)?.push(time); // the first fills the page cache
  }
}
const bare = summarize(taken.get(BARE) ?? []).median;
for (const [title, times] of taken) {
  const { median, min, max } = summarize(times);
  const range = `${format(min)} to ${format(max)}`;
  console.log(
    `${title.padEnd(32)} ${format(median).padStart(5)} ms (${range}), ${format(median - bare)} above node, ${(median / bare).toFixed(2)} times`,
  );
}
