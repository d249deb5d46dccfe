import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, sandboxed } from '../support/cli';

test('the example runs as it is printed', () => {
  const page = readFileSync(join(ROOT, 'docs/addresses.md'), 'utf8');
  const [, example = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  // inside the package, for its name to resolve to it
  const file = join(ROOT, 'build', 'addresses-example.mjs');
  writeFileSync(file, outputText);
  try {
    // a /run of its own
    const inside = ['unshare', '-m', 'sh', '-euc', 'mount -t tmpfs t /run; exec "$@"', 'sh'];
    const { status, stdout, stderr } = sandboxed(...inside, process.execPath, file);
    expect(stderr).toBe('');
    const comments = [...example.matchAll(/console\.log\(await .*\/\/ ([\d./]+)/g)].map(([, said]) => said);
    expect(stdout).toBe(`${comments.join('\n')}\ndb has 10.128.0.50/24\n`);
    expect(comments).toHaveLength(4);
    expect(status).toBe(0);
  } finally {
    rmSync(file);
  }
});
