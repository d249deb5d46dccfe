import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, ROOT, sandboxed } from '../../support/cli';

const PAGE = 'docs/command-line.md';

interface Example {
  command: string;
  printed: string;
}

/** The commands of the page, each with what the page shows below it. */
function examples(): Example[] {
  const text = readFileSync(join(ROOT, PAGE), 'utf8');
  return [...text.matchAll(/```console\n(.*?)```/gs)]
    .flatMap(([, block = '']) => block.split(/^\$ /m).slice(1))
    .map((example) => {
      const end = example.indexOf('\n');
      return { command: example.slice(0, end), printed: example.slice(end + 1) };
    });
}

const MARK = '--- the next command ---\n';

/** Where the page has Ctrl-C, a command is interrupted when it has printed the line before. */
function scriptOf({ command, printed }: Example): string {
  const last = /(?:^|\n)(.*)\n\^C\n$/.exec(printed)?.[1];
  if (last === undefined) return command;
  return `coproc ${command}
    while IFS= read -ru "\${COPROC[0]}" line; do
      printf '%s\\n' "$line"
      if [ "$line" = '${last}' ]; then printf '^C\\n'; kill -INT $COPROC_PID; fi
    done
    wait`;
}

/** What the commands print, one after another, in one sandbox. */
function run(shown: readonly Example[]): string[] {
  const script = shown.map((example) => `${scriptOf(example)}\nprintf '%s' '${MARK}'`).join('\n');
  // a program and no function of the shell, for a signal to get there
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-command-line-'));
  const program = join(directory, 'rtnetns');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 });
  try {
    const { status, stdout } = sandboxed('bash', '-c', `exec 2>&1; PATH=${directory}:$PATH\n${script}`);
    expect(status).toBe(0);
    return stdout.split(MARK).slice(0, -1);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What is different in each run. */
const VARYING: [RegExp, string][] = [
  [/net:\[\d+\]/g, 'net:[INO]'],
  [/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC'],
  [/^\d\d:\d\d:\d\d\.\d{6}/gm, 'CLOCK'],
  [/ id \d+/g, ' ID'],
  [/^\d+ (?=packets received)/gm, ''],
  [/time=[\d.]+ ms|time \d+ms/g, 'TIME'],
  [/(rtt .* = ).*/g, '$1RTT'],
  [/ +$/gm, ''],
];

const settled = (text: string) =>
  VARYING.reduce((before, [found, name]) => before.replace(found, name), text);

describe('docs/command-line.md', () => {
  test('each command prints what the page shows', () => {
    const shown = examples();
    const printed = run(shown);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.map(({ command }, i) => ({ command, printed: settled(printed[i] ?? '') }))).toEqual(
      shown.map(({ command, printed: expected }) => ({ command, printed: settled(expected) })),
    );
  });
});
