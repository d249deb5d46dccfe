import { readFileSync } from 'node:fs';
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

/** What the commands print, one after another, in one sandbox. */
function run(commands: readonly string[]): string[] {
  const script = commands.map((command) => `${command}\nprintf '%s' '${MARK}'`).join('\n');
  const { status, stdout } = sandboxed(
    'bash',
    '-c',
    `rtnetns() { ${JSON.stringify(process.execPath)} ${JSON.stringify(CLI)} "$@"; }
    exec 2>&1
    ${script}`,
  );
  expect(status).toBe(0);
  return stdout.split(MARK).slice(0, -1);
}

/** What is different in each run. */
const VARYING: [RegExp, string][] = [
  [/net:\[\d+\]/g, 'net:[INO]'],
  [/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC'],
  [/ +$/gm, ''],
];

const settled = (text: string) =>
  VARYING.reduce((before, [found, name]) => before.replace(found, name), text);

describe('docs/command-line.md', () => {
  test('each command prints what the page shows', () => {
    const shown = examples();
    const printed = run(shown.map(({ command }) => command));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.map(({ command }, i) => ({ command, printed: settled(printed[i] ?? '') }))).toEqual(
      shown.map(({ command, printed: expected }) => ({ command, printed: settled(expected) })),
    );
  });
});
