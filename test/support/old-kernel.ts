import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cli';
import { type Ended, runProgram } from './program';

const LIBRARY = join(ROOT, 'build/test/old-kernel.so');

/** Runs a program, the text of `program()`, on what is to it a kernel of the oldest version that rtnetns works on. */
export async function onOldKernel(text: string, ...env: string[]): Promise<Ended> {
  mkdirSync(join(ROOT, 'build/test'), { recursive: true });
  const source = join(__dirname, 'old-kernel.c');
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-O1', '-o', LIBRARY, source]);
  return runProgram(text, { wrapper: ['env', `LD_PRELOAD=${LIBRARY}`, ...env] });
}
