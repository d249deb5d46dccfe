import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sandboxed } from '../../support/cli';
import { frames } from '../../support/packets';

// The examples of workers and captures, as they are.

const example = (name: string, ...args: string[]) =>
  sandboxed(process.execPath, join(ROOT, 'examples', name), ...args);

describe('examples', () => {
  test('worker.mjs: a server and its client', () => {
    expect(example('worker.mjs')).toEqual({
      status: 0,
      signal: null,
      stdout: 'hello, 10.0.1.2\n',
      stderr: '',
    });
  });

  test('capture.mjs: what it sees, and what it writes', () => {
    const directory = mkdtempSync(join(ROOT, 'build', 'example-'));
    try {
      const file = join(directory, 'ping.pcap');
      const { stdout, ...rest } = example('capture.mjs', file);
      expect(rest).toEqual({ status: 0, signal: null, stderr: '' });
      const lines = stdout.trim().split('\n');
      expect(lines.map((line) => line.replace(/^\S+Z /, ''))).toEqual([
        'outgoing 98 bytes',
        'host 98 bytes',
        `10 packets in ${file}, 0 lost`,
      ]);
      expect(frames(file).map(({ protocols, captured }) => [protocols.split(':')[3], captured])).toEqual(
        Array(10).fill(['icmp', 60]),
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
