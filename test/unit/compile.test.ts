import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/cli';

const FILES = {
  'tsconfig.build.json': JSON.stringify({
    // the fewest declarations, which take most of the time
    compilerOptions: {
      outDir: 'dist',
      rootDir: 'lib',
      module: 'commonjs',
      target: 'es2022',
      types: [],
      lib: ['es5'],
    },
    include: ['lib'],
  }),
  'lib/one.ts': 'export const one = 1;',
  'lib/index.ts': "export { one } from './one';",
  'lib/cli/main.ts': "import { one } from '../one'; export const two = () => one + 1;",
};

test('compile.mjs leaves imports of the library as they are, wherever the checkout is', () => {
  const root = mkdtempSync(join(tmpdir(), 'rtnetns-compile-'));
  const checkout = join(root, 'cli', 'checkout');
  try {
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(checkout, name)), { recursive: true });
      writeFileSync(join(checkout, name), text);
    }
    execFileSync(process.execPath, [join(ROOT, 'compile.mjs')], { cwd: checkout });
    const compiled = (name: string) => readFileSync(join(checkout, 'dist', name), 'utf8');
    expect(compiled('index.js')).toContain('var one_1 = require("./one");');
    expect(compiled('cli/main.js')).toContain('(one_1_ ??= require("../one"))');
  } finally {
    rmSync(root, { recursive: true });
  }
});
