import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './cli';

/** What a rule of eslint.config.mjs reports of texts, each as if it stood in that file of the tree. */
export function lint(rule: string, texts: readonly (readonly [file: string, text: string])[]): string[][] {
  const input = JSON.stringify(texts.map(([file, text]) => ({ file, text })));
  const options = { cwd: ROOT, input, encoding: 'utf8' } as const;
  return JSON.parse(
    execFileSync(process.execPath, [join(ROOT, 'test/lint/run.mjs'), rule], options),
  ) as string[][];
}
