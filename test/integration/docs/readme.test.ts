import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as rtnetns from '../../../lib';
import { ROOT, sandboxed } from '../../support/cli';
import { printedIn, runPrinted } from '../../support/printed';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

const examples = printedIn('README.md');

describe('README.md', () => {
  test('the example runs as it is printed', () => {
    expect(runPrinted(examples[0])).toMatch(/^3 answers, 0\.\d{3} ms on average\n$/);
  });

  test('so does that of networks', () => {
    const example = examples.find((one) => one.includes('createBridgeNetwork'));
    expect(runPrinted(example)).toBe('hello, 192.0.2.9\nhello, 10.200.0.3\n');
  });

  test('so does that of a trace', () => {
    const example = examples.find((one) => one.includes('formatTrace'));
    const [, printed = ''] = /formatTrace\(found\).*?```\n\n(.*?)\n\n## /s.exec(readme) ?? [];
    expect(runPrinted(example)).toBe(`${printed.replace(/^ {4}/gm, '')}\n`);
  });

  test('so does that of a lab, whose picture is the one of now', () => {
    const example = examples.find((one) => one.includes('createLab'));
    expect(runPrinted(example)).toBe('1 answer of 10.1.0.2\n');
    const { stdout, stderr } = sandboxed(process.execPath, 'compile/lab-picture.mjs');
    expect(stderr).toBe('');
    expect(readFileSync(join(ROOT, 'docs/lab.svg'), 'utf8')).toBe(stdout);
  });

  test('the table names every public function', () => {
    const functions = Object.entries(rtnetns).filter(
      ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
    );
    const missing = functions.map(([name]) => name).filter((name) => !readme.includes(`\`${name}`));
    expect(missing).toEqual([]);
  });
});
