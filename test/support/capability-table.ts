import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cli';

/** The table of docs/kernels.md: whether a kernel has what tests need, by the name of the kernel and of the capability. */
export function capabilityTable(): Map<string, Map<string, string>> {
  const page = readFileSync(join(ROOT, 'docs/kernels.md'), 'utf8');
  const from = page.indexOf('| what tests need');
  const lines = page.slice(from).split('\n');
  const rows = lines.slice(0, lines.findIndex((line) => !line.startsWith('|'))).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const [[, ...kernels] = [], , ...capabilities] = rows;
  return new Map(
    kernels.map((kernel, column) => [
      kernel,
      new Map(capabilities.map(([name = '', ...cells]) => [name, cells[column] ?? ''])),
    ]),
  );
}
