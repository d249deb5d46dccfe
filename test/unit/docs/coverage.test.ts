// docs/coverage.md names tests, and counts cases: each test that it names is there, and the counts are the sums of its tables.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../support/cli';

const PAGE = readFileSync(join(ROOT, 'docs/coverage.md'), 'utf8');
const VERDICTS = ['covered', 'not supported', 'elsewhere', 'no test'] as const;

interface Row {
  file: string;
  cases: number;
  ours: string;
}

const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The part of the page below a heading, up to the next one of its kind. */
const section = (title: string) => PAGE.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

/** The rows of a table, without its head. */
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map(cells);

const rows: Row[] = section('The cases')
  .split('\n### ')
  .slice(1)
  .flatMap((part) => {
    const [file = ''] = part.split('\n');
    return rowsOf(part).map(([, cases, ours = '']) => ({ file, cases: Number(cases), ours }));
  });

function verdictOf({ ours }: Row): string {
  if (ours.startsWith('`test/')) return 'covered';
  return VERDICTS.find((verdict) => ours.startsWith(`${verdict}: `)) ?? `no verdict: ${ours}`;
}

/** How many cases, and how many of each verdict. */
function counts(of: readonly Row[]): string[] {
  const sum = (some: readonly Row[]) => some.reduce((all, { cases }) => all + cases, 0);
  return [sum(of), ...VERDICTS.map((verdict) => sum(of.filter((row) => verdictOf(row) === verdict)))].map(
    String,
  );
}

/** The titles of a file's tests, and all texts in it. */
function textsOf(path: string): { titles: string[]; texts: string[] } {
  const source = ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.ES2022);
  const titles: string[] = [];
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|describe)/.test(node.expression.getText(source))) {
      titles.push(...node.arguments.filter(ts.isStringLiteralLike).map(({ text }) => text));
    }
    if (ts.isStringLiteralLike(node) || ts.isPropertyAssignment(node)) texts.push(textOf(node));
    ts.forEachChild(node, visit);
  };
  const textOf = (node: ts.StringLiteralLike | ts.PropertyAssignment) =>
    ts.isPropertyAssignment(node) ? node.name.getText(source) : node.text;
  visit(source);
  return { titles, texts };
}

interface Named {
  path: string;
  words: string[];
}

/** The files that a cell names, each with what stands behind it. */
function namedIn(ours: string): Named[] {
  const named: Named[] = [];
  for (const [, code = ''] of ours.matchAll(/`([^`]+)`/g)) {
    if (code.startsWith('test/')) named.push({ path: code, words: [] });
    else named.at(-1)?.words.push(code);
  }
  return named;
}

const covered = rows.filter((row) => verdictOf(row) === 'covered');
const named = covered.flatMap(({ ours }) => namedIn(ours));
const paths = [...new Set(named.map(({ path }) => path))].sort();

describe('docs/coverage.md', () => {
  test('the counts are the sums of the tables', () => {
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) expect(row).toMatchObject({ cases: expect.any(Number) as number });
    expect(rows.filter(({ cases }) => !(cases > 0))).toEqual([]);
    const files = [...new Set(rows.map(({ file }) => file))];
    const expected = files.map((file) => [file, ...counts(rows.filter((row) => row.file === file))]);
    expect(rowsOf(section('Counts'))).toEqual([...expected, ['all', ...counts(rows)]]);
  });

  test('each case has a verdict', () => {
    const verdicts = rows.map(verdictOf);
    expect(verdicts.filter((verdict) => !VERDICTS.some((known) => known === verdict))).toEqual([]);
  });

  test('each command of ip, bridge and tc has one row', () => {
    const commands = rowsOf(section('What ip, bridge and tc do besides')).map(([command]) => command);
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((command, i) => commands.indexOf(command) !== i)).toEqual([]);
  });

  test.each(paths)('%s has what the page names of it', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    const { titles, texts } = textsOf(path);
    for (const { words } of named.filter((one) => one.path === path)) {
      expect(words).not.toEqual([]);
      const [title = '', ...others] = words;
      // what is in test/support and beside tests has examples alone
      if (path.endsWith('.test.ts')) expect(titles).toContain(title);
      const examples = path.endsWith('.test.ts') ? others : words;
      for (const example of examples) expect(texts.filter((text) => text.includes(example))).not.toEqual([]);
    }
  });
});
