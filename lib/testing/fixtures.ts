import { LabError } from '..';
import { type CurrentTest, currentTest, isInside } from './current-test';
import { at, type TestHooks } from './hooks';

/** What tests have, and how it begins and ends. */
export interface Fixture<T> {
  /** In words, for errors: 'the lab'. */
  title: string;
  create: () => Promise<T>;
  /** Called after each test, before anything ends. */
  tested?: (value: T, test: CurrentTest) => Promise<void>;
  end: (value: T) => Promise<void>;
}

/** Something that a test has. */
interface Living {
  fixture: object;
  /** The test; undefined where all tests of a file share it. */
  test: CurrentTest | undefined;
  /** Undefined while it is created. */
  made?: Made;
}

interface Made {
  value: unknown;
  tested: (test: CurrentTest) => Promise<void>;
  end: () => Promise<void>;
}

// What the tests of this process have by now, in the order in which it was created. It is one list for all fixtures, because what was created
// last ends first, and runners differ in the order in which they call hooks. A runner runs one test after another in a process, unless it is
// asked for more.
const living: Living[] = [];

/** Creates something before each test, or before all tests of a file or suite, and ends it afterwards. @returns a way to what there is now. */
export function useFixture<T>(fixture: Fixture<T>, per: 'test' | 'file', runner: TestHooks): () => T {
  const begin = async (test?: CurrentTest): Promise<void> => {
    refuseConcurrent(fixture, test);
    const one: Living = { fixture, test };
    // at once, for another test to see it that begins meanwhile
    living.push(one);
    try {
      const value = await fixture.create();
      one.made = {
        value,
        tested: async (ended) => fixture.tested?.(value, ended),
        end: async () => fixture.end(value),
      };
    } catch (error) {
      living.splice(living.indexOf(one), 1);
      throw error;
    }
  };
  const isOf =
    (test?: CurrentTest) =>
    (one: Living): boolean =>
      one.fixture === fixture && one.test?.key === test?.key;
  if (per === 'test') {
    at('beforeEach', runner, async (...[given]) => begin(currentTest(given)));
    at('afterEach', runner, async (...[given]) => {
      const test = currentTest(given);
      await endFrom(living.findIndex(isOf(test)), test);
    });
  } else {
    at('beforeAll', runner, async () => begin());
    at('afterEach', runner, async (...[given]) => {
      await living.find(isOf())?.made?.tested(currentTest(given));
    });
    at('afterAll', runner, async () => endFrom(living.findIndex(isOf())));
  }
  return () => {
    const found = living.findLast((one) => one.fixture === fixture)?.made;
    if (found !== undefined) return found.value as T;
    throw fault(
      `${fixture.title} is there only while a test or a hook of it runs, and only if it could be created`,
    );
  };
}

/** Ends all that was created from there on, the last one first. Each is ended, whatever becomes of the others. */
async function endFrom(place: number, test?: CurrentTest): Promise<void> {
  if (place < 0) return;
  const errors: unknown[] = [];
  const attempt = async (work: Promise<void> | undefined) =>
    work?.catch((error: unknown) => errors.push(error));
  if (test !== undefined) for (const one of living.slice(place)) await attempt(one.made?.tested(test));
  // what ends may still ask for what was there before it
  for (let one = living.at(-1); one !== undefined && living.length > place; one = living.at(-1)) {
    await attempt(one.made?.end());
    living.splice(living.indexOf(one), 1);
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several fixtures of the test could not be ended');
}

/** Which of several is a test's own, nobody could say. */
function refuseConcurrent(fixture: { title: string }, test: CurrentTest | undefined): void {
  if (test === undefined) return;
  const other = living.findLast((one) => one.fixture === fixture)?.test;
  if (!test.concurrent && (other === undefined || isInside(test, other))) return;
  throw fault(
    `'${test.name}' runs at the same time as ${other === undefined ? 'others' : `'${other.name}'`}: ` +
      `with { per: 'file' } tests share ${fixture.title}, and in the test itself \`await using\` creates one of its own`,
  );
}

function fault(reason: string): LabError {
  return new LabError({ code: 'ERR_LAB_FIXTURE', lab: undefined, reason });
}
