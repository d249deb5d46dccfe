// Before Linux 5.11, close_range(2) cannot mark descriptors as close-on-exec. This kernel seems to be such a one:
// test/support/old-kernel.c.
import { createNetns } from '../../../lib';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

async function list({ rtnetns: { exec, openNetns }, tell }: Tools) {
  const script = 'readlink /proc/self/ns/net; exec ls /proc/self/fd';
  tell((await exec(await openNetns('red'), 'sh', ['-c', script])).stdout);
}

describe('exec', () => {
  test('runs a command in the namespace, with its own descriptors and no other', async () => {
    await using red = await createNetns('red');
    const { told, stderr } = await onOldKernel(program(list));
    expect(stderr).toBe('');
    // the fourth is the directory that ls reads
    expect(told).toEqual([`net:[${red.ino}]\n0\n1\n2\n3\n`]);
  });
});
