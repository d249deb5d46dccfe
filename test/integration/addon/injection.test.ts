import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../support/cli';

interface Failed {
  stdout: string;
  stderr: string;
}

// Another part of all points each day; those at which a fault was found are always among them.
const MOST = 1;

describe('native', () => {
  test('a system call that fails is an error that names the operation, and leaves nothing', async () => {
    const program = join(ROOT, 'test/injection/main.js');
    const run = promisify(execFile)(process.execPath, [program, '--most', String(MOST)]);
    const { stdout, stderr } = await run.catch((error: unknown) => error as Failed);
    // all that it printed, where there is a fault
    expect(stderr + stdout).toMatch(/, 0 with a fault --most/);
  }, 480_000);
});
