import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createNetns, deleteNetns } from '../../../lib';
import { rtnetns } from '../../support/cli';
import { EXIT_CODE_ROWS } from '../../support/exit-code-rows';

/** What bash offers for the last of these words. */
function bash(...words: string[]): string[] {
  const script = `eval "$(cat)"; compopt() { :; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rtnetns; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', script, 'bash', 'rtnetns', ...words];
  const { stdout, stderr } = spawnSync('bash', args, {
    encoding: 'utf8',
    input: rtnetns('completion', 'bash').stdout,
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

/** What zsh is given to choose from, before it compares that with the last of these words. */
function zsh(...words: string[]): string[] {
  const script = `compdef() { :; }; eval "$(cat)"
    compadd() { [[ $1 == -a ]] && print -rl -- \${(P)2} || { shift; print -rl -- $@; } }
    _files() { print FILES; }; _alternative() { print COMMANDS; }
    words=("$@"); CURRENT=$#; _rtnetns`;
  const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script, 'zsh', 'rtnetns', ...words], {
    encoding: 'utf8',
    input: rtnetns('completion', 'zsh').stdout,
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

const hasZsh = spawnSync('zsh', ['--version']).status === 0;

/** The commands that the help lists, but for `help`. */
const COMMANDS = [...rtnetns('--help').stdout.matchAll(/^ {2}([a-z]+) /gm)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'help');

/** The commands of the table of exit codes. */
const DOCUMENTED = new Set(EXIT_CODE_ROWS.map(([command]) => command));

const optionsOf = (command: string) =>
  [...rtnetns(command, '--help').stdout.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(
    ([, short, long]) => [short, long].filter((flag) => flag !== undefined),
  );

describe('rtnetns completion', () => {
  beforeAll(async () => {
    for (const name of ['red', 'gr een', '$(reboot)']) (await createNetns(name)).close();
    writeFileSync('/run/netns/stale', '');
  });
  afterAll(async () => deleteNetns(['red', 'gr een', '$(reboot)', 'stale']));

  test('bash is offered the commands that the help lists, and their options', () => {
    expect(new Set(['rtnetns', ...COMMANDS])).toEqual(DOCUMENTED);
    expect(bash('').sort()).toEqual([...COMMANDS].sort());
    for (const command of COMMANDS) expect(bash(command, '-').sort()).toEqual(optionsOf(command).sort());
    expect(bash('--debug', 'ca')).toEqual(['capture']);
    expect(bash('--', '')).toEqual(COMMANDS);
  });

  test.each([
    [
      ['show', ''],
      ['\\$\\(reboot\\)', 'gr\\ een', 'red', 'stale'],
    ],
    [['show', 'g'], ['gr\\ een']],
    [['show', 'red', ''], []],
    [['del', 'red', 's'], ['stale']],
    [['add', ''], []],
    [['trace', '--from', 're'], ['red']],
    [['trace', '--to', 're'], []],
    [['capture', 'red', '-c', '3', '--write', '/etc/hostn'], ['/etc/hostname']],
    [['exec', 'red', 'printen'], ['printenv']],
    [['exec', 'red', 'ls', '--'], []],
    [['sandbox', 'printen'], ['printenv']],
    [
      ['completion', ''],
      ['bash', 'zsh'],
    ],
    [['nobody', ''], []],
  ])('bash is offered for %j: %j', (words, offered) => {
    expect([...new Set(bash(...words))]).toEqual(offered);
  });

  test('zsh is offered the same', () => {
    const table = (shell: string) => rtnetns('completion', shell).stdout.match(/^ {4}\S+\) options=.*$/gm);
    expect(table('zsh')).toEqual(table('bash'));
    if (!hasZsh) return;
    expect(zsh('')).toEqual(COMMANDS);
    for (const command of COMMANDS) expect(zsh(command, '-').sort()).toEqual(optionsOf(command).sort());
    expect(zsh('show', '')).toEqual(['$(reboot)', 'gr een', 'red', 'stale']);
    expect(zsh('show', 'red', '')).toEqual([]);
    expect(zsh('trace', '--from', '')).toContain('red');
    expect(zsh('capture', 'red', '-w', '')).toEqual(['FILES']);
    expect(zsh('exec', 'red', '')).toEqual(['COMMANDS']);
    expect(zsh('exec', 'red', 'ls', '-')).toEqual(['COMMANDS']);
    expect(zsh('completion', '')).toEqual(['bash', 'zsh']);
  });
});
