import { publicFunctions } from '../support/signatures';

// A public function that makes system calls has a scenario in which each of them fails: test/injection/.

const always = jest.requireActual<Record<string, string[]>>('../injection/always');
const scenarios = jest.requireActual<Record<string, object>>('../injection/scenarios');
const without = jest.requireActual<[pattern: RegExp, why: string][]>('../injection/without');

/** Without the methods that only JavaScript itself calls, such as [Symbol.asyncDispose]. */
const functions = publicFunctions()
  .map(({ name }) => name)
  .filter((name) => !name.includes('__@'));

/** 'watch, of a change' is a scenario of watch. */
const covered = new Set(Object.keys(scenarios).map((name) => name.split(',', 1)[0]!));

test('each public function has a scenario, or a reason why it has none', () => {
  const missing = functions.filter(
    (name) => !covered.has(name) && !without.some(([pattern]) => pattern.test(name)),
  );
  expect(missing).toEqual([]);
});

test('each scenario is one of a public function', () => {
  expect([...covered].filter((name) => !functions.includes(name))).toEqual([]);
});

test('each reason is of use', () => {
  const rest = functions.filter((name) => !covered.has(name));
  for (const [pattern] of without) expect(rest.filter((name) => pattern.test(name))).not.toEqual([]);
});

test('each point that is always run is one of a scenario', () => {
  expect(Object.keys(always).filter((name) => !(name in scenarios))).toEqual([]);
});
