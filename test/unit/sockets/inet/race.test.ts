import { race } from '../../../../lib/sockets/inet/race';

interface Try {
  target: string;
  signal: AbortSignal;
  win: (result: string) => void;
  lose: (error: Error) => void;
}

/** A race whose attempts end when the test says so. */
function scene(targets: readonly string[], delay = 1000) {
  const tries: Try[] = [];
  const discarded: string[] = [];
  const controller = new AbortController();
  const attempt = async (target: string, signal: AbortSignal) =>
    new Promise<string>((win, lose) => tries.push({ target, signal, win, lose }));
  const { signal } = controller;
  const result = race(targets, attempt, { delay, signal, discard: (late) => discarded.push(late) });
  const turns = async () => new Promise((resolve) => setImmediate(resolve));
  return { tries, discarded, controller, result, turns };
}

const tried = (tries: readonly Try[]) => tries.map(({ target }) => target);

test('the first is enough where it succeeds', async () => {
  const { tries, result } = scene(['a', 'b']);
  tries[0]!.win('A');
  expect(await result).toBe('A');
  expect(tried(tries)).toEqual(['a']);
});

test('the next is tried as soon as one has failed', async () => {
  const { tries, result, turns } = scene(['a', 'b', 'c']);
  tries[0]!.lose(new Error('a'));
  await turns();
  expect(tried(tries)).toEqual(['a', 'b']);
  tries[1]!.win('B');
  expect(await result).toBe('B');
  expect(tried(tries)).toEqual(['a', 'b']);
});

test('the next is tried beside one that takes long, and either may win; the others are aborted', async () => {
  const { tries, result, discarded, turns } = scene(['a', 'b', 'c'], 10);
  while (tries.length < 3) await turns();
  expect(tries.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
  tries[0]!.win('A');
  expect(await result).toBe('A');
  expect(tries[1]!.signal.aborted).toBe(true);
  // one that succeeds all the same, and one that is sorry
  tries[1]!.win('B');
  tries[2]!.lose(new Error('c'));
  await turns();
  expect(discarded).toEqual(['B']);
});

test('all fail: the errors in the order of the targets, with the code of the first', async () => {
  const { tries, result, turns } = scene(['a', 'b'], 10);
  while (tries.length < 2) await turns();
  tries[1]!.lose(Object.assign(new Error('b'), { code: 'EB' }));
  tries[0]!.lose(Object.assign(new Error('a'), { code: 'EA' }));
  const error = (await result.catch((reason: unknown) => reason)) as AggregateError & { code: string };
  expect(error).toBeInstanceOf(AggregateError);
  expect(error.code).toBe('EA');
  expect(error.errors.map(({ message }: Error) => message)).toEqual(['a', 'b']);
  const one = scene(['a']);
  const alone = new Error('a');
  one.tries[0]!.lose(alone);
  await expect(one.result).rejects.toBe(alone);
});

test('a signal ends all, and what comes after it is given up', async () => {
  const { tries, result, controller, discarded, turns } = scene(['a', 'b'], 10);
  while (tries.length < 2) await turns();
  const reason = new Error('enough');
  controller.abort(reason);
  expect(tries.map(({ signal }) => signal.reason as Error)).toEqual([reason, reason]);
  tries[0]!.win('A');
  await expect(result).rejects.toBe(reason);
  tries[1]!.lose(reason);
  expect(discarded).toEqual(['A']);
  await expect(
    race(['a'], async () => Promise.resolve('A'), {
      delay: 10,
      signal: controller.signal,
      discard: () => undefined,
    }),
  ).rejects.toBe(reason);
});
