import { readFileSync } from 'node:fs';

export type ExitCodeRow = [command: string, code: string, meaning: string];

/** The rows of the table in docs/commands.md. */
export const EXIT_CODE_ROWS = readFileSync('docs/commands.md', 'utf8')
  .split('\n')
  .flatMap((line): ExitCodeRow[] => {
    const [, command, code, meaning] = /^\| `(\w+)` +\| (\d+|other) +\| (.*?) +\|$/.exec(line) ?? [];
    return command === undefined ? [] : [[command, code!, meaning!]];
  });
