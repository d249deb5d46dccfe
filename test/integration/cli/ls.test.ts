import { writeFileSync } from 'node:fs';
import { createNetns, createVeth, currentNetns, deleteNetns, setNsid } from '../../../lib';
import { powerless, rtnetns } from '../../support/cli';
import { background, run } from '../../support/ip';

const HOSTILE = 'e\x1b[31mvil';

describe('rtnetns ls', () => {
  test('prints nothing where there is no name', () => {
    expect(rtnetns('ls')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(rtnetns('ls', '--json')).toMatchObject({ status: 0, stdout: '[]\n', stderr: '' });
  });

  test('prints what ip netns prints, the devices and the processes', async () => {
    await using red = await createNetns('red');
    await using evil = await createNetns(HOSTILE);
    await createVeth({ netns: red, name: 'one' }, { netns: red, name: 'other' });
    await using here = await currentNetns();
    await setNsid(here, red, 4);
    writeFileSync('/run/netns/stale', '');
    await using sleeper = await background('ip', 'netns', 'exec', 'red', 'sh', '-c', 'echo; exec sleep 60');
    try {
      const { status, stdout, stderr } = rtnetns('ls');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout.trimEnd().split('\n')).toEqual([
        'NAME          ID     DEVICES  PROCESSES',
        'e\\x1b[31mvil  -      1        0',
        'red           4      3        1',
        'stale         stale',
      ]);
      expect(await run(undefined, 'ip', 'netns', 'list')).toContain('red (id: 4)');
      const json = rtnetns('ls', '--json').stdout;
      expect(json).not.toContain('\x1b');
      expect(JSON.parse(json)).toEqual([
        { name: HOSTILE, stale: false, devices: 1, processes: 0 },
        { name: 'red', stale: false, nsid: 4, devices: 3, processes: 1 },
        { name: 'stale', stale: true },
      ]);
      expect(evil.name).toBe(HOSTILE);
      expect(sleeper.pid).toBeGreaterThan(0);
    } finally {
      await deleteNetns('stale');
    }
  });

  test('names the capability that is missing', async () => {
    await using red = await createNetns('red');
    const { status, stdout, stderr } = powerless('ls');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^rtnetns: EPERM: .* red: CAP_SYS_ADMIN is missing .*: run as root.*\n$/);
    expect(red.name).toBe('red');
  });
});
