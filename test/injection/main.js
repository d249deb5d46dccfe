'use strict';
// node test/injection/main.js [--most NUMBER] [--seed NUMBER] [SCENARIO [POINT…]]
//
// Makes each system call of the addon fail, in each scenario, and prints what became of it. It exits with 1 where a call of the
// library did not settle, was rejected in another way than documented, or left something behind.
const { availableParallelism } = require('node:os');
const { parseArgs } = require('node:util');
const { pointOf } = require('./calls');
const always = require('./always');
const { run } = require('./run');
const scenarios = require('./scenarios');

const A_DAY = 24 * 60 * 60 * 1000;

const { values, positionals } = parseArgs({
  options: { most: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const [only, ...given] = positionals;
if (only !== undefined && scenarios[only] === undefined) {
  throw new Error(`there is no scenario '${only}': ${Object.keys(scenarios).join('; ')}`);
}
given.forEach(pointOf);
const most = values.most === undefined ? undefined : Number(values.most);
// another part each day
const seed = Number(values.seed ?? Math.floor(Date.now() / A_DAY));

/** Runs all scenarios, in as many processes as there are CPUs. */
async function runAll() {
  const names = only === undefined ? Object.keys(scenarios) : [only];
  const tasks = names.map((name) =>
    given.length > 0 ? { name, given } : { name, most, seed, also: always[name] },
  );
  const lanes = Array.from({ length: availableParallelism() }, (_, lane) =>
    tasks.filter((__, i) => i % availableParallelism() === lane),
  );
  return (await Promise.all(lanes.map(run))).flat();
}

/** 'socket 3: 2 EMFILE, 1 success' */
function summary(results) {
  const counts = new Map();
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

function print(name, lines) {
  const all = lines.find((line) => line.all !== undefined)?.all;
  const results = lines.filter(({ point }) => point !== undefined);
  console.log(`\n${name}: ${results.length}${all === undefined ? '' : ` of ${all}`} points`);
  const calls = [...new Set(results.map(callOf))].sort();
  for (const call of calls) {
    const some = results.filter((result) => callOf(result) === call);
    console.log(`  ${call.padEnd(15)} ${String(some.length).padStart(4)}: ${summary(some)}`);
  }
}

const callOf = ({ point }) => point.slice(0, point.indexOf('#'));

async function main() {
  const lines = await runAll();
  for (const name of new Set(lines.map((line) => line.name))) {
    print(
      name,
      lines.filter((line) => line.name === name),
    );
  }
  const results = lines.filter(({ point }) => point !== undefined);
  const wrong = results.filter(({ faults }) => faults.length > 0);
  for (const { name, point, faults } of wrong) {
    console.log(
      `\n✗ npm run test:injection -- '${name}' ${point}\n    ${faults.join('\n').replaceAll('\n', '\n    ')}`,
    );
  }
  const part = most === undefined ? '' : ` --most ${most} --seed ${seed}`;
  console.log(`\n${results.length} points, ${wrong.length} with a fault${part}`);
  if (wrong.length > 0) process.exitCode = 1;
}

void main();
