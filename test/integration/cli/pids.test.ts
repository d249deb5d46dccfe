import { createNetns } from '../../../lib';
import { rtnetns } from '../../support/cli';
import { background, run } from '../../support/ip';

describe('rtnetns pids', () => {
  test('prints what ip netns pids prints, a number a line', async () => {
    await using red = await createNetns('red');
    expect(rtnetns('pids', 'red')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const sleep = ['ip', 'netns', 'exec', 'red', 'sh', '-c', 'echo; exec sleep 60'] as const;
    await using one = await background(...sleep);
    await using other = await background(...sleep);
    const expected = await run(undefined, 'ip', 'netns', 'pids', 'red');
    expect(rtnetns('pids', 'red').stdout).toBe(expected);
    expect(JSON.parse(rtnetns('pids', 'red', '--json').stdout)).toEqual([one.pid, other.pid]);
    expect(red.name).toBe('red');
  });

  test('there is no such namespace', () => {
    const { status, stdout, stderr } = rtnetns('pids', '\x1b[31m');
    expect(stderr).toBe('rtnetns: ENOENT: open namespace \\x1b[31m: there is no such namespace (open)\n');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});
