import { readFileSync } from 'node:fs';
import { errnoName } from '../../../lib/addon/errno';

// The kernel's own list. 35 and 95 have their names from the C library, which has two for each.
const DEFINITION = /^#define\s+(E[A-Z0-9]+)\s+(\d+)\b/gm;
const headers = ['errno-base.h', 'errno.h'].map((name) =>
  readFileSync(`/usr/include/asm-generic/${name}`, 'latin1'),
);
const kernel = headers.flatMap((text) =>
  [...text.matchAll(DEFINITION)].map(([, name, number]): [string, number] => [name!, Number(number)]),
);

describe('errnoName', () => {
  test('has every error of the kernel by its own name', () => {
    expect(kernel.length).toBeGreaterThan(130);
    expect(kernel.map(([, number]) => [errnoName(number), number])).toEqual(kernel);
  });

  test('a number without a name is shown as it is', () => {
    expect(errnoName(999)).toBe('E999');
  });
});
