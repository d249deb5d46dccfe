import { addAddr, setLink } from '../../../lib';
import { failure, node } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

/** Runs a command under a seccomp filter that answers EPERM to unshare(2) and setns(2). */
const FILTERED = `
import ctypes, os, platform, struct, sys
numbers = (272, 308) if platform.machine() == 'x86_64' else (97, 268)
code = [(0x20, 0, 0, 0), (0x15, 2, 0, numbers[0]), (0x15, 1, 0, numbers[1]), (0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x00050001)]
program = b''.join(struct.pack('HBBI', *one) for one in code)
held = ctypes.create_string_buffer(program)
filter = struct.pack('HxxxxxxQ', len(code), ctypes.addressof(held))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.c_char_p(filter), 0, 0) == 0, ctypes.get_errno()
os.execvp(sys.argv[1], sys.argv[1:])
`;

describe('NetnsError', () => {
  test('a seccomp filter is not taken for a missing capability', async () => {
    const said = await node('say(await told(rtnetns.createNetns()))', 'python3', '-c', FILTERED);
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
