import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findCommand } from '../../lib/find-command';

const directory = mkdtempSync(join(tmpdir(), 'rtnetns-find-'));
afterAll(() => rmSync(directory, { recursive: true }));

for (const name of ['first', 'second']) mkdirSync(join(directory, name));
writeFileSync(join(directory, 'first/tool'), '#!/bin/sh\necho first\n');
writeFileSync(join(directory, 'second/tool'), '#!/bin/sh\necho second\n');
chmodSync(join(directory, 'second/tool'), 0o755);
mkdirSync(join(directory, 'first/folder'));

const PATH = `${directory}/nowhere:${directory}/first:${directory}/second`;

test('the first that may be executed, as the shell finds it', () => {
  const said = execFileSync('/bin/sh', ['-c', 'command -v tool'], { env: { PATH }, encoding: 'utf8' });
  expect(findCommand('tool', { env: { PATH } })).toBe(said.trim());
  expect(said).toContain('second');
});

test('one that may not be executed is found, if there is no other', () => {
  expect(findCommand('tool', { env: { PATH: `${directory}/first` } })).toBe(`${directory}/first/tool`);
  expect(findCommand('folder', { env: { PATH } })).toBe(`${directory}/first/folder`);
});

test('what is not there', () => {
  expect(findCommand('no-such-tool', { env: { PATH } })).toBeUndefined();
  expect(findCommand('tool', { env: { PATH: `${directory}/nowhere` } })).toBeUndefined();
  expect(findCommand(`${directory}/tool`, { env: { PATH } })).toBeUndefined();
});

test.each([directory, pathToFileURL(directory)])('relative to the working directory %s', (cwd) => {
  expect(findCommand('second/tool', { cwd })).toBe('second/tool');
  expect(findCommand('./nowhere/tool', { cwd })).toBeUndefined();
  expect(findCommand('tool', { cwd, env: { PATH: 'first:second' } })).toBe('second/tool');
});

test('an empty place is the working directory, and no PATH is that of execvp', () => {
  expect(findCommand('tool', { cwd: join(directory, 'second'), env: { PATH: '' } })).toBe('./tool');
  expect(findCommand('sh', { env: {} })).toMatch(/^(\/usr)?\/bin\/sh$/);
});
