import { Gathering } from '../../../lib/common/gathering';

const KEY = {};
const OTHER = {};
const settle = async () => new Promise((resolve) => setImmediate(resolve));

/** Work that notes what it was given, and goes on when it is told to. */
function slowWork() {
  const rounds: string[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const failing = new Set<string>();
  const gathering = new Gathering<object, string>(async (_, things) => {
    rounds.push([...things]);
    await new Promise<void>((resolve, reject) => {
      ends.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    return new Map(things.filter((one) => failing.has(one)).map((one) => [one, new Error(`not ${one}`)]));
  });
  return { rounds, ends, failing, gathering };
}

test('what is asked for in one turn is done at once, and what comes later together next', async () => {
  const { rounds, ends, gathering } = slowWork();
  const first = [gathering.add(KEY, 'a'), gathering.add(KEY, 'b')];
  await settle();
  const second = [gathering.add(KEY, 'c'), gathering.add(KEY, 'd')];
  await settle();
  expect(rounds).toEqual([['a', 'b']]);
  ends[0]!();
  await Promise.all(first);
  await settle();
  expect(rounds).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  ends[1]!();
  await Promise.all(second);
});

test('another key does not wait', async () => {
  const { rounds, ends, gathering } = slowWork();
  const both = [gathering.add(KEY, 'a'), gathering.add(OTHER, 'b')];
  await settle();
  expect(rounds).toEqual([['a'], ['b']]);
  for (const end of ends) end();
  await Promise.all(both);
});

test('the error of one thing is its own; an error of the work is that of all, and others follow', async () => {
  const { ends, failing, gathering } = slowWork();
  failing.add('b');
  const results = Promise.allSettled([gathering.add(KEY, 'a'), gathering.add(KEY, 'b')]);
  await settle();
  const later = Promise.allSettled([gathering.add(KEY, 'c'), gathering.add(KEY, 'd')]);
  ends[0]!();
  expect(await results).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { message: 'not b' } },
  ]);
  await settle();
  ends[1]!(new Error('all'));
  expect(await later).toMatchObject([{ reason: { message: 'all' } }, { reason: { message: 'all' } }]);
  const last = gathering.add(KEY, 'e');
  await settle();
  ends[2]!();
  await last;
});
