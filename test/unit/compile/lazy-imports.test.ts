import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../support/cli';

const SOURCES = {
  'counter.ts':
    "console.log('counter'); export class Counter { value = 1; } export const next = (n: number) => n + 1;",
  'words.ts': "console.log('words'); export const word = 'one';",
  'main.ts': `import { basename } from 'node:path';
    import { Counter, next } from './counter';
    export { word } from './words';
    export * as words from './words';
    console.log('main', basename('a/b'));
    export const two = () => next(new Counter().value);`,
};

/** Compiles the modules as compile/ does, and runs a program beside them: what it prints. */
function run(program: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-lazy-'));
  try {
    for (const [name, source] of Object.entries(SOURCES)) {
      const compilerOptions = {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
      };
      const { outputText } = ts.transpileModule(source, { compilerOptions });
      writeFileSync(join(directory, name.replace(/ts$/, 'js')), outputText);
    }
    const lazy = `import { readFileSync, writeFileSync } from 'node:fs';
      import { withLazyImports } from ${JSON.stringify(join(ROOT, 'compile/lazy-imports.mjs'))};
      writeFileSync('main.js', withLazyImports('main.js', readFileSync('main.js', 'utf8')));`;
    execFileSync(process.execPath, ['--input-type=module', '-e', lazy], { cwd: directory });
    return execFileSync(process.execPath, ['-e', program], { cwd: directory, encoding: 'utf8' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test.each([
  ['nothing is used', "require('./main')", ['main b']],
  ['a function uses an import', "console.log(require('./main').two())", ['main b', 'counter', '2']],
  ['an export is read', "console.log(require('./main').word)", ['main b', 'words', 'one']],
  ['exports are listed', "console.log(Object.keys(require('./main')).join())", ['main b', 'word,words,two']],
  [
    'a namespace is read twice',
    "const { words } = require('./main'); console.log(words === require('./main').words, words.word)",
    ['main b', 'words', 'true one'],
  ],
])('where %s, a module evaluates the imports that it takes', (_, program, lines) => {
  expect(run(program).trimEnd().split('\n')).toEqual(lines);
});
