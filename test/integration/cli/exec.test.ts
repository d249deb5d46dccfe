import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNetns } from '../../../lib';
import { CLI, outside, powerless, rtnetns } from '../../support/cli';
import { sendWhenReady, signalCounter } from '../../support/signal-counter';
import { typeAt } from '../../support/typist';

const counting = [process.execPath, CLI, 'exec', 'red', '--', ...signalCounter(3)];

describe('rtnetns exec', () => {
  test('runs a command in the namespace, with its output, input and exit code', async () => {
    await using red = await createNetns('red');
    const { status, stdout } = rtnetns('exec', 'red', '--', 'sh', '-c', 'readlink /proc/self/ns/net; exit 7');
    expect(stdout).toBe(`net:[${red.ino}]\n`);
    expect(status).toBe(7);
  });

  test('leaves the options of the command to the command', async () => {
    await using red = await createNetns('red');
    expect(rtnetns('exec', 'red', 'echo', '--help', '-x', '--debug').stdout).toBe('--help -x --debug\n');
    expect(rtnetns('exec', 'red', '--', 'echo', '--').stdout).toBe('--\n');
    expect(red.name).toBe('red');
  });

  test('the command is what runs: it has no process of ours between', async () => {
    await using red = await createNetns('red');
    const { stdout } = rtnetns('exec', 'red', 'sh', '-c', 'tr "\\0" " " < /proc/$PPID/cmdline');
    expect(stdout).toContain(`${CLI} exec red sh`);
    expect(red.name).toBe('red');
  });

  test('a script whose interpreter is missing is no command', async () => {
    await using red = await createNetns('red');
    const directory = mkdtempSync(join(tmpdir(), 'rtnetns-exec-'));
    try {
      const script = join(directory, 'script');
      writeFileSync(script, '#!/nowhere/sh\n');
      chmodSync(script, 0o755);
      const { status, stderr } = rtnetns('exec', 'red', script);
      expect(stderr).toBe(
        `rtnetns: ENOENT: run ${script} in namespace red: there is no such command, or its interpreter is missing\n`,
      );
      expect(status).toBe(127);
      expect(red.name).toBe('red');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('dies of the signal that the command died of', async () => {
    await using red = await createNetns('red');
    expect(rtnetns('exec', 'red', '--', 'sh', '-c', 'kill -KILL $$').signal).toBe('SIGKILL');
    expect(red.name).toBe('red');
  });

  test('has the command get Ctrl-C of a terminal once', async () => {
    await using red = await createNetns('red');
    const { status, stdout } = typeAt([['ready', '\x03']], counting, outside());
    expect(stdout).toMatch(/signals: 1\r\n$/);
    expect(status).toBe(3);
    expect(red.name).toBe('red');
  });

  test('hands SIGINT on where there is no terminal', async () => {
    await using red = await createNetns('red');
    expect(await sendWhenReady(counting, 'SIGINT', outside())).toEqual({
      ended: [3, null],
      output: 'ready\nsignals: 1\n',
    });
    expect(red.name).toBe('red');
  });

  test('names the capability that is missing', async () => {
    await using red = await createNetns('red');
    const { status, stderr } = powerless('exec', 'red', 'true');
    expect(stderr).toMatch(/^rtnetns: EPERM: run a command in .*red: CAP_SYS_ADMIN is missing [^\n]*\n$/);
    expect(status).toBe(125);
    expect(red.name).toBe('red');
  });
});
