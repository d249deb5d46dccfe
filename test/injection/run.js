'use strict';
// Starts host.js for the points of scenarios, as often as it takes.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { debuglog } = require('node:util');
const { library, ROOT } = require('./plan');
const scenarios = require('./scenarios');

// NODE_DEBUG=injection prints each result as it comes.
const debug = debuglog('injection');

const SANDBOX = join(ROOT, 'build/Release/rtnetns-sandbox');
const HOST = join(__dirname, 'host.js');

/** Room for so much garbage that it is hardly ever collected: a descriptor that is left to its finalizer has to be noticed. */
const NODE_OPTIONS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

/** A process that prints nothing for so long hangs; one that has printed its last line has to end within the other time. */
const SILENCE = 30_000;
const LAST_WORDS = 10_000;

/** Runs host.js. @returns the lines that it printed, and what was wrong with the process itself. */
async function host(tasks) {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-injection-'));
  const file = join(directory, 'plan');
  writeFileSync(file, '');
  const environment = [`LD_PRELOAD=${library()}`, `RTNETNS_INJECTION=${file}`];
  const args = ['--', 'env', ...environment, process.execPath, ...NODE_OPTIONS, HOST, JSON.stringify(tasks)];
  const child = spawn(SANDBOX, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  let stderr = '';
  let late = false;
  const kill = () => {
    late = true;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(kill, SILENCE);
  child.stderr.on('data', (text) => (stderr += text));
  createInterface(child.stdout).on('line', (line) => {
    debug(line);
    const value = JSON.parse(line);
    if (!value.end) lines.push(value);
    clearTimeout(timer);
    timer = setTimeout(kill, value.end ? LAST_WORDS : SILENCE);
  });
  const [status, signal] = await once(child, 'close');
  clearTimeout(timer);
  rmSync(directory, { recursive: true });
  const faults = [];
  if (late) faults.push('the process does not end');
  else if (status !== 0) faults.push(`the process ends with ${status ?? signal}`);
  if (stderr !== '') faults.push(`the process prints: ${stderr.trim()}`);
  return { lines, faults };
}

/** What is left of a task: undefined if nothing is. */
function rest(task, lines) {
  const mine = lines.filter(({ name }) => name === task.name);
  const given = task.given ?? mine.find(({ chosen }) => chosen !== undefined)?.chosen;
  if (given === undefined) return task;
  const missing = given.filter((point) => mine.every((line) => line.point !== point));
  return missing.length === 0 ? undefined : { ...task, given: missing };
}

const isOne = ({ given }) => given?.length === 1;

/** One for each point. */
const split = (task) => task.given.map((point) => ({ ...task, given: [point] }));

/**
 * @param tasks { name, most, seed, also }: `most` points of all that the scenario has, chosen by the seed, and those of
 * `also`; or { name, given }: only those.
 * @returns { name, point, outcome, faults }, and { name, all, chosen } for each scenario whose points were not given.
 */
async function run(tasks) {
  if (tasks.length === 0) return [];
  const { lines, faults } = await host(tasks);
  const left = tasks.map((task) => rest(task, lines)).filter((task) => task !== undefined);
  if (faults.length === 0) {
    const [cold, warm] = [left.filter(isCold), left.filter((task) => !isCold(task))];
    return [...lines, ...(await run(warm)), ...(await each(cold.flatMap(split)))];
  }
  // Which of them is it that ends the process, or does not let it end?
  if (tasks.length > 1) return each(tasks);
  const [task] = tasks;
  if (isOne(task)) {
    const [{ outcome, faults: others } = { outcome: 'end', faults: [] }] = lines;
    return [{ name: task.name, point: task.given[0], outcome, faults: [...others, ...faults] }];
  }
  const given = task.given ?? lines[0]?.chosen;
  if (given === undefined) return [{ name: task.name, point: '', outcome: 'the scenario fails', faults }];
  return [...lines.filter(({ chosen }) => chosen !== undefined), ...(await each(split({ ...task, given })))];
}

const isCold = ({ name }) => scenarios[name].cold === true;

async function each(tasks) {
  const results = [];
  for (const task of tasks) results.push(...(await run([task])));
  return results;
}

module.exports = { run };
