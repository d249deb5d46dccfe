import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { nft } from '../../../lib';
import { ROOT, sandboxed } from '../../support/cli';

const page = readFileSync(join(ROOT, 'docs', 'nftables.md'), 'utf8');

describe('docs/nftables.md', () => {
  test('the example runs as it is printed', () => {
    const [, example = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
    const { outputText } = ts.transpileModule(example, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
    });
    // inside the package, for its name to resolve to it
    const file = join(ROOT, 'build', 'nftables-example.mjs');
    writeFileSync(file, outputText);
    try {
      const { status, stdout, stderr } = sandboxed(
        'sh',
        '-c',
        `'${process.execPath}' '${file}' && nft list ruleset`,
      );
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^3 chains, 4 rules, 2 sets\n/);
      const words = (text: string) => text.replace(/\s+/g, ' ').trim();
      const [, shown = ''] = /among the rest,\n\n(.*?)\n\n## /s.exec(page) ?? [];
      expect(words(stdout)).toContain(words(shown));
      expect(status).toBe(0);
    } finally {
      rmSync(file);
    }
  });

  test('the elements and the keys that are printed are taken', () => {
    const [, printed = ''] = /finds an element:\n\n(.*?)\n\n/s.exec(page) ?? [];
    const operations = printed.trim().replaceAll(';', ',');
    const program = `
      import { currentNetns, nft } from 'rtnetns';
      const table = { family: 'inet', name: 'forms' };
      const set = { table, name: 's', key: 'ipv4_addr', flags: ['timeout'] };
      const here = await currentNetns();
      await nft.apply(here, [nft.addTable(table), nft.addSet(set), ${operations}]);
      console.log((await nft.listElements(here, set)).length);
      here.close();`;
    const { stdout, stderr } = sandboxed(process.execPath, '--input-type=module', '-e', program);
    expect({ stdout, stderr, lines: operations.split('\n').length }).toEqual({
      stdout: '0\n',
      stderr: '',
      lines: 2,
    });
  });

  test('the page names every function', () => {
    const functions = Object.entries(nft).filter(
      ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
    );
    expect(functions.length).toBeGreaterThan(40);
    expect(functions.map(([name]) => name).filter((name) => !page.includes(name))).toEqual([]);
  });
});
