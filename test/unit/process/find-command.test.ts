import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findCommand } from '../../../lib/process/find-command';

const directory = mkdtempSync(join(tmpdir(), 'rtnetns-find-'));
afterAll(() => rmSync(directory, { recursive: true }));

for (const name of ['first', 'second']) mkdirSync(join(directory, name));
writeFileSync(join(directory, 'first/tool'), '#!/bin/sh\necho first\n');
writeFileSync(join(directory, 'second/tool'), '#!/bin/sh\necho second\n');
chmodSync(join(directory, 'second/tool'), 0o755);
mkdirSync(join(directory, 'first/folder'));

const PATH = `${directory}/nowhere:${directory}/first:${directory}/second`;

const path = (found: string) => ({ path: found });

test('the first that may be executed, as the shell finds it', () => {
  const said = execFileSync('/bin/sh', ['-c', 'command -v tool'], { env: { PATH }, encoding: 'utf8' });
  expect(findCommand('tool', { env: { PATH } })).toEqual(path(said.trim()));
  expect(said).toContain('second');
});

test('what may not be executed, if there is no other', () => {
  for (const command of ['tool', 'folder', `${directory}/first/tool`, '/']) {
    expect(findCommand(command, { env: { PATH: `${directory}/first:/nowhere` } })).toEqual({
      code: 'EACCES',
    });
  }
});

test('what is not there', () => {
  expect(findCommand('no-such-tool', { env: { PATH } })).toEqual({ code: 'ENOENT' });
  expect(findCommand('tool', { env: { PATH: `${directory}/nowhere` } })).toEqual({ code: 'ENOENT' });
  expect(findCommand('tool', { env: { PATH: `${directory}/second/tool` } })).toEqual({ code: 'ENOENT' });
  expect(findCommand(`${directory}/tool`, { env: { PATH } })).toEqual({ code: 'ENOENT' });
});

test('a path that is wrong in another way is for the kernel', () => {
  const odd = `${directory}/second/tool/below`;
  expect(findCommand(odd, { env: { PATH } })).toEqual(path(odd));
});

test.each([directory, pathToFileURL(directory)])('relative to the working directory %s', (cwd) => {
  expect(findCommand('second/tool', { cwd })).toEqual(path('second/tool'));
  expect(findCommand('./nowhere/tool', { cwd })).toEqual({ code: 'ENOENT' });
  expect(findCommand('tool', { cwd, env: { PATH: 'first:second' } })).toEqual(path('second/tool'));
});

test('an empty place is the working directory, and no PATH is that of execvp', () => {
  expect(findCommand('tool', { cwd: join(directory, 'second'), env: { PATH: '' } })).toEqual(path('./tool'));
  expect(findCommand('sh', { env: {} })).toEqual(path('/bin/sh'));
});
