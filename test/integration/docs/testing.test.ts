import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sandboxed } from '../../support/cli';
import { printedIn } from '../../support/printed';

describe('docs/testing.md', () => {
  test('the tests pass as they are printed, and fail where the server answers otherwise', () => {
    const [example = ''] = printedIn('docs/testing.md');
    // inside the package, for its name to resolve to it
    const directory = mkdtempSync(join(ROOT, 'build', 'printed-'));
    const file = join(directory, 'web.test.mjs');
    const runTests = (text: string) => {
      writeFileSync(file, text);
      return sandboxed(process.execPath, '--test', '--test-reporter=tap', file);
    };
    try {
      const { status, stdout } = runTests(example);
      expect(stdout).toContain('# pass 3\n# fail 0\n');
      expect(status).toBe(0);
      const broken = runTests(example.replace('response.end(', 'response.writeHead(500).end('));
      expect(broken.stdout).toContain('# pass 2\n# fail 1\n');
      expect(broken.status).toBe(1);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
