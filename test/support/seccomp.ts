const FILTERING = `
import ctypes, os, platform, struct, sys
NUMBERS = {
    'gettid': (186, 178), 'prctl': (157, 167), 'recvmmsg': (299, 243), 'sched_yield': (24, 124), 'sendto': (44, 206),
    'setns': (308, 268), 'tgkill': (234, 131), 'unshare': (272, 97),
}
calls = sys.argv[1].split(',')
numbers = [NUMBERS[call][0 if platform.machine() == 'x86_64' else 1] for call in calls]
errno = int(sys.argv[2])
chosen = [(0x15, len(numbers) - i, 0, number) for i, number in enumerate(numbers)]
code = [(0x20, 0, 0, 0), *chosen, (0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x50000 | errno if errno else 0)]
program = b''.join(struct.pack('HBBI', *one) for one in code)
held = ctypes.create_string_buffer(program)
filter = struct.pack('HxxxxxxQ', len(code), ctypes.addressof(held))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.c_char_p(filter), 0, 0) == 0, ctypes.get_errno()
os.execvp(sys.argv[3], sys.argv[3:])
`;

/**
 * The command that runs a program under a seccomp filter, which answers some system calls with an error number, or, without one,
 * kills the thread that makes one of them.
 */
export function filtering(calls: readonly string[], errno = 0): string[] {
  return ['python3', '-c', FILTERING, calls.join(), String(errno)];
}
