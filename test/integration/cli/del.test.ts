import { writeFileSync } from 'node:fs';
import { createNetns, createVeth, currentNetns, deleteNetns } from '../../../lib';
import { powerless, rtnetns } from '../../support/cli';
import { ip, names } from '../../support/ip';

describe('rtnetns del', () => {
  test('deletes names, and stale ones', async () => {
    rtnetns('add', 'red', 'blue');
    writeFileSync('/run/netns/stale', '');
    expect(rtnetns('del', 'red', 'stale', 'blue')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(await names()).toEqual([]);
  });

  test.each([[[]], [['--wait']]])('deletes the others where one is not there: %p', async (flags) => {
    rtnetns('add', 'red', 'blue');
    writeFileSync('/run/netns/stale', '');
    const { status, stdout, stderr } = rtnetns('del', ...flags, 'red', 'nobody', 'blue', 'stale');
    expect(stderr).toMatch(/^rtnetns: ENOENT: (delete|open) namespace nobody: [^\n]*\n$/);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(await names()).toEqual([]);
  });

  test('--wait ends when the devices are gone, too', async () => {
    await using here = await currentNetns();
    const red = await createNetns('red');
    await createVeth({ netns: here, name: 'to-red' }, { netns: red, name: 'eth0' });
    red.close();
    expect(rtnetns('del', '--wait', 'red').status).toBe(0);
    expect((await ip(undefined, 'link')).map(({ ifname }) => ifname)).not.toContain('to-red');
  });

  test('deletes nothing where a name is wrong', async () => {
    await using red = await createNetns('red');
    const { status, stderr } = rtnetns('del', 'red', '..');
    expect(stderr).toMatch(/^rtnetns: name: a namespace name must not be '.' or '..', got "\.\."\n$/);
    expect(status).toBe(2);
    expect(await names()).toEqual([red.name]);
  });

  test('names the capability that is missing', async () => {
    await using red = await createNetns('red');
    for (const flags of [[], ['--wait']]) {
      const { status, stderr } = powerless('del', ...flags, 'red');
      expect(stderr).toMatch(/^rtnetns: E(PERM|ACCES): [^\n]*CAP_[^\n]*\n$/);
      expect(status).toBe(1);
    }
    expect(await names()).toEqual([red.name]);
    await deleteNetns(red);
  });
});
