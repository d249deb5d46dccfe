import { LabRecord } from '../../../lib/lab/record';

describe('LabRecord', () => {
  test('entries have their times, in order, and details', () => {
    const record = new LabRecord();
    record.add('note', 'first', { term: 1, time: 'wrong', kind: 'wrong' });
    record.add('note', 'second');
    const [first, second] = record.entries;
    expect(first).toEqual({ kind: 'note', title: 'first', term: 1, time: expect.any(Number) as number });
    expect(second!.time).toBeGreaterThanOrEqual(first!.time);
    expect(() => {
      record.add(7 as never, 'x');
    }).toThrow('kind: expected a string, got 7');
  });

  test('the oldest entries go, and a loop that is slow misses them', async () => {
    const record = new LabRecord();
    await using slow = record[Symbol.asyncIterator]();
    const first = slow.next();
    for (let i = 0; i <= 10_001; i++) record.add('note', String(i));
    expect(record.entries).toHaveLength(10_000);
    expect(record.entries[0]!.title).toBe('2');
    expect((await first).value?.title).toBe('0');
    expect((await slow.next()).value?.title).toBe('2');
  });

  test('several loops each get all, and end with the lab', async () => {
    const record = new LabRecord();
    record.add('note', 'before');
    const titles = async () => {
      const seen: string[] = [];
      for await (const { title } of record) seen.push(title);
      return seen;
    };
    const loops = [titles(), titles()];
    record.add('note', 'one');
    await Promise.resolve();
    record.add('note', 'two');
    record.end();
    expect(await Promise.all(loops)).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
    expect(await titles()).toEqual([]);
  });
});
