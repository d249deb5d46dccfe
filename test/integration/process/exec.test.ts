// exec against node's own promisified execFile.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createNetns, currentNetns, exec, type ExecOptions, type Netns, spawn } from '../../../lib';
import { runExample } from '../../support/cli';
import { failure, run, script } from '../../support/ip';

const execHere = promisify(execFile);

async function attempt(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    const { message, code, signal, killed, cmd, stdout, stderr, syscall, path, spawnargs } = error as Record<
      string,
      unknown
    >;
    return { message, code, signal, killed, cmd, stdout, stderr, syscall, path, spawnargs };
  }
}

function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

describe('exec', () => {
  test('in the namespace that the process is in already, and in one nested in it', async () => {
    await using here = await currentNetns();
    expect((await exec(here, 'readlink', ['/proc/self/ns/net'])).stdout).toBe(`net:[${here.ino}]\n`);
    expect((await exec(here, 'ls', ['/sys/class/net'])).stdout).toBe(
      await run(undefined, 'ls', '/sys/class/net'),
    );
    await using red = await createNetns('red');
    const inside = script(
      `const { stdout } = await rtnetns.exec(await rtnetns.currentNetns(), 'ls', ['/sys/class/net']); say(stdout)`,
    );
    const [command, ...args] = inside;
    expect((await exec(red, command, args)).stdout).toBe('"lo\\n"\n');
  });

  test('what ip says in there', async () => {
    await using red = await createNetns('red');
    const { stdout, stderr, exitCode, signal } = await exec(red, 'ip', ['-o', 'link']);
    expect({ stderr, exitCode, signal }).toEqual({ stderr: '', exitCode: 0, signal: null });
    expect(stdout).toBe(await run(red, 'ip', '-o', 'link'));
  });

  test.each<[string, string, string[], ExecOptions]>([
    ['another exit code', 'sh', ['-c', 'echo out; echo err >&2; exit 3'], {}],
    ['silently', 'false', [], {}],
    ['a signal', 'sh', ['-c', 'echo out; kill -KILL $$'], {}],
    ['no such command', 'no-such-command', ['a'], {}],
    ['no such directory', 'true', [], { cwd: '/no/such/directory' }],
    ['not executable', '/etc/passwd', [], {}],
    ['a timeout', 'sleep', ['60'], { timeout: 50 }],
    ['a timeout with another signal', 'sleep', ['60'], { timeout: 50, killSignal: 'SIGKILL' }],
    ['aborted', 'sleep', ['60'], { signal: AbortSignal.abort() }],
  ])('rejects as execFile does: %s', async (_, command, args, options) => {
    await using red = await createNetns('red');
    const ours = await attempt(exec(red, command, args, options as object));
    const nodes = await attempt(execHere(command, args, options));
    // of what never ran execFile tells less
    expect(ours).toEqual(expect.objectContaining(withoutUndefined(nodes as object)));
  });

  test('reject: false makes results of commands that fail, and of nothing else', async () => {
    await using red = await createNetns('red');
    const settle = async (...args: [string, string[], ExecOptions?]) =>
      exec(red, args[0], args[1], { ...args[2], reject: false } as ExecOptions & { encoding: 'utf8' });
    expect(await settle('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 3,
      signal: null,
    });
    expect(await settle('sh', ['-c', 'kill -HUP $$'])).toMatchObject({ exitCode: null, signal: 'SIGHUP' });
    expect(await failure(settle('/no/such/command', []))).toMatchObject({ code: 'ENOENT' });
    expect(await failure(settle('sleep', ['60'], { timeout: 20 }))).toMatchObject({
      killed: true,
      signal: 'SIGTERM',
    });
  });

  test('input, and the lack of it', async () => {
    await using red = await createNetns('red');
    expect((await exec(red, 'cat', [], { input: 'grüße' })).stdout).toBe('grüße');
    expect((await exec(red, 'cat', [], { input: Buffer.alloc(300_000, 97) })).stdout).toHaveLength(300_000);
    expect((await exec(red, 'cat')).stdout).toBe('');
    // one that reads nothing of it
    expect((await exec(red, 'true', [], { input: Buffer.alloc(300_000) })).exitCode).toBe(0);
  });

  test('encodings', async () => {
    await using red = await createNetns('red');
    const args = ['\\303\\244'];
    expect((await exec(red, 'printf', args)).stdout).toBe('ä');
    expect((await exec(red, 'printf', args, { encoding: 'hex' })).stdout).toBe('c3a4');
    const { stdout } = await exec(red, 'printf', args, { encoding: 'buffer' });
    expect([...stdout]).toEqual([0xc3, 0xa4]);
  });

  test('an argument is UTF-8, and other bytes are for a shell to make', async () => {
    await using here = await currentNetns();
    const bytes = async (command: string, ...args: string[]) =>
      (await exec(here, command, args, { encoding: 'buffer' })).stdout.toString('latin1');
    expect(await bytes('echo', 'ö😀')).toBe('\xc3\xb6\xf0\x9f\x98\x80\n');
    expect(await failure(exec(here, 'echo', ['ö\udcff']))).toMatchObject({
      name: 'RangeError',
      message: 'args[0]: node writes it as UTF-8, so it cannot hold half of a surrogate pair, got "ö\\udcff"',
    });
    // docs/commands.md
    expect(await bytes('sh', '-c', 'exec echo "$(printf "\\377")"')).toBe('\xff\n');
  });

  test('a command that says too much is ended', async () => {
    await using red = await createNetns('red');
    const error = await failure(exec(red, 'yes', [], { maxBuffer: 5 }));
    const code = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
    expect(error).toMatchObject({ code, message: 'stdout maxBuffer length exceeded', killed: true });
    expect(error).toMatchObject({ stdout: 'y\ny\ny' });
    expect((await exec(red, 'echo', ['1234'], { maxBuffer: 5 })).stdout).toBe('1234\n');
    const stderr = exec(red, 'sh', ['-c', 'echo 123456 >&2'], { maxBuffer: 5, reject: false });
    expect(await failure(stderr)).toMatchObject({ code, stderr: '12345' });
  });

  test('it ends in time, though a child of the command goes on', async () => {
    await using red = await createNetns('red');
    const script = 'sleep 60 & echo $!; wait';
    const error = await failure(exec(red, 'sh', ['-c', script], { timeout: 1000 }));
    // a process without a number would be each of this group
    expect(error).toMatchObject({ killed: true, stdout: expect.stringMatching(/^\d+\n$/) as string });
    process.kill(Number((error as unknown as { stdout: string }).stdout), 'SIGKILL');
  });

  test.each<[string, ExecOptions]>([
    ['encoding: expected', { encoding: 'klingon' as never }],
    ['maxBuffer: expected a number', { maxBuffer: -1 }],
    ['timeout: expected milliseconds', { timeout: 'long' as never }],
  ])('%s', async (message, options) => {
    await using red: Netns = await createNetns();
    const error = await failure(exec(red, 'true', [], options as object));
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining(message) as string });
  });

  test.each([Infinity, 1e10, 2 ** 31, NaN, -1])(
    'the timeout %p, which no timer of node can wait',
    async (timeout) => {
      await using red: Netns = await createNetns();
      const message = `timeout: expected milliseconds, from 0 to 2147483646, got ${timeout}`;
      expect(await failure(exec(red, 'true', [], { timeout }))).toMatchObject({
        name: 'RangeError',
        message,
      });
      expect(() => spawn(red, 'true', [], { timeout })).toThrow(new RangeError(message));
    },
  );

  test.each<[env: unknown, message: string]>([
    ['abc', 'env: expected an object, got "abc"'],
    [5, 'env: expected an object, got 5'],
    [true, 'env: expected an object, got true'],
    [null, 'env: expected an object, got null'],
    [['A=1'], 'env: expected an object, got [A=1]'],
    [new Map([['A', '1']]), 'env: expected an object, got [object Map]'],
    [{ A: null }, 'env.A: expected a string, got null'],
    [{ A: {} }, 'env.A: expected a string, got [object Object]'],
    [{ 'A\x1b': false }, 'env.A\\x1b: expected a string, got false'],
  ])('the environment %p', async (env, message) => {
    await using red: Netns = await createNetns();
    const error = await failure(exec(red, 'true', [], { env } as object));
    expect(error).toMatchObject({ name: 'TypeError', message });
    expect(() => spawn(red, 'true', [], { env } as object)).toThrow(new TypeError(message));
  });

  test('an environment has strings, numbers as strings, and nothing that is undefined', async () => {
    await using red: Netns = await createNetns();
    const env = { A: '1', B: 2, C: undefined } as unknown as NodeJS.ProcessEnv;
    expect((await exec(red, '/usr/bin/env', [], { env })).stdout).toBe('A=1\nB=2\n');
    await exec(red, 'true', [], { env: process.env });
  });

  test('a closed handle', async () => {
    const red = await createNetns();
    red.close();
    expect(await failure(exec(red, 'true'))).toMatchObject({ name: 'NetnsError', code: 'ERR_NETNS_CLOSED' });
  });

  test('many at once', async () => {
    await using red = await createNetns('red');
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        exec(red, 'sh', ['-c', `echo ${i}; readlink /proc/self/ns/net`]),
      ),
    );
    expect(results.map(({ stdout }) => stdout)).toEqual(
      Array.from({ length: 20 }, (_, i) => `${i}\nnet:[${red.ino}]\n`),
    );
  });

  test('the example', () => {
    expect(runExample('commands.mjs').split('\n')).toEqual([
      'red has 10.0.1.1/24',
      'blue hears: hello from red',
      'blue has a way to 192.0.2.1: false',
      'the server ended by SIGTERM',
      '',
    ]);
  });
});
