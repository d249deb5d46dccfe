import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as rtnetns from '../../lib';
import { ROOT, sandboxed } from '../support/cli';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, example = '']) => example);

/** Runs an example of the README in a sandbox. */
function runPrinted(example = ''): string {
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  // inside the package, for its name to resolve to it
  const file = join(ROOT, 'build', 'readme-example.mjs');
  writeFileSync(file, outputText);
  try {
    const { status, stdout, stderr } = sandboxed(process.execPath, file);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout;
  } finally {
    rmSync(file);
  }
}

test('the example runs as it is printed', () => {
  expect(runPrinted(examples[0])).toMatch(/^3 answers, 0\.\d{3} ms on average\n$/);
});

test('so does that of networks', () => {
  const example = examples.find((one) => one.includes('createBridgeNetwork'));
  expect(runPrinted(example)).toBe('hello, 192.0.2.9\nhello, 10.200.0.3\n');
});

test('the table names every public function', () => {
  const functions = Object.entries(rtnetns).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
  );
  const missing = functions.map(([name]) => name).filter((name) => !readme.includes(`\`${name}`));
  expect(missing).toEqual([]);
});
