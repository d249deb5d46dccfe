import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as library from '../../lib';
import { ROOT } from '../support/cli';

// The package under its own name, as package.json hands it out. That it installs, too, is for .ci/run to see.

const names = Object.keys(library).sort();

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

describe('package.json', () => {
  test('require finds every name', () => {
    const found = node('-p', `JSON.stringify(Object.keys(require('rtnetns')).sort())`);
    expect(JSON.parse(found)).toEqual(names);
  });

  test('import finds every name by name', () => {
    const program = `import { ${names.join(', ')} } from 'rtnetns';
    const netns = await createNetns();
    console.log((await listLinks(netns)).map(({ name }) => name).join());`;
    expect(node('--input-type=module', '-e', program)).toBe('lo\n');
  });

  test('what is published has all that building it takes, and nothing that only we need', () => {
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'binding.gyp',
        'dist/cli/main.js',
        'dist/index.d.ts',
        'dist/index.js',
        'native/addon.cc',
        'native/addon.h',
        'native/programs/sandbox/main.c',
        'native/toolchain.js',
        'package.json',
      ]),
    );
    const expected = /^(dist\/.+\.(js|d\.ts)|native\/.+|binding\.gyp|package\.json|LICENSE|README\.md)$/;
    expect(paths.filter((path) => !expected.test(path))).toEqual([]);
  });

  describe('types', () => {
    const directory = mkdtempSync(join(ROOT, 'build', 'consumer-'));
    afterAll(() => {
      rmSync(directory, { recursive: true });
    });

    test.each(['cts', 'mts'])(
      'are found and sound in a .%s file',
      (extension) => {
        const file = join(directory, `consumer.${extension}`);
        writeFileSync(
          file,
          `import { addAddr, createNetns, createVeth, type Link, listLinks, type Netns, NetlinkError } from 'rtnetns';
      export async function main(): Promise<Link[]> {
        await using red: Netns = await createNetns('red');
        await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1', up: true });
        await addAddr(red, 'eth0', '10.0.0.1/24').catch((error: unknown) => {
          if (!(error instanceof NetlinkError)) throw error;
        });
        // @ts-expect-error: a number is no address
        await addAddr(red, 'eth0', 1);
        return listLinks(red);
      }`,
        );
        const program = ts.createProgram([file], {
          module: ts.ModuleKind.Node16,
          target: ts.ScriptTarget.ES2022,
          lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
          types: ['node'],
          strict: true,
          noEmit: true,
        });
        const diagnostics = ts.getPreEmitDiagnostics(program);
        expect(
          diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
        ).toEqual([]);
      },
      60_000,
    );
  });
});
