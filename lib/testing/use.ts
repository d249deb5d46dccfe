import { checkOptions, oneOf, optionTable } from '../common/options';
import { shown } from '../common/shown';
import { useFixture } from './fixtures';
import { hooksFound, isRunner, type TestHooks } from './hooks';

/** For which tests something is created, and by which hooks. */
export interface UseOptions {
  /** 'test' (default): anew for each test. 'file': once for all tests of the file, or of the suite in which it is called. */
  per?: 'test' | 'file';
  /** The hooks of the runner, where they are not global and the runner is not node:test: `{ beforeEach, afterEach }` of vitest's. */
  runner?: TestHooks;
}

/** @internal */
export const USE_OPTIONS = optionTable<UseOptions>({ per: oneOf(['test', 'file']), runner: isRunner });

/**
 * Creates something before each test of a file or of a suite, and disposes of it after the test, whatever became of it: a namespace, a
 * server in a lab, anything that `await using` takes. What was created last is disposed of first, with `useLab`'s labs.
 *
 * @returns a function that returns what the test that runs has.
 * @throws LabError ERR_LAB_FIXTURE in a test that runs at the same time as others of the file; TypeError for wrong options, and where the
 * runner's hooks are neither given nor global.
 * @example
 * ```ts
 * const red = use(() => createNetns());
 * test('lo is there', async () => assert.equal((await listLinks(red())).length, 1));
 * ```
 */
export function use<T extends AsyncDisposable | Disposable>(
  create: () => T | Promise<T>,
  options: UseOptions = {},
): () => T {
  if (typeof create !== 'function') throw new TypeError(`create: expected a function, got ${shown(create)}`);
  checkOptions(options, USE_OPTIONS);
  const { per = 'test', runner = hooksFound() } = options;
  const fixture = {
    title: 'a value',
    create: async () => {
      const value = await create();
      if (!isDisposable(value))
        throw new TypeError(`create: expected what \`await using\` takes, got ${shown(value)}`);
      return value;
    },
    end: async (value: T) => {
      if (Symbol.asyncDispose in value) await value[Symbol.asyncDispose]();
      else value[Symbol.dispose]();
    },
  };
  return useFixture(fixture, per, runner);
}

function isDisposable(value: unknown): boolean {
  const { [Symbol.asyncDispose]: slowly, [Symbol.dispose]: atOnce } = Object(value) as Partial<
    AsyncDisposable & Disposable
  >;
  return typeof slowly === 'function' || typeof atOnce === 'function';
}
