import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from '../../../lib/common/turns';

test('work under one key is done in order, after failures, too; other keys do not wait', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const work = (name: string, ticks: number) => async () => {
    log.push(`${name} begins`);
    for (let i = 0; i < ticks; i++) await nextTurn();
    log.push(`${name} ends`);
    return name;
  };
  const failed = turns.take('a', async () => {
    await work('failing', 3)();
    throw new Error('no');
  });
  const second = turns.take('a', work('second', 2));
  const other = turns.take('b', work('other', 0));

  await expect(failed).rejects.toThrow('no');
  expect(await Promise.all([second, other])).toEqual(['second', 'other']);
  expect(log).toEqual([
    'failing begins',
    'other begins',
    'other ends',
    'failing ends',
    'second begins',
    'second ends',
  ]);
});

test('all that was asked for before is waited for', async () => {
  const turns = new Turns();
  let done = 0;
  const work = async () => {
    await nextTurn();
    done++;
  };
  void turns.take('a', work);
  void turns.take('a', work);
  turns.take('b', async () => Promise.reject(new Error('no'))).catch(() => undefined);
  await turns.ended();
  expect(done).toBe(2);
});
