import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sandboxed } from './cli';

// Files of tests, run in a sandbox as users run them.

/** What became of a run. */
export interface Run {
  status: number | null;
  said: string;
}

interface Runner {
  /** The name of a file that it takes for one of tests. */
  file: string;
  command: (directory: string, files: readonly string[]) => string[];
}

export const RUNNERS = {
  node: {
    file: 'node.test.mjs',
    command: (_, files) => ['--test', '--test-reporter=tap', ...files],
  },
  vitest: {
    file: 'vitest.test.mjs',
    command: (directory) => ['node_modules/vitest/vitest.mjs', ...['run', '--root', directory, '--no-color']],
  },
  /** The package is not below node_modules here, where jest would leave it as it is. */
  jest: {
    file: 'jest.test.js',
    command: (directory) => [
      'node_modules/jest/bin/jest.js',
      ...['--config', JSON.stringify({ rootDir: directory, transformIgnorePatterns: ['/dist/'] })],
    ],
  },
} as const satisfies Readonly<Record<string, Runner>>;

export type RunnerName = keyof typeof RUNNERS;

/** A directory for files of tests, inside the package, for its name to resolve to it. */
export function testDirectory(): { directory: string } & Disposable {
  const directory = mkdtempSync(join(ROOT, 'build', 'printed-'));
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
}

/** Runs a file of tests. */
export function runTests(
  name: RunnerName,
  text: string,
  { directory }: { directory: string },
  env: Readonly<Record<string, string>> = {},
): Run {
  const { file, command }: Runner = RUNNERS[name];
  writeFileSync(join(directory, file), text);
  const { status, stdout, stderr } = sandboxed(
    'env',
    ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
    process.execPath,
    ...command(directory, [join(directory, file)]),
  );
  return { status, said: stdout + stderr };
}

/** The numbers of tests that passed and failed, as each of the runners says it. */
export function counts({ said }: Pick<Run, 'said'>): { passed: number; failed: number } {
  const number = (...patterns: RegExp[]): number =>
    Number(patterns.map((pattern) => pattern.exec(said)?.[1]).find((one) => one !== undefined) ?? 0);
  return {
    passed: number(/^# pass (\d+)$/m, /^\s*Tests:? .*?(\d+) passed/m),
    failed: number(/^# fail (\d+)$/m, /^\s*Tests:? .*?(\d+) failed/m),
  };
}
