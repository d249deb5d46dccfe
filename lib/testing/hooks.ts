import { checkObject, type OptionCheck } from '../common/options';
import { shown } from '../common/shown';
import { jestState } from './current-test';

/** Registers work that is done before or after tests. */
export type TestHook = (work: (...given: unknown[]) => Promise<void>) => unknown;

/** The hooks of a test runner: `import * as vitest from 'vitest'` has them, and so have node:test and jest. */
export interface TestHooks {
  /** Before each test. */
  beforeEach: TestHook;
  /** After each test. */
  afterEach: TestHook;
  /** Before the first test, as jest and vitest call it. */
  beforeAll?: TestHook;
  /** After the last test, as jest and vitest call it. */
  afterAll?: TestHook;
  /** Before the first test, as node:test calls it. */
  before?: TestHook;
  /** After the last test, as node:test calls it. */
  after?: TestHook;
}

/** What is done around tests. */
export type Moment = 'beforeEach' | 'afterEach' | 'beforeAll' | 'afterAll';

const MOMENTS: Readonly<Record<Moment, readonly (keyof TestHooks)[]>> = {
  beforeEach: ['beforeEach'],
  afterEach: ['afterEach'],
  beforeAll: ['beforeAll', 'before'],
  afterAll: ['afterAll', 'after'],
};

export const isRunner: OptionCheck = (value, path) => {
  // a module of vitest's has no prototype, and node:test is a function
  if (typeof value !== 'function' && Object.prototype.toString.call(value) !== '[object Module]')
    checkObject(value, path);
  for (const moment of ['beforeEach', 'afterEach'] as const) {
    const hook = (value as Partial<TestHooks>)[moment];
    if (typeof hook !== 'function')
      throw new TypeError(`${path}.${moment}: expected the runner's hook of that name, got ${shown(hook)}`);
  }
};

/** Has the runner do work at a moment. */
export function at(moment: Moment, runner: TestHooks, work: (...given: unknown[]) => Promise<void>): void {
  const hook = MOMENTS[moment].map((name) => runner[name]).find((one) => one !== undefined);
  if (hook === undefined) {
    throw new TypeError(`runner.${moment}: expected the runner's hook of that name, got none`);
  }
  hook(work);
}

/** The hooks of the runner that runs this file: its globals, or those of node:test, which is always there. */
export function hooksFound(): TestHooks {
  const globals = globalThis as Partial<TestHooks>;
  if (typeof globals.beforeEach === 'function' && typeof globals.afterEach === 'function')
    return globals as TestHooks;
  if (process.env['VITEST'] !== undefined || jestState() !== undefined) {
    throw new TypeError(
      "runner: this run has no global hooks: expected { runner: { beforeEach, afterEach } } with the runner's own, which the file imports",
    );
  }
  // by its name alone a bundler, and jest, would look for it
  return process.getBuiltinModule('node:test');
}
