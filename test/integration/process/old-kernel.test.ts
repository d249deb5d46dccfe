// Before Linux 5.11, close_range(2) cannot mark descriptors as close-on-exec, and before 5.9 there is no such call. This kernel seems
// to be such a one: test/support/old-kernel.c.
import { createNetns } from '../../../lib';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

async function list({ rtnetns: { exec, openNetns }, tell }: Tools) {
  const script = 'readlink /proc/self/ns/net; exec ls /proc/self/fd';
  tell((await exec(await openNetns('red'), 'sh', ['-c', script])).stdout);
}

describe('exec', () => {
  test.each(['close-range', 'close_range'])(
    'gives a command its own descriptors only, without %s',
    async (feature) => {
      await using red = await createNetns('red');
      const { told, stderr } = await onOldKernel(program(list), `RTNETNS_LACKS=${feature}`);
      expect(stderr).toBe('');
      // the fourth is the directory that ls reads
      expect(told).toEqual([`net:[${red.ino}]\n0\n1\n2\n3\n`]);
    },
  );
});
