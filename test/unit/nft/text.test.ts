import fc from 'fast-check';
import { nft } from '../../../lib';
import { compileRule } from '../../../lib/nft/objects/rule';
import { bytesText, timeText } from '../../../lib/nft/text/values';
import { OPERATIONS } from '../../support/nft-commands';

const rules = Object.values(OPERATIONS).flatMap((operation) =>
  operation.op === 'addRule'
    ? [compileRule(operation.chain.table.family, operation.statements).expressions]
    : [],
);

const chain = { table: { family: 'inet', name: 't' }, name: 'c' } as const;

test('any expressions in any order are some text', () => {
  const pieces = fc.shuffledSubarray(rules.flat(), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(pieces, (expressions) => {
      expect(nft.formatRule({ chain, handle: 1, expressions })).not.toBe('undefined');
    }),
  );
});

test('values of any length are some text', () => {
  const loads = rules
    .flat()
    .filter(({ name }) => ['meta', 'ct', 'payload', 'fib', 'socket', 'rt'].includes(name));
  const value = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.constantFrom(...loads), value, value, (load, mask, compared) => {
      const bits = { mask: { value: mask }, xor: { value: Buffer.alloc(mask.length) } };
      const cmp = { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: compared } } } as const;
      const bitwise = {
        name: 'bitwise',
        data: { sreg: 1, dreg: 1, length: mask.length, ...bits },
      } as const;
      const of = (...expressions: nft.Expression[]) => nft.formatRule({ chain, handle: 1, expressions });
      expect(of(load, cmp)).not.toBe('');
      expect(of(load, bitwise, cmp)).not.toBe('');
    }),
  );
});

test('times and sizes', () => {
  expect([0, 1, 999, 60_000, 90_061_001].map(timeText)).toEqual(['0s', '1ms', '999ms', '1m', '1d1h1m1s1ms']);
  expect([0, 1023, 1024, 1_048_576, 1_048_577].map(bytesText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1 kbytes',
    '1 mbytes',
    '1048577 bytes',
  ]);
});
