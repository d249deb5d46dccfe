import { createNetns, type Netns } from '../../../lib';
import { powerless, rtnetns } from '../../support/cli';
import { run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

const FORWARD = 'net.ipv4.ip_forward';
const TTL = 'net.ipv4.ip_default_ttl';
const PORTS = 'net.ipv4.ip_local_port_range';

const theirs = async (netns: Netns, ...keys: string[]) => run(netns, 'sysctl', ...keys);

describe('rtnetns sysctl', () => {
  test('prints what sysctl prints', async () => {
    await using red = await createNetns('red');
    const { status, stdout, stderr } = rtnetns('sysctl', 'red', FORWARD, PORTS);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe((await theirs(red, FORWARD, PORTS)).replaceAll('\t', ' '));
  });

  test('sets several, and prints them', async () => {
    await using red = await createNetns('red');
    const { status, stdout } = rtnetns('sysctl', 'red', `${FORWARD}=1`, TTL, `${PORTS}=5000 6000`);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${FORWARD} = 1\n${TTL} = 64\n${PORTS} = 5000 6000\n`,
    });
    expect(await theirs(red, '-n', FORWARD, PORTS)).toBe('1\n5000\t6000\n');
  });

  test('--json has the values as the kernel has them', async () => {
    await using red = await createNetns('red');
    const { stdout } = rtnetns('sysctl', 'red', PORTS, `${FORWARD}=1`, '--json');
    expect(JSON.parse(stdout)).toEqual({
      [PORTS]: (await theirs(red, '-n', PORTS)).trimEnd(),
      [FORWARD]: '1',
    });
  });

  test('a device may have a dot, or ESC, in its name', async () => {
    await using red = await netnsWithPair('red', {}, ['eth0.7', 'e\x1b[31m']);
    expect(rtnetns('sysctl', 'red', 'net.ipv4.conf.eth0.7.forwarding').stdout).toBe(
      'net.ipv4.conf.eth0.7.forwarding = 0\n',
    );
    expect(rtnetns('sysctl', 'red', 'net.ipv4.conf.e\x1b[31m.forwarding').stdout).toBe(
      'net.ipv4.conf.e\\x1b[31m.forwarding = 0\n',
    );
    expect(red.name).toBe('red');
  });

  test.each([
    [[`${FORWARD}=1`, 'net.ipv4.nothing=1'], 1, /^rtnetns: ENOENT: write sysctl net\.ipv4\.nothing of red: /],
    [[`${FORWARD}=1`, 'net.ipv4.nothing'], 1, /^rtnetns: ENOENT: read sysctl net\.ipv4\.nothing of red: /],
    [[`${FORWARD}=1`, 'kernel.pid_max'], 2, /^rtnetns: key: only what is below 'net' belongs to a network/],
    [[`${FORWARD}=1`, 'net.\x1b=1'], 1, /^rtnetns: ENOENT: write sysctl net\.\\x1b of red: /],
  ])('sets nothing with %j', async (words, code, message) => {
    await using red = await createNetns('red');
    const { status, stdout, stderr } = rtnetns('sysctl', 'red', ...words);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(2);
    expect({ status, stdout }).toEqual({ status: code, stdout: '' });
    expect(await theirs(red, '-n', FORWARD)).toBe('0\n');
  });

  test('names the capability that is missing', async () => {
    await using red = await createNetns('red');
    const { status, stderr } = powerless('sysctl', 'red', `${FORWARD}=1`);
    expect(stderr).toMatch(/^rtnetns: E(PERM|ACCES): [^\n]*red: [^\n]*CAP_[^\n]*\n$/);
    expect(status).toBe(1);
    expect(await theirs(red, '-n', FORWARD)).toBe('0\n');
  });
});
