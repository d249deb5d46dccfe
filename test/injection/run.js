'use strict';
// Starts host.js for the points of a scenario, as often as it takes.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { library, ROOT } = require('./plan');
const scenarios = require('./scenarios');

const SANDBOX = join(ROOT, 'build/Release/rtnetns-sandbox');
const HOST = join(__dirname, 'host.js');

/** A process that prints nothing for so long hangs; one that has printed its last line has to end within the other time. */
const SILENCE = 20_000;
const LAST_WORDS = 3000;

/** Runs host.js. @returns the lines that it printed, and what was wrong with the process itself. */
async function host(task) {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-injection-'));
  const file = join(directory, 'plan');
  writeFileSync(file, '');
  const environment = [`LD_PRELOAD=${library()}`, `RTNETNS_INJECTION=${file}`];
  const args = ['--', 'env', ...environment, process.execPath, HOST, JSON.stringify(task)];
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

/**
 * Runs points of a scenario: `most` of all that there are, chosen by the seed, and those of `also`; or only those of `given`.
 * @returns { name, all, results: { point, outcome, faults }[] }
 */
async function runScenario(name, { most, seed, also = [], given }) {
  const results = [];
  let chosen = given;
  let all;
  if (chosen === undefined) {
    const { lines, faults } = await host({ name, most, seed, also });
    const [first, ...done] = lines;
    if (first === undefined) throw new Error(`${name}: ${faults.join('\n')}`);
    ({ chosen, all } = first);
    await take(done, faults);
  }
  const missing = () => chosen.filter((point) => results.every((one) => one.point !== point));
  for (let left = missing(); left.length > 0; left = missing()) {
    const some = scenarios[name].cold ? left.slice(0, 1) : left;
    const { lines, faults } = await host({ name, given: some });
    await take(lines, faults);
    // it ended before it could print the result
    if (lines.length === 0) results.push({ point: some[0], outcome: 'end', faults });
  }

  /** Where a process of several points ended as it should not, each of them gets a process of its own. */
  async function take(lines, faults) {
    if (faults.length === 0) results.push(...lines);
    else if (lines.length === 1) results.push({ ...lines[0], faults: [...lines[0].faults, ...faults] });
    else for (const { point } of lines) await alone(point);
  }

  async function alone(point) {
    const { lines, faults } = await host({ name, given: [point] });
    const { outcome, faults: others } = lines[0] ?? { outcome: 'end', faults: [] };
    results.push({ point, outcome, faults: [...others, ...faults] });
  }

  return { name, all: all ?? chosen.length, results };
}

module.exports = { runScenario };
