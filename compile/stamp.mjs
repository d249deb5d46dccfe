// Whether anything has changed since the last time that all was compiled, so that nothing is compiled twice.
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the compiled files are made of. */
const SOURCES = [
  'lib',
  'compile',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Is written when all else is there. */
const STAMP = 'build/js/.compiled';
const COMPILED = ['dist/index.js', 'lab.schema.json', STAMP];

/** When the last change was. A directory changes when a file in it comes or goes. */
function lastChange(path) {
  const stat = statSync(path);
  const names = stat.isDirectory() ? readdirSync(path) : [];
  return Math.max(stat.mtimeMs, ...names.map((name) => lastChange(join(path, name))));
}

export function isCompiled() {
  return (
    COMPILED.every((file) => existsSync(file)) &&
    Math.max(...SOURCES.map(lastChange)) < statSync(STAMP).mtimeMs
  );
}

export function setCompiled() {
  writeFileSync(STAMP, '');
}
