'use strict';
// node test/injection/main.js [--most NUMBER] [--seed NUMBER] [SCENARIO [POINT…]]
//
// Makes each system call of the addon fail, in each scenario, and prints what became of it. It exits with 1 where a call of the
// library did not settle, was rejected in another way than documented, or left something behind.
const { availableParallelism } = require('node:os');
const { parseArgs } = require('node:util');
const { pointOf } = require('./calls');
const always = require('./always');
const { runScenario } = require('./run');
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

/** Runs all scenarios, as many at a time as there are CPUs. */
async function runAll() {
  const names = (only === undefined ? Object.keys(scenarios) : [only]).values();
  const done = [];
  const work = async () => {
    for (const name of names) {
      const task = given.length > 0 ? { given } : { most, seed, also: always[name] };
      done.push(await runScenario(name, task));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return done.sort((a, b) => a.name.localeCompare(b.name));
}

/** 'socket 3: 2 EMFILE, 1 success' */
function summary(results) {
  const counts = new Map();
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

function print({ name, all, results }) {
  console.log(`\n${name}: ${results.length} of ${all} points`);
  const byCall = Map.groupBy?.(results, callOf) ?? grouped(results);
  for (const [call, some] of byCall) console.log(`  ${call.padEnd(16)} ${String(some.length).padStart(4)}: ${summary(some)}`);
}

const callOf = ({ point }) => point.slice(0, point.indexOf('#'));

function grouped(results) {
  const groups = new Map();
  for (const result of results) groups.set(callOf(result), [...(groups.get(callOf(result)) ?? []), result]);
  return groups;
}

async function main() {
  const done = await runAll();
  for (const one of done) print(one);
  const wrong = done.flatMap(({ name, results }) => results.filter(({ faults }) => faults.length > 0).map((one) => ({ name, ...one })));
  for (const { name, point, faults } of wrong) {
    console.log(`\n✗ npm run test:injection -- '${name}' ${point}\n    ${faults.join('\n    ')}`);
  }
  const count = done.reduce((sum, { results }) => sum + results.length, 0);
  console.log(`\n${count} points, ${wrong.length} with a fault; --seed ${seed}${most === undefined ? '' : ` --most ${most}`}`);
  if (wrong.length > 0) process.exitCode = 1;
}

void main();
