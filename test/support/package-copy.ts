import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, SANDBOX } from './cli';

/** The name of the directory of prebuilds/ that is for the machine of the tests. */
export const TARGET = `linux-${process.arch}-${hasGlibc() ? 'glibc' : 'musl'}`;

/** A copy of the package that has no addon, in a directory of its own, for as long as the scope lasts. */
export function copyPackage(...parts: readonly string[]): { directory: string } & Disposable {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-package-'));
  for (const part of ['dist', 'package.json', ...parts])
    cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
}

/** Puts what the tests use to the place of a prebuild of the copy. */
export function addPrebuild(directory: string, target = TARGET): void {
  mkdirSync(join(directory, 'prebuilds', target), { recursive: true });
  for (const file of ['rtnetns.node', 'rtnetns-exec', 'rtnetns-sandbox'])
    cpSync(join(dirname(SANDBOX), file), join(directory, 'prebuilds', target, file));
}

/** Leaves nothing of the copy's addon that takes long to compile. */
export function shrinkSources(directory: string): void {
  const native = join(directory, 'native');
  const sources = readdirSync(native, { recursive: true, encoding: 'utf8' });
  for (const file of sources.filter((name) => name.endsWith('.cc'))) rmSync(join(native, file));
  writeFileSync(join(native, 'addon.cc'), 'int nothing;\n');
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
