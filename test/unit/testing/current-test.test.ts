import { currentTest, isInside } from '../../../lib/testing/current-test';

const hidden = Object.getOwnPropertySymbols(globalThis).find(
  ({ description }) => description === 'JEST_STATE_SYMBOL',
)!;

/** Looks as another runner would, which has no state of jest-circus. */
function withoutCircus<T>(look: () => T): T {
  const all = globalThis as Record<symbol, unknown>;
  const state = all[hidden];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- it is put back at once
  delete all[hidden];
  try {
    return look();
  } finally {
    all[hidden] = state;
  }
}

describe('currentTest', () => {
  test('of vitest, by what its hooks are given', () => {
    const file = { name: 'web.test.ts', filepath: '/app/web.test.ts' };
    const task = {
      name: 'answers',
      suite: { name: 'web', suite: { name: '' } },
      file,
      result: { state: 'fail' },
      concurrent: true,
    };
    expect(currentTest({ task })).toEqual({
      key: task,
      name: 'web > answers',
      file: '/app/web.test.ts',
      failed: true,
      concurrent: true,
    });
    expect(currentTest({ task: { name: 'x', result: { state: 'pass' } } })).toMatchObject({
      name: 'x',
      failed: false,
      concurrent: false,
    });
  });

  test('of node:test, whose file is that of the process where it has no path', () => {
    const given = { fullName: 'web > answers', filePath: '/app/web.test.ts', passed: false };
    expect(currentTest(given)).toMatchObject({ key: given, file: '/app/web.test.ts', failed: true });
    expect(currentTest({ fullName: 'x', passed: true })).toMatchObject({
      file: process.argv[1],
      failed: false,
    });
  });

  test('of jest, by the state of jest-circus', () => {
    expect(currentTest(undefined)).toMatchObject({
      name: 'currentTest > of jest, by the state of jest-circus',
      file: __filename,
      failed: false,
    });
  });

  test('of another runner with the expect of jest, by its assertions', () => {
    const name = 'currentTest of another runner with the expect of jest, by its assertions';
    expect(withoutCircus(() => currentTest(undefined))).toMatchObject({ name, failed: false });
    expect(() => expect(1).toBe(2)).toThrow();
    const { failed } = withoutCircus(() => currentTest(undefined));
    expect(failed).toBe(true);
  });

  test('a test is inside of another one by its name', () => {
    const [outer, inner, other] = ['a', 'a > b', 'ab'].map((fullName) => currentTest({ fullName }));
    expect(isInside(inner!, outer!)).toBe(true);
    expect(isInside(other!, outer!)).toBe(false);
    expect(isInside(outer!, outer!)).toBe(false);
  });
});
