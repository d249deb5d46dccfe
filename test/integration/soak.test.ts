import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/cli';

interface Holdings {
  descriptors: string[];
  threads: string[];
  ours: boolean;
  namespaces: string[];
  mounts: number;
}

interface Told {
  done: Record<string, number>;
  before: Holdings;
  after: Holdings;
  own: string;
}

describe('connect, listen, spawn, watch, createWorker', () => {
  test('2,000 operations, half of them aborted, leave nothing in the process', async () => {
    const program = join(__dirname, '../support/soak.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program, join(ROOT, 'dist'), '2000']);
    const { done, before, after, own } = JSON.parse(stdout) as Told;
    expect(done).toEqual({ connect: 600, listen: 500, spawn: 400, watch: 400, worker: 100 });
    expect(after).toEqual(before);
    expect(after.ours).toBe(true);
    // each thread, of node and of libuv, is where the process is
    expect(after.namespaces).toEqual([own]);
  });
});
