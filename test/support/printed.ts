import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, sandboxed } from './cli';

/** The examples that a page prints: README.md, or one of docs/. */
export function printedIn(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/```[jt]s\n(.*?)```/gs)].map(([, example = '']) => example);
}

/** What an example says that it prints, a line for each comment: '1' of `console.log(one); // 1`. */
export function announced(example: string): string[] {
  return [...example.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = '']) => text);
}

/** Runs an example as it is printed, in a sandbox: what it says. In front of node may be what it is to be run by. */
export function runPrinted(example = '', ...wrapper: string[]): string {
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  // inside the package, for its name to resolve to it
  const directory = mkdtempSync(join(ROOT, 'build', 'printed-'));
  const file = join(directory, 'example.mjs');
  writeFileSync(file, outputText);
  try {
    const { status, stdout, stderr } = sandboxed(...wrapper, process.execPath, file);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs each example of a page, and compares what it prints with its comments. */
export function testPrinted(page: string): void {
  test.each(printedIn(page).map((example, i) => ({ example, number: i + 1 })))(
    'example $number prints what its comments say',
    ({ example }) => {
      expect(announced(example).length).toBeGreaterThan(0);
      expect(runPrinted(example).trim().split('\n')).toEqual(announced(example));
    },
  );
}
