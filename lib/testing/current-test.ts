/** What is known of the test that runs, or has just ended. */
export interface CurrentTest {
  /** The same object before the test and after it, and another one for each other test; undefined where the runner has none. */
  key: unknown;
  /** Its name after those of the suites around it: 'web > answers'. */
  name: string;
  /** The path of its file, where the runner gives it. */
  file?: string | undefined;
  /** Of a test that has ended. */
  failed: boolean;
  /** Whether others run at the same time. */
  concurrent: boolean;
}

/** Of node:test and vitest, what hooks are given. */
interface Given {
  /** Of node:test. */
  fullName?: string;
  filePath?: string;
  passed?: boolean;
  /** Of vitest. */
  task?: VitestTask;
}

interface VitestTask {
  name: string;
  suite?: VitestTask;
  file?: { filepath?: string };
  result?: { state?: string };
  concurrent?: boolean;
}

/** Of jest-circus. */
interface JestTest {
  name: string;
  parent?: JestTest;
  errors: readonly unknown[];
}

/** The name of the suite around all others in jest. */
const JEST_ROOT = 'ROOT_DESCRIBE_BLOCK';

const SEPARATOR = ' > ';

/** Each knows the test of one runner by what its hooks are given. */
const READERS: readonly ((given: Given | undefined) => CurrentTest | undefined)[] = [
  ofVitest,
  ofNode,
  ofJest,
  ofExpect,
];

/** The test around which a hook runs. */
export function currentTest(given: unknown): CurrentTest {
  for (const read of READERS) {
    const found = read(given as Given | undefined);
    if (found !== undefined) return found;
  }
  return { key: undefined, name: 'test', failed: false, concurrent: false };
}

/** Whether a test runs within another one, as those of `t.test` do in node:test. */
export function isInside(test: CurrentTest, outer: CurrentTest): boolean {
  return test.name.startsWith(`${outer.name}${SEPARATOR}`);
}

function ofVitest(given: Given | undefined): CurrentTest | undefined {
  const task = given?.task;
  if (task === undefined) return undefined;
  return {
    key: task,
    name: namesOf(path(task, ({ suite }) => suite)),
    file: task.file?.filepath,
    failed: task.result?.state === 'fail',
    concurrent: task.concurrent === true,
  };
}

function ofNode(given: Given | undefined): CurrentTest | undefined {
  if (given?.fullName === undefined) return undefined;
  // Node 20 knows no path, and has a process for each file
  const { fullName: name, filePath: file = process.argv[1], passed } = given;
  return { key: given, name, file, failed: passed === false, concurrent: false };
}

/**
 * Of jest-circus, which keeps it in the global object, under a symbol that nobody else has (jest 27 to 30). Undefined in another runner.
 */
export function jestState(): { currentlyRunningTest?: JestTest | null } | undefined {
  const symbol = Object.getOwnPropertySymbols(globalThis).find(
    ({ description }) => description === 'JEST_STATE_SYMBOL',
  );
  return symbol === undefined ? undefined : (globalThis as Record<symbol, object>)[symbol];
}

/** Hooks of jest are given nothing, and `expect.getState()` does not know of a test that has thrown. */
function ofJest(): CurrentTest | undefined {
  const test = jestState()?.currentlyRunningTest;
  if (!test) return undefined;
  return {
    key: test,
    name: namesOf(path(test, ({ parent }) => parent)),
    file: expectState()?.testPath,
    failed: test.errors.length > 0,
    concurrent: false,
  };
}

/** Of another runner that has the `expect` of jest: an assertion that failed is all that is known. */
function ofExpect(): CurrentTest | undefined {
  const state = expectState();
  if (state?.currentTestName === undefined) return undefined;
  const { currentTestName: name, testPath: file, assertionCalls = 0, numPassingAsserts = 0 } = state;
  return { key: undefined, name, file, failed: assertionCalls > numPassingAsserts, concurrent: false };
}

interface ExpectState {
  currentTestName?: string;
  testPath?: string;
  assertionCalls?: number;
  numPassingAsserts?: number;
}

function expectState(): ExpectState | undefined {
  const { expect } = globalThis as { expect?: { getState?: () => ExpectState } };
  return expect?.getState?.();
}

/** Without those of the suites that runners put around all others. */
function namesOf(tests: readonly { name: string }[]): string {
  return tests
    .map(({ name }) => name)
    .filter((name) => name !== '' && name !== JEST_ROOT)
    .join(SEPARATOR);
}

/** From the outermost on. */
function path<T>(innermost: T, outerOf: (one: T) => T | undefined): T[] {
  const found: T[] = [];
  for (let one: T | undefined = innermost; one !== undefined; one = outerOf(one)) found.unshift(one);
  return found;
}
