import fc from 'fast-check';
import { NumberRanges } from '../../../lib/pool/number-ranges';

const number = fc.bigInt({ min: 0n, max: 60n });
const run = fc.tuple(number, number).map(([a, b]) => (a < b ? ([a, b] as const) : ([b, a] as const)));

test('it is the set of all that was added', () => {
  fc.assert(
    fc.property(fc.array(run), number, (runs, probe) => {
      const set = new NumberRanges();
      const model = new Set<bigint>();
      for (const [first, last] of runs) {
        set.add(first, last);
        for (let one = first; one <= last; one++) model.add(one);
      }
      let after = probe;
      while (model.has(after)) after++;
      expect(set.after(probe)).toBe(after);
      expect(set.has(probe)).toBe(model.has(probe));
      expect(set.size).toBe(BigInt(model.size));
      const listed = [...set].flatMap(([first, last]) =>
        Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i)),
      );
      expect(listed).toEqual([...model].sort((a, b) => Number(a - b)));
    }),
  );
});

test('it has as few runs as can be', () => {
  fc.assert(
    fc.property(fc.array(run), (runs) => {
      const set = new NumberRanges();
      for (const [first, last] of runs) set.add(first, last);
      const listed = [...set];
      listed.slice(1).forEach(([first], i) => expect(first - listed[i]![1]).toBeGreaterThan(1n));
    }),
  );
});

test('a whole /64 is one run', () => {
  const set = new NumberRanges();
  set.add(0n, (1n << 64n) - 1n);
  set.add(1n << 64n);
  expect([...set]).toEqual([[0n, 1n << 64n]]);
  expect(set.after(5n)).toBe((1n << 64n) + 1n);
});
