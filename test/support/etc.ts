import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './cli';

export interface Etc extends Disposable {
  write(name: string, text: string): void;
}

/** Puts a directory with these files over /etc, in the sandbox's own mounts, until it is disposed of. */
export function etc(files: Readonly<Record<string, string>>): Etc {
  const directory = mkdtempSync(join(ROOT, 'build', 'etc-'));
  const write = (name: string, text: string): void => {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  execFileSync('mount', ['--bind', directory, '/etc']);
  return {
    write,
    [Symbol.dispose]() {
      execFileSync('umount', ['--lazy', '/etc']);
      rmSync(directory, { recursive: true });
    },
  };
}
