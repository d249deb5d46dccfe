import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sandboxed } from '../../support/cli';
import { printedIn } from '../../support/printed';

const [ofNode = '', ofVitest = '', ofJest = ''] = printedIn('docs/testing.md');

/** Runs a file of tests, by a command that gets the file's directory. */
function runTests(name: string, text: string, command: (directory: string) => string[]) {
  // inside the package, for its name to resolve to it
  const directory = mkdtempSync(join(ROOT, 'build', 'printed-'));
  try {
    writeFileSync(join(directory, name), text);
    const { status, stdout, stderr } = sandboxed(process.execPath, ...command(directory));
    return { status, said: stdout + stderr };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const byNode = (text: string) =>
  runTests('web.test.mjs', text, (directory) => [
    '--test',
    '--test-reporter=tap',
    join(directory, 'web.test.mjs'),
  ]);

const byVitest = (text: string) =>
  runTests('ping.test.mjs', text, (directory) => [
    'node_modules/vitest/vitest.mjs',
    ...['run', '--root', directory, '--no-color'],
  ]);

/** The package is not below node_modules here, where jest would leave it as it is. */
const byJest = (text: string) =>
  runTests('ping.test.js', text, (directory) => [
    'node_modules/jest/bin/jest.js',
    ...['--config', JSON.stringify({ rootDir: directory, transformIgnorePatterns: ['/dist/'] })],
  ]);

describe('docs/testing.md', () => {
  test('the tests pass as they are printed, and fail where the server answers otherwise', () => {
    const { status, said } = byNode(ofNode);
    expect(said).toContain('# pass 3\n# fail 0\n');
    expect(status).toBe(0);
    const broken = byNode(ofNode.replace('response.end(', 'response.writeHead(500).end('));
    expect(broken.said).toContain('# pass 2\n# fail 1\n');
    expect(broken.status).toBe(1);
  });

  test.each([
    ['vitest', byVitest, ofVitest],
    ['jest', byJest, ofJest],
  ])('the test for %s passes as it is printed, and fails without the pair', (_, run, text) => {
    const { status, said } = run(text);
    expect(said).toMatch(/Tests: +1 passed|Tests {2}1 passed/);
    expect(status).toBe(0);
    const broken = run(text.replace("up: true, addrs: ['10.0.0.2/24']", 'up: false'));
    expect(broken.said).toMatch(/Tests: +1 failed|Tests {2}1 failed/);
    expect(broken.status).toBe(1);
  });
});
