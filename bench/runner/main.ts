import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { callsFor, runCalls } from '../cases/calls';
import { runStar } from '../cases/star';
import { chart } from './chart';
import { callContenders, type Contender, FLOOR, starContenders } from './contenders';
import { devices, rescue } from './kernel';
import { type Options, parseOptions, USAGE } from './options';
import { page } from './page';
import { BUILD, CASES, ROOT } from './paths';
import { addSamples, newReport, type Report, type StarSample } from './report';
import { format, summarize } from './stats';
import { inTerminal, tables } from './tables';

/** Everything here is deleted without asking, so it must be a place of our own. */
function assertSandbox(): void {
  const others = devices().filter((name) => name !== 'lo');
  const names = fs.existsSync('/run/netns') ? fs.readdirSync('/run/netns') : [];
  if (others.length || names.length)
    throw new Error('not in a fresh network namespace: start it by `npm run bench`');
}

function selected<T extends Contender>(all: readonly T[], options: Options, report: Report): T[] {
  return all.filter((contender) => {
    if (options.only.length && !options.only.includes(contender.id)) return false;
    if (contender.needs.prepare()) return true;
    const { title } = contender;
    const { install } = contender.needs;
    if (!report.leftOut.some((left) => left.title === title)) report.leftOut.push({ title, install });
    return false;
  });
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function fail(report: Report, what: string, error: unknown): void {
  const failure = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  progress(failure);
  report.failures.push(failure);
}

async function attempt<T>(report: Report, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    fail(report, what, error);
    await rescue();
    return undefined;
  }
}

async function measureStars(options: Options, report: Report): Promise<void> {
  const contenders = selected(starContenders, options, report);
  for (const n of options.sizes) {
    const able = contenders.filter(({ most }) => n <= (most ?? Infinity));
    const samples = new Map(able.map((contender) => [contender, [] as StarSample[]]));
    for (let round = 1; round <= options.rounds; round++) {
      for (const [contender, taken] of samples) {
        const what = `star ${String(n)}, ${contender.title}`;
        const sample = await attempt(report, what, () => runStar(contender, n));
        if (!sample) continue;
        taken.push(sample);
        progress(`${what}: ${format(sample.createMs)} ms, gone after ${format(sample.deleteMs)} ms`);
      }
    }
    for (const [contender, taken] of samples) if (taken.length) addSamples(report, contender, n, taken);
  }
}

async function measureCalls(options: Options, report: Report): Promise<void> {
  const contenders = selected(callContenders, options, report);
  for (const call of callsFor(options.quick)) {
    progress(call.title);
    const results = await attempt(report, call.title, () =>
      runCalls(contenders, call, options.rounds, (contender, error) => {
        fail(report, `${call.title}, ${contender.title}`, error);
      }),
    );
    if (!results?.size) continue;
    const rows = [...results].map(([{ id, title }, ms]) => ({ id, title, ms: summarize(ms) }));
    report.calls.push({ name: call.name, title: call.title, results: rows });
  }
}

/** Those that look at the state when they are told to be quick. */
const QUICK_CASES = ['netns-pool', 'networks', 'floor-ideas'];
const QUICK_CASE_MS = 60_000;

/** Each is a process of its own, as it is with `npm run bench:case`. */
async function runQuickCases(report: Report): Promise<void> {
  for (const name of QUICK_CASES) {
    progress(`case ${name}`);
    const { status, signal } = spawnSync(process.execPath, [path.join(CASES, `${name}.js`), '--quick'], {
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: QUICK_CASE_MS,
    });
    if (status === 0) continue;
    fail(report, `case ${name}`, signal ?? `exit code ${String(status)}`);
    await rescue();
  }
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  progress(`wrote ${path.relative(ROOT, file)}`);
}

function publish(options: Options, report: Report): void {
  for (const table of tables(report)) console.log(inTerminal(table));
  for (const { title, install } of report.leftOut)
    console.log(`left out, not installed: ${title} (${install})`);
  for (const failure of report.failures) console.log(`FAILED: ${failure}`);
  write(path.join(BUILD, 'results.json'), `${JSON.stringify(report, null, 2)}\n`);
  if (!options.write) return;
  const drawing = chart(report);
  write(path.join(ROOT, 'docs/benchmarks.md'), page(report, drawing !== undefined));
  if (drawing) write(path.join(ROOT, 'docs/benchmarks.svg'), drawing);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  assertSandbox();
  fs.mkdirSync(BUILD, { recursive: true });
  const report = newReport(options);
  if (options.star) await measureStars(options, report);
  if (options.calls) await measureCalls(options, report);
  if (options.cases) await runQuickCases(report);
  publish(options, report);
  if (report.star.length && !report.star.some(({ id }) => id === FLOOR))
    console.log('no ratios: the floor did not run');
  if (report.failures.length) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
