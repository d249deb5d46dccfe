import { EventQueue } from '../../../lib/common/event-queue';

function queueOf(signals: AbortSignal[] = []) {
  const calls: string[] = [];
  const note = (call: string) => () => void calls.push(call);
  const source = { start: note('start'), stop: note('stop'), drained: note('drained') };
  return { queue: new EventQueue<number>(source, signals), calls };
}

const ended = { value: undefined, done: true };

test('it begins with the first next(), and asks for more when all has been taken', async () => {
  const { queue, calls } = queueOf();
  queue.push([0]); // nobody is listening yet
  expect(calls).toEqual([]);
  const first = queue.next();
  expect(calls).toEqual(['start', 'drained']);
  queue.push([1, 2, 3]);
  expect(await first).toEqual({ value: 1, done: false });
  expect(queue.length).toBe(2);
  expect([await queue.next(), await queue.next()]).toEqual([
    { value: 2, done: false },
    { value: 3, done: false },
  ]);
  expect(calls).toEqual(['start', 'drained']);
  void queue.next();
  expect(calls).toEqual(['start', 'drained', 'drained']);
});

test('it ends once, and drops what nobody has taken', async () => {
  const { queue, calls } = queueOf();
  const first = queue.next();
  queue.push([1, 2, 3]);
  await first;
  expect(await queue.return()).toEqual(ended);
  expect(await queue.return()).toEqual(ended);
  queue.push([4]);
  queue.fail(new Error('too late'));
  expect(queue.length).toBe(0);
  expect(await queue.next()).toEqual(ended);
  expect(calls).toEqual(['start', 'drained', 'stop']);
});

test('a failure is told once: to who waits first, or to who comes next', async () => {
  const { queue } = queueOf();
  const waiting = [queue.next(), queue.next()];
  queue.fail(new Error('mine'));
  await expect(waiting[0]).rejects.toThrow('mine');
  expect(await waiting[1]).toEqual(ended);

  const { queue: other } = queueOf();
  const first = other.next();
  other.push([1]);
  await first;
  other.fail(new Error('mine'));
  await expect(other.next()).rejects.toThrow('mine');
  expect(await other.next()).toEqual(ended);
});

test('it may begin before the first next(), and once', async () => {
  const { queue, calls } = queueOf();
  queue.start();
  queue.push([1]);
  queue.start();
  expect(await queue.next()).toEqual({ value: 1, done: false });
  expect(calls).toEqual(['start']);
});

test('finish() ends it after what there is: with an error where there is one', async () => {
  const { queue, calls } = queueOf();
  queue.start();
  queue.push([1, 2]);
  queue.finish();
  queue.push([3]);
  queue.fail(new Error('too late'));
  expect(calls).toEqual(['start', 'stop']);
  expect([await queue.next(), await queue.next()]).toEqual([
    { value: 1, done: false },
    { value: 2, done: false },
  ]);
  expect(await queue.next()).toEqual(ended);

  const { queue: other } = queueOf();
  other.start();
  other.push([1]);
  other.finish({ error: new Error('mine') });
  expect(await other.next()).toEqual({ value: 1, done: false });
  await expect(other.next()).rejects.toThrow('mine');
  expect(await other.next()).toEqual(ended);

  const { queue: waited } = queueOf();
  const waiting = waited.next();
  waited.finish();
  expect(await waiting).toEqual(ended);
});

test('who leaves is not told of a failure afterwards', async () => {
  const { queue } = queueOf();
  queue.start();
  queue.push([1]);
  queue.finish({ error: new Error('mine') });
  expect(await queue.return()).toEqual(ended);
  expect(await queue.next()).toEqual(ended);
});

test('a source may fail as it starts', async () => {
  const queue: EventQueue<number> = new EventQueue<number>(
    { start: () => queue.fail(new Error('mine')), stop: () => undefined },
    [],
  );
  await expect(queue.next()).rejects.toThrow('mine');
});

test('of several signals the first ends it; one that is aborted already keeps it from beginning', async () => {
  const controllers = [new AbortController(), new AbortController()];
  const { queue, calls } = queueOf(controllers.map(({ signal }) => signal));
  const waiting = queue.next();
  controllers[1]!.abort(new Error('second'));
  controllers[0]!.abort(new Error('first'));
  await expect(waiting).rejects.toThrow('second');
  expect(calls).toEqual(['start', 'drained', 'stop']);

  const late = new AbortController();
  const listening = jest.spyOn(late.signal, 'addEventListener');
  const { queue: other, calls: none } = queueOf([controllers[0]!.signal, late.signal]);
  await expect(other.next()).rejects.toThrow('first');
  expect(none).not.toContain('start');
  expect(listening).not.toHaveBeenCalled();
});

test('for await, await using', async () => {
  const { queue, calls } = queueOf();
  {
    await using events = queue;
    const taken: number[] = [];
    const loop = (async () => {
      for await (const event of events) if (taken.push(event) === 2) break;
    })();
    queue.push([1, 2]);
    await loop;
    expect(taken).toEqual([1, 2]);
  }
  expect(calls.filter((call) => call === 'stop')).toEqual(['stop']);
});
