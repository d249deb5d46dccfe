import type * as nodeTest from 'node:test';
import type * as vitest from 'vitest' with { 'resolution-mode': 'import' };
import { use, useLab } from '../../../lib/testing';
import { at, hooksFound, type TestHooks } from '../../../lib/testing/hooks';

/** The compiler says whether the hooks of a runner can be given as they are. */
type Given<T extends TestHooks> = T;
export type Runners = [Given<typeof vitest>, Given<typeof nodeTest>, Given<typeof globalThis>];

const hooks = { beforeEach: jest.fn(), afterEach: jest.fn() };

const definition = { nodes: { a: {} } };

describe('hooks', () => {
  test('those of jest are found, and any can be given', () => {
    expect(hooksFound()).toBe(globalThis);
    const work = async (): Promise<void> => Promise.resolve();
    at('afterEach', hooks, work);
    expect(hooks.afterEach).toHaveBeenCalledWith(work);
    const after = jest.fn();
    at('afterAll', { ...hooks, after }, work);
    expect(after).toHaveBeenCalledWith(work);
  });

  test.each<[name: string, call: () => unknown, message: string]>([
    [
      'no hooks',
      () => useLab(definition, { runner: {} as never }),
      "runner.beforeEach: expected the runner's hook",
    ],
    ['no object', () => useLab(definition, { runner: 7 as never }), 'runner: expected an object, got 7'],
    [
      'none for files',
      () => useLab(definition, { runner: hooks, per: 'file' }),
      'runner.beforeAll: expected',
    ],
    ['another word', () => useLab(definition, { per: 'suite' as never }), 'per: expected one of test, file'],
    ['an unknown option', () => useLab(definition, { captures: true } as never), "did you mean 'capture'?"],
    ['no definition', () => useLab(undefined as never), 'definition: expected an object, got undefined'],
    ['nothing to create', () => use(7 as never), 'create: expected a function, got 7'],
  ])('%s: refused', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
