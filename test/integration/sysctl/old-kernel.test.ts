// On Linux 6.1 and before, whoever writes the forwarding of IPv6 has written one byte, however long the text was. This kernel
// seems to be such a one: test/support/old-kernel.c.
import { createNetns } from '../../../lib';
import { run } from '../../support/ip';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

async function forward({ rtnetns: { openNetns, setSysctl } }: Tools) {
  await setSysctl(await openNetns('red'), 'net.ipv6.conf.all.forwarding', 1);
}

describe('setSysctl', () => {
  test('writes the forwarding of IPv6', async () => {
    await using red = await createNetns('red');
    expect(await onOldKernel(program(forward))).toMatchObject({ code: 0, stderr: '' });
    expect(await run(red, 'sysctl', '-n', 'net.ipv6.conf.all.forwarding')).toBe('1\n');
  });
});
