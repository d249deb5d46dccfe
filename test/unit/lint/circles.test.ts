import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/cli';

/** What dependency-cruiser reports of a tree, by the configuration of `npm run lint`. */
function cruise(directory: string): string {
  const config = join(ROOT, '.dependency-cruiser.mjs');
  const program = join(ROOT, 'node_modules/.bin/depcruise');
  return spawnSync(program, ['--config', config, directory], { encoding: 'utf8' }).stdout;
}

// a.ts and b.ts of a folder each
const CIRCLES = {
  values: [
    "import { b } from './b'; export const a = () => b;",
    "import { a } from './a'; export const b = a;",
  ],
  types: [
    "import type { B } from './b'; export type A = B[];",
    "import type { A } from './a'; export type B = A[];",
  ],
  mixed: [
    "import { b, type B } from './b'; export type A = B[]; export const a = b;",
    "import { type A } from './a'; export type B = A[]; export const b = 1;",
  ],
} as const;
const NO_CIRCLE = ["import { type B } from './b'; export type A = B[];", 'export type B = 1;'] as const;

describe('import circles', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-circles-'));
  let report: string;

  beforeAll(() => {
    for (const [folder, [a, b]] of Object.entries({ ...CIRCLES, none: NO_CIRCLE })) {
      mkdirSync(join(directory, folder));
      writeFileSync(join(directory, folder, 'a.ts'), a);
      writeFileSync(join(directory, folder, 'b.ts'), b);
    }
    report = cruise(directory);
  }, 60_000);

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test.each(Object.keys(CIRCLES))('one of %s is reported', (folder) => {
    expect(report).toMatch(new RegExp(`error no-circle: \\S*/${folder}/`));
  });

  test('imports that go one way are not', () => {
    expect(report).not.toContain('/none/');
  });
});
