import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, sandboxed } from '../support/cli';

test('the example of docs/sockets.md runs as it is printed', () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs/sockets.md'), 'utf8')) ?? [];
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  const file = join(ROOT, 'build', 'sockets-example.mjs');
  writeFileSync(file, outputText);
  try {
    const { status, stdout, stderr } = sandboxed(process.execPath, file);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').sort()).toEqual(['10.0.0.2', 'hello']);
    expect(status).toBe(0);
  } finally {
    rmSync(file);
  }
});
