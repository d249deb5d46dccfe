import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './cli';
import { type Ended, runProgram } from './program';

const LIBRARY = join(ROOT, 'build/test/old-kernel.so');

/** Runs a program, the text of `program()`, on what is to it a kernel of the oldest version that rtnetns works on. */
export async function onOldKernel(text: string, ...env: string[]): Promise<Ended> {
  build();
  return runProgram(text, { wrapper: ['env', `LD_PRELOAD=${LIBRARY}`, ...env] });
}

/** By renaming, because the tests of another file may be loading the library. */
function build(): void {
  mkdirSync(dirname(LIBRARY), { recursive: true });
  const built = `${LIBRARY}.${process.pid}`;
  const source = join(__dirname, 'old-kernel.c');
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-O1', '-o', built, source]);
  renameSync(built, LIBRARY);
}
