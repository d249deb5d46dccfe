import { coalesce } from '../../../lib/common/coalesce';

test('who asks while it is at work shares the next time, which begins later', async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  let now = 0;
  const ask = coalesce(async () => {
    begun.push(now);
    await new Promise<void>((resolve) => ends.push(resolve));
    return begun.length;
  });
  const settle = async () => new Promise((resolve) => setImmediate(resolve));
  const first = [ask(), ask()];
  await settle();
  now = 1;
  const second = [ask(), ask(), ask()];
  await settle();
  expect(begun).toEqual([0]);
  now = 2;
  ends[0]!();
  expect(await Promise.all(first)).toEqual([1, 1]);
  await settle();
  expect(begun).toEqual([0, 2]);
  ends[1]!();
  expect(await Promise.all(second)).toEqual([2, 2, 2]);
});

test('what fails is told to those who asked for it, and is tried again', async () => {
  let times = 0;
  const ask = coalesce(async () => {
    times++;
    return times === 1 ? Promise.reject(new Error('once')) : Promise.resolve(times);
  });
  const both = [ask(), ask()];
  for (const one of both) await expect(one).rejects.toThrow('once');
  expect(await ask()).toBe(2);
});
