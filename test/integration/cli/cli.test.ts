import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CLI, outside, rtnetns, sandboxed } from '../../support/cli';
import { sendWhenReady, signalCounter } from '../../support/signal-counter';
import { typeAt } from '../../support/typist';

describe('rtnetns', () => {
  test('prints its version', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(rtnetns('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  test.each([['--help'], ['--version'], ['completion', 'bash'], ['sandbox', '--', 'true']])(
    '%s loads no more of the library than the addon',
    (...args) => {
      const program = `process.on('exit', () => console.error(Object.keys(require.cache).join('\\n')));
      process.argv.splice(1, 0, ${JSON.stringify(CLI)});
      require(${JSON.stringify(CLI)});`;
      const { status, stderr } = spawnSync(process.execPath, ['-e', program, '--', ...args], {
        encoding: 'utf8',
        env: outside(),
      });
      expect(status).toBe(0);
      const loaded = stderr.trim().split('\n');
      expect(loaded).toContain(CLI);
      expect(loaded.filter((path) => /dist\/(?!(cli|addon)\/)/.test(path))).toEqual([]);
    },
  );

  test.each([
    ['--debug', 'pids', 'nobody'],
    ['pids', '--debug', 'nobody'],
    ['pids', 'nobody', '--debug'],
  ])('%s %s %s prints the stack of an error, and its cause', (...args) => {
    const { status, stderr } = rtnetns(...args);
    const [line, ...stack] = stderr.trimEnd().split('\n');
    expect(line).toBe('rtnetns: ENOENT: open namespace nobody: there is no such namespace (open)');
    expect(stack).toContainEqual(expect.stringMatching(/^ {4}at openNetns \(/));
    expect(stack).toContainEqual(expect.stringMatching(/^ {2}\[cause\]: Error: ENOENT: /));
    expect(status).toBe(2);
  });

  test('the stack of an error is printable', () => {
    const { stderr } = rtnetns('--debug', 'pids', '\x1b[31m');
    expect(stderr).toContain('    at openNetns (');
    expect(stderr).not.toContain('\x1b');
  });

  describe('demo', () => {
    test('walks through ten steps and draws what it built', () => {
      const { status, stdout, stderr } = rtnetns('demo');
      expect(stderr).toBe('');
      expect(stdout.match(/^ ?\d+\. .*\n {6}\$ .*(\n {6}✓ .*)+$/gm)).toHaveLength(10);
      expect(stdout).not.toContain('✗');
      expect(stdout).toContain('│ netns green │');
      expect(stdout).toMatch(/Kernel work: \d+\.\d ms in \d+ jobs/);
      expect(stdout).toContain('All checks hold.');
      expect(status).toBe(0);
    });

    test('fails where a step fails', () => {
      const script = 'ip link add left type veth && exec "$0" "$1" demo';
      const { status, stdout, stderr } = sandboxed('sh', '-c', script, process.execPath, CLI);
      expect(stdout).toContain('1 failed.');
      expect(stderr).toContain('EEXIST: create veth left in namespace net:[');
      expect(status).toBe(1);
    });

    test('fails where a check fails', () => {
      // a host that answers no ping: step 7 goes through, but finds 0 of 3 answers
      const script = 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1 && exec "$0" "$1" demo';
      const { status, stdout } = sandboxed('sh', '-c', script, process.execPath, CLI);
      expect(stdout).toContain('✗ 3 of 3 answers');
      expect(stdout).toContain('10. Tore all of it down.');
      expect(status).toBe(1);
    });
  });

  describe('sandbox', () => {
    test('runs a command in a network of its own and hands on its exit code and output', () => {
      const { status, stdout } = rtnetns('sandbox', '--', 'sh', '-c', 'ls /sys/class/net; exit 7');
      expect(stdout).toBe('lo\n');
      expect(status).toBe(7);
    });

    test('leaves the options of the command to the command', () => {
      expect(rtnetns('sandbox', 'echo', '--help', '-x').stdout).toBe('--help -x\n');
    });

    test('dies of the signal that the command died of', () => {
      expect(rtnetns('sandbox', '--', 'sh', '-c', 'kill -KILL $$').signal).toBe('SIGKILL');
    });

    const counting = [process.execPath, CLI, 'sandbox', '--', ...signalCounter(0)];

    test.each([
      ['Ctrl-C', '\x03'],
      ['Ctrl-\\', '\x1c'],
    ])('has the command get %s of a terminal once', (_, key) => {
      const { status, stdout } = typeAt([['ready', key]], counting, outside());
      expect(stdout).toMatch(/signals: 1\r\n$/);
      expect(status).toBe(0);
    });

    test.each(['SIGINT', 'SIGQUIT'] as const)('hands %s on where there is no terminal', async (signal) => {
      expect(await sendWhenReady(counting, signal, outside())).toEqual({
        ended: [0, null],
        output: 'ready\nsignals: 1\n',
      });
    });

    test('hands signals on to the command', async () => {
      const script = 'trap "echo got it; exit 3" USR1; echo ready; while :; do sleep 0.1; done';
      const command = [process.execPath, CLI, 'sandbox', '--', 'sh', '-c', script];
      expect(await sendWhenReady(command, 'SIGUSR1')).toEqual({
        ended: [3, null],
        output: 'ready\ngot it\n',
      });
    });
  });
});
