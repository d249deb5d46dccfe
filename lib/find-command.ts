import type { SpawnOptions } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// What confstr(3) gives execvp(3) to search where there is no PATH.
const DEFAULT_PATH = '/bin:/usr/bin';

/**
 * The file that a command is, as execvp(3) finds it: a command with a '/' as it stands, any other in the PATH of its
 * environment. Undefined where there is no such file. One that may not be executed is found, for the kernel to refuse.
 */
export function findCommand(
  command: string,
  { env = process.env, cwd }: Pick<SpawnOptions, 'env' | 'cwd'>,
): string | undefined {
  const directory = typeof cwd === 'object' ? fileURLToPath(cwd) : (cwd ?? '.');
  const candidates = command.includes('/')
    ? [command]
    : (env['PATH'] ?? DEFAULT_PATH).split(':').map((place) => `${place || '.'}/${command}`);
  let refused: string | undefined;
  for (const candidate of candidates) {
    const found = look(isAbsolute(candidate) ? candidate : resolve(directory, candidate));
    if (found === 'executable') return candidate;
    if (found === 'refused') refused ??= candidate;
  }
  return refused;
}

function look(path: string): 'executable' | 'refused' | 'missing' {
  try {
    const file = statSync(path, { throwIfNoEntry: false });
    if (file === undefined) return 'missing';
    if (!file.isFile()) return 'refused';
    accessSync(path, constants.X_OK);
    return 'executable';
  } catch {
    return 'refused';
  }
}
