import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as rtnetns from '../../lib';
import { ROOT, sandboxed } from '../support/cli';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

test('the example runs as it is printed', () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  // inside the package, for its name to resolve to it
  const file = join(ROOT, 'build', 'readme-example.mjs');
  writeFileSync(file, outputText);
  try {
    const { status, stdout, stderr } = sandboxed(process.execPath, file);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^3 answers, 0\.\d{3} ms on average\n$/);
    expect(status).toBe(0);
  } finally {
    rmSync(file);
  }
});

test('the table names every public function', () => {
  const functions = Object.entries(rtnetns).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
  );
  const missing = functions.map(([name]) => name).filter((name) => !readme.includes(`\`${name}`));
  expect(missing).toEqual([]);
});
