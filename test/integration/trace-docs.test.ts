import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, sandboxed } from '../support/cli';

const page = readFileSync(join(ROOT, 'docs', 'trace.md'), 'utf8');

test('the example runs as it is printed, and prints what is printed', () => {
  const [, example = '', printed = ''] = /```ts\n(.*?)```\n\n(.*?)\n\nA step/s.exec(page) ?? [];
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  // inside the package, for its name to resolve to it
  const file = join(ROOT, 'build', 'trace-example.mjs');
  writeFileSync(file, outputText);
  try {
    const { status, stdout, stderr } = sandboxed(process.execPath, file);
    expect(stderr).toBe('');
    // handles are as many as the rules before
    const lines = (text: string) => text.replace(/ #\d+:/g, ' #:').replace(/^ {4}/gm, '');
    expect(lines(stdout)).toBe(`${lines(printed)}\n`);
    expect(status).toBe(0);
  } finally {
    rmSync(file);
  }
});
