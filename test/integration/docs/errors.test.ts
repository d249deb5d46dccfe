import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as rtnetns from '../../../lib';
import { ROOT } from '../../support/cli';
import { printedIn, runPrinted } from '../../support/printed';

const PAGE = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

/** Node's own codes, which the library hands out where node would. */
const NODES: ReadonlySet<string> = new Set([
  'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
  'ERR_SERVER_ALREADY_LISTEN',
  'ERR_WORKER_INVALID_EXEC_ARGV',
]);

function codesOfLib(): string[] {
  const lib = join(ROOT, 'lib');
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.flatMap(
    (file) => readFileSync(join(lib, file), 'utf8').match(/(?<=')ERR_\w+(?=')/g) ?? [],
  );
  return [...new Set(found)].filter((code) => !NODES.has(code)).sort();
}

describe('docs/errors.md', () => {
  test('all codes of the library are there, and no others', () => {
    const listed = [...PAGE.matchAll(/^\| `(ERR_\w+)` /gm)].map(([, code]) => code);
    expect(listed.sort()).toEqual(codesOfLib());
  });

  test('each of them has its cause and what to do', () => {
    const rows = [...PAGE.matchAll(/^\| `(ERR_\w+)` .*$/gm)];
    const filled = rows.filter(([row]) => row.split(' | ').filter((cell) => cell.trim() !== '').length === 4);
    expect(filled.map(([, code]) => code)).toEqual(rows.map(([, code]) => code));
  });

  test('all classes of errors are there', () => {
    const isError = (value: unknown) => typeof value === 'function' && value.prototype instanceof Error;
    const classes = Object.entries({ ...rtnetns, ...rtnetns.nft }).flatMap(([name, value]) =>
      isError(value) ? [name] : [],
    );
    expect(classes.length).toBeGreaterThan(5);
    expect(classes.filter((name) => !new RegExp(`^\\| \`(nft\\.)?${name}\``, 'm').test(PAGE))).toEqual([]);
  });

  test('the example runs as it is printed', () => {
    const [example = ''] = printedIn('docs/errors.md');
    const [, said = ''] = /console\.log\(.*\/\/ (.+)$/m.exec(example) ?? [];
    expect(runPrinted(example)).toBe(`${said}\n`);
  });
});
