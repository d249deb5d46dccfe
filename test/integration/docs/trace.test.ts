import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/cli';
import { printedIn, runPrinted } from '../../support/printed';

const PAGE = 'docs/trace.md';

describe('docs/trace.md', () => {
  test('the example prints what the page says that it prints', () => {
    const text = readFileSync(join(ROOT, PAGE), 'utf8');
    const [, printed = ''] = /```\n\n( {4}.*?)\n\nA step/s.exec(text) ?? [];
    // handles are as many as the rules before
    const lines = (said: string) => said.replace(/ #\d+:/g, ' #:').replace(/^ {4}/gm, '');
    expect(lines(runPrinted(printedIn(PAGE)[0]))).toBe(`${lines(printed)}\n`);
  });
});
