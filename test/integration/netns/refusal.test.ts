import { constants } from 'node:os';
import { addAddr, setLink } from '../../../lib';
import { failure, node } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';
import { filtering } from '../../support/seccomp';

describe('NetnsError', () => {
  test('a seccomp filter is not taken for a missing capability', async () => {
    const said = await node(
      'say(await told(rtnetns.createNetns()))',
      ...filtering(['unshare', 'setns'], constants.errno.EPERM),
    );
    expect(said).toEqual([
      expect.objectContaining({
        name: 'NetnsError',
        code: 'EPERM',
        message: expect.stringContaining('so its seccomp filter refuses the system call') as string,
      }),
    ]);
  });

  test('without /proc, namespaces are not said to be missing', async () => {
    const script = 'mount -t tmpfs none /proc; exec "$0" "$@"';
    const calls = `
      say(await told(rtnetns.listNetns()));
      say(await told(rtnetns.currentNetns()));`;
    const said = await node(calls, 'unshare', '-m', 'sh', '-ec', script);
    expect(said).toHaveLength(2);
    for (const one of said) {
      expect(one).toMatchObject({ name: 'NetnsError', code: 'ENOENT' });
      expect((one as Error).message).toContain('there is no /proc');
    }
  });

  test('a device whose MTU is too small for IPv6 is named as the reason', async () => {
    await using netns = await netnsWithPair();
    await setLink(netns, 'eth0', { up: true, mtu: 1000 });
    const refusal = await failure(addAddr(netns, 'eth0', 'fd00::1/64'));
    expect(refusal).toMatchObject({ code: 'EINVAL' });
    expect(refusal.message).toContain('MTU is below 1280');
  });
});
