import type { SpawnOptions } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// What confstr(3) gives execvp(3) to search where there is no PATH.
const DEFAULT_PATH = '/bin:/usr/bin';

/** Where it is, or the error that execvp(3) ends in. */
export type Found = { path: string } | { code: 'ENOENT' | 'EACCES' };

/**
 * The file that a command is, as execvp(3) finds it: a command with a '/' as it stands, any other in the PATH of its
 * environment, where what may not be executed is passed over.
 */
export function findCommand(
  command: string,
  { env = process.env, cwd }: Pick<SpawnOptions, 'env' | 'cwd'>,
): Found {
  const directory = typeof cwd === 'object' ? fileURLToPath(cwd) : (cwd ?? '.');
  const candidates = command.includes('/')
    ? [command]
    : (env['PATH'] ?? DEFAULT_PATH).split(':').map((place) => `${place || '.'}/${command}`);
  let code: 'ENOENT' | 'EACCES' = 'ENOENT';
  for (const path of candidates) {
    const found = look(isAbsolute(path) ? path : resolve(directory, path));
    // any other fault of a path is reported by execve(2)
    if (found === 'executable' || (found === 'odd' && path === command)) return { path };
    if (found === 'refused') code = 'EACCES';
  }
  return { code };
}

type Look = 'executable' | 'refused' | 'missing' | 'odd';

const FAULTS: Readonly<Partial<Record<string, Look>>> = { EACCES: 'refused', ENOENT: 'missing' };

function look(path: string): Look {
  try {
    // not { throwIfNoEntry: false }, because Node 26 then takes a path through a file for a missing file
    if (!statSync(path).isFile()) return 'refused';
    accessSync(path, constants.X_OK);
    return 'executable';
  } catch (error) {
    return FAULTS[(error as { code: string }).code] ?? 'odd';
  }
}
