import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITIES } from '../../support/capabilities';

const page = readFileSync(join(__dirname, '../../../docs/kernels.md'), 'utf8');

/** The rows of the table of capabilities: each has the name, and what each kernel has. */
function rows(): string[][] {
  const [, table = ''] = page.split('| what tests need');
  const lines = table.split('\n').slice(2);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end).map((line) => {
    const cells = line.split('|').slice(1, -1);
    return cells.map((cell) => cell.trim());
  });
}

test('docs/kernels.md has the capabilities that tests ask for, and at least one kernel has each', () => {
  const table = rows();
  expect(table.map(([name]) => name)).toEqual([...CAPABILITIES]);
  for (const [name, ...kernels] of table) {
    expect([name, kernels.every((has) => has === 'yes' || has === 'no')]).toEqual([name, true]);
    expect([name, kernels.includes('yes')]).toEqual([name, true]);
  }
});
