'use strict';
// Runs one scenario with many points of failure, in a plain node process that has preload.c: run.js starts it, in a sandbox.
// It prints a line of JSON for the points that it chose, and one for each point. Then it ends by itself, or should.
const { writeSync } = require('node:fs');
const { randomBytes } = require('node:crypto');
const { setTimeout: pause } = require('node:timers/promises');
const { join } = require('node:path');
const { promisify } = require('node:util');
const { pointOf, points, textOf } = require('./calls');
const { difference, holdings, lineDifference } = require('./holdings');
const { Plan, ROOT } = require('./plan');
const { Plans, ProgramPlan } = require('./program');
const scenarios = require('./scenarios');

/** Milliseconds; no call of a scenario takes that long, even on a machine that is busy. */
const WITHIN = 10_000;

const rtnetns = require(join(ROOT, 'dist'));

const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);

const HUNG = Symbol('hung');

/** { value }, { error }, or { hung }. */
async function outcomeOf(work) {
  const stop = new AbortController();
  const late = pause(WITHIN, HUNG, { signal: stop.signal }).catch(() => undefined);
  try {
    const value = await Promise.race([work(), late]);
    return value === HUNG ? { hung: true } : { value };
  } catch (error) {
    return { error };
  } finally {
    stop.abort();
  }
}

const textOfError = (error) =>
  error instanceof Error ? `${error.constructor.name}: ${error.message}` : `${JSON.stringify(error)}`;

/** What is wrong with the error of a call that was rejected. */
function* faultsOfError(error, { operation, errors = ['NetnsError', 'NetlinkError'] }) {
  const text = textOfError(error);
  if (!(error instanceof Error)) yield `rejects with what is no error: ${text}`;
  else if (typeof error.code !== 'string') yield `rejects without a code: ${text}`;
  else if (!errors.includes(error.constructor.name)) yield `rejects with another class: ${text}`;
  else if (!error.message.includes(error.code)) yield `rejects without its code in the message: ${text}`;
  // as errors show it, whose text is printable
  const named = (error?.operation ?? error?.syscall)?.replaceAll('\0', '\\x00');
  const shown = named !== undefined && error.message.includes(named);
  if (!shown || operation?.test(error.message) === false) yield `does not name the operation: ${text}`;
}

/** Of an error about what could not be taken back. */
const WHATEVER = {
  errors: ['NetnsError', 'NetlinkError', 'NftError', 'NetworkError', 'PoolError', 'LabError'],
};

/** What node would end the process for, or print. */
let unhandled = [];
for (const event of ['unhandledRejection', 'uncaughtException', 'warning']) {
  process.on(event, (error) => unhandled.push(`${event}: ${error?.stack ?? error}`));
}

class Runner {
  constructor(scenario, plan) {
    this.scenario = scenario;
    this.plan = plan;
    this.baseline = holdings();
  }

  /** One time through, with nothing failing. */
  async count() {
    const context = await this.begin();
    this.plan.arm();
    const { value, error, hung } = await outcomeOf(() => this.scenario.run(context));
    const { counts } = this.plan.disarm();
    if (error !== undefined || hung) throw new Error('the scenario itself fails', { cause: error });
    await this.scenario.undo?.(context, value);
    await this.end(context);
    return counts;
  }

  async begin() {
    return (await this.scenario.setup?.(rtnetns)) ?? {};
  }

  async end(context) {
    await this.scenario.teardown?.(context);
    for (const value of Object.values(context)) if (value instanceof rtnetns.Netns) value.close();
  }

  /** @returns { point, outcome, faults }. */
  async attempt(point) {
    const faults = [];
    const { scenario, plan } = this;
    unhandled = [];
    let context = await this.begin();
    const looked = await scenario.look?.(context);

    plan.arm(point);
    const { value, error, hung } = await outcomeOf(() => scenario.run(context));
    const { failed } = plan.disarm();
    const result = (outcome) => ({ point: textOf(point), outcome, faults: [...faults, ...unhandled] });
    if (hung) {
      faults.push('does not settle');
      return result('hang');
    }

    const rejected = error !== undefined;
    const undone = rejected && !scenario.done?.(point);
    if (!rejected) {
      await this.expecting(faults, 'what it made cannot be undone', () => scenario.undo?.(context, value));
    } else {
      faults.push(...faultsOfError(error, scenario));
      if (point.always && error.rollbackErrors !== undefined) {
        faults.push(...error.rollbackErrors.flatMap((one) => [...faultsOfError(one, WHATEVER)]));
        return { ...result(`${error.code} (what is left is named)`), spoilt: true };
      }
      if (undone) await this.expectLook(faults, context, looked);
    }
    const restore = () =>
      this.expecting(faults, 'the scene cannot be restored', () => scenario.restore?.(context));
    if (!undone) await restore();

    // where nothing has been done, the same call; otherwise its like
    await this.expecting(faults, 'the next call fails', async () => {
      if (scenario.once && !undone) {
        await this.end(context);
        context = await this.begin();
      }
      await scenario.undo?.(context, await scenario.run(context));
    });
    await restore();
    await this.expecting(faults, 'the scene cannot be ended', () => this.end(context));
    const left = await difference(this.baseline);
    if (left !== undefined) {
      faults.push(`is left: ${JSON.stringify(left)}`);
      this.baseline = holdings();
    }
    if (failed === 0) return result('not reached');
    return result(error === undefined ? 'success' : String(error?.code));
  }

  async expecting(faults, what, work) {
    const { error, hung } = await outcomeOf(async () => work());
    if (hung) faults.push(`${what}: it does not settle`);
    if (error !== undefined) faults.push(`${what}: ${textOfError(error)}`);
  }

  async expectLook(faults, context, before) {
    const now = await this.scenario.look?.(context);
    if (now === before) return;
    faults.push(`is done, though rejected:\n${lineDifference(before, now)}`);
  }
}

/** So many of the list, by the seed. */
function sample(list, count, seed) {
  const weigh = (point) => {
    let hash = seed;
    for (const letter of textOf(point)) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    return hash ^ (hash >>> 15);
  };
  if (list.length <= count) return list;
  return [...list].sort((a, b) => weigh(a) - weigh(b)).slice(0, count);
}

/** @returns the points to run now: none where each needs a process of its own. */
async function choose(runner, { name, given, most, seed, also = [] }) {
  const { cold } = runner.scenario;
  if (!cold) await runner.count();
  if (given !== undefined) return given;
  const all = points(await runner.count());
  const chosen = [...new Set([...also, ...sample(all, most ?? Infinity, seed).map(textOf)])];
  say({ name, all: all.length, chosen });
  return cold ? [] : chosen;
}

async function main(tasks) {
  const file = process.env.RTNETNS_INJECTION;
  const addon = new Plan(file);
  const plan = new Plans(addon, new ProgramPlan(`${file}.log`));
  // not for what the process starts
  delete process.env.LD_PRELOAD;
  delete process.env.RTNETNS_INJECTION;
  rtnetns.getStats();
  await promisify(randomBytes)(1);
  for (const task of tasks) {
    const { name } = task;
    const runner = new Runner(scenarios[name], plan);
    for (const point of await choose(runner, task)) {
      const result = await runner.attempt(pointOf(point));
      say({ name, ...result });
      // what hangs, or is left, would be in the way of the next
      if (result.spoilt || result.faults.length > 0) process.exit();
    }
  }
  addon.close();
  say({ end: true });
}

main(JSON.parse(process.argv[2])).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
