import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createNetns, setLink } from '../../../lib';
import { CLI, outside, powerless, rtnetns } from '../../support/cli';
import { run } from '../../support/ip';
import { linked } from '../../support/namespaces';

/** Without what is different each time. */
const timeless = (text: string) =>
  text
    .replace(/time=[\d.]+ ms/g, 'time=T ms')
    .replace(/time \d+ms/, 'time Tms')
    .replace(/= [\d./]+ ms$/m, '= T ms');

describe('rtnetns ping', () => {
  test.each([
    ['10.0.1.2', '-c', '3', '-i', '0.05'],
    ['fd00::2', '-c', '2', '-i', '0.05'],
    ['10.0.1.2', '-c', '1'],
  ])('prints what ping(8) prints: %s %s %s', async (...args) => {
    await using pair = await linked({ names: ['red', 'blue'] });
    const { status, stdout, stderr } = rtnetns('ping', 'red', ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(timeless(stdout)).toBe(timeless(await run(pair.red, 'ping', ...args)));
  });

  // in namespaces of its own each, because the kernel sends one sender no more than some errors a second
  test.each(['10.9.9.9', '10.7.0.1', '10.8.0.1', 'fd01::1', '10.0.1.9'])(
    'prints an error of ICMP as ping(8) does: %s',
    async (host) => {
      await using pair = await linked({ names: ['red', 'blue'], lo: true });
      await run(pair.red, 'ip', 'route', 'add', 'default', 'via', '10.0.1.2');
      await run(pair.red, 'ip', 'route', 'add', 'default', 'via', 'fd00::2');
      await run(pair.blue, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
      await run(pair.blue, 'ip', 'route', 'add', 'prohibit', '10.7.0.0/16');
      await run(pair.blue, 'ip', 'route', 'add', 'unreachable', '10.8.0.0/16');
      const { status, stdout } = rtnetns('ping', 'red', host, '-c', '1');
      const theirs = await run(pair.red, 'sh', '-c', `ping -c 1 ${host} || true`);
      expect(timeless(stdout)).toBe(timeless(theirs));
      expect(stdout).toContain('+1 errors, 100% packet loss');
      expect(status).toBe(1);
    },
  );

  test('prints that a request was not sent, and nothing of one that was not answered', async () => {
    await using pair = await linked({ names: ['red'], lo: false });
    expect(rtnetns('ping', 'red', '192.0.2.1', '-c1').stdout).toContain(
      '\nicmp_seq=1 not sent: ENETUNREACH\n',
    );
    const { status, stdout } = rtnetns('ping', 'red', '10.0.1.9', '-c', '2', '-i', '0', '-W', '0.05');
    expect(timeless(stdout)).toBe(
      'PING 10.0.1.9 (10.0.1.9) 56(84) bytes of data.\n\n--- 10.0.1.9 ping statistics ---\n' +
        '2 packets transmitted, 0 received, 100% packet loss, time Tms\n\n',
    );
    expect(status).toBe(1);
    expect(pair.red.name).toBe('red');
  });

  test('looks a host up in the namespace', async () => {
    await using red = await createNetns('red');
    await setLink(red, 'lo', { up: true });
    const { stdout } = rtnetns('ping', 'red', 'localhost', '-c1');
    expect(stdout).toMatch(/^PING localhost(\(::1\)| \(127\.0\.0\.1\)) /);
    expect(stdout).toContain('--- localhost ping statistics ---\n1 packets transmitted, 1 received,');
  });

  test('goes on until SIGINT, and then prints the summary', async () => {
    await using red = await createNetns('red');
    await setLink(red, 'lo', { up: true });
    const child = spawn(process.execPath, [CLI, 'ping', 'red', '::1', '-i', '0.02'], { env: outside() });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (data.includes('icmp_seq=3')) child.kill('SIGINT');
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output).toMatch(/\n--- ::1 ping statistics ---\n\d+ packets transmitted, \d+ received, /);
  });

  test.each([
    [['nobody', '127.0.0.1'], /^rtnetns: ENOENT: open namespace nobody: there is no such namespace/],
    [['red', '\x1b[31m', '-c1'], /^rtnetns: .*\\(x1b|u001b)\[31m/],
    [['red', '::1', '-c', '1e3'], /^rtnetns: --count: expected a positive integer, got "1e3"\n$/],
    [
      ['red', '::1', '-i', '9999999'],
      /^rtnetns: --interval: expected a number of seconds up to \d+\.\d+, got /,
    ],
    [['red', '::1', '-W', '-1'], /^rtnetns: --timeout: expected a number of seconds up to /],
  ])('refuses %j', async (args, message) => {
    await using red = await createNetns('red');
    const { status, stderr } = rtnetns('ping', ...args);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(status).toBe(2);
    expect(red.name).toBe('red');
  });

  test('names the capability that is missing', async () => {
    await using red = await createNetns('red');
    const { status, stderr } = powerless('ping', 'red', '127.0.0.1', '-c1');
    expect(stderr).toMatch(/^rtnetns: EPERM: .*red: CAP_SYS_ADMIN is missing [^\n]*\n$/);
    expect(status).toBe(2);
    expect(red.name).toBe('red');
  });
});
