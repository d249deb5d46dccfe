// spawn against node's own child_process.spawn.
import { type ChildProcess, spawn as spawnHere, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createNetns, NetnsError, spawn } from '../../../lib';
import { both, events, output } from '../../support/children';
import { failure } from '../../support/ip';

describe('spawn', () => {
  describe("node's own options", () => {
    test.each<[string, string, string[], SpawnOptions]>([
      ['an exit code', 'sh', ['-c', 'exit 7'], {}],
      ['a signal', 'sh', ['-c', 'kill -TERM $$'], {}],
      ['arguments', 'printf', ['[%s]', 'a b', '', '--', "it's", 'ä'], {}],
      ['none', 'true', [], {}],
      ['env', 'env', [], { env: { A: '1', PATH: process.env['PATH'] } }],
      ['env without PATH', 'env', [], { env: { A: '1' } }],
      ['cwd', 'pwd', [], { cwd: '/usr' }],
      ['a command below cwd', './true', [], { cwd: '/bin' }],
      ['a PATH below cwd', 'true', [], { cwd: '/', env: { PATH: 'nowhere:bin' } }],
      ['argv0', 'sh', ['-c', 'echo $0; tr "\\0" " " < /proc/$$/cmdline'], { argv0: 'other' }],
      ['shell', 'echo $0 $((1 + 2))', ['*.nothing', '"a  b"'], { shell: true }],
      ['another shell', 'echo $0', [], { shell: '/bin/bash' }],
      ['timeout', 'sleep', ['60'], { timeout: 50 }],
      ['killSignal', 'sleep', ['60'], { timeout: 50, killSignal: 'SIGKILL' }],
      ['no signal of those that are aborted later', 'true', [], { signal: new AbortController().signal }],
      ['more descriptors', 'true', [], { stdio: ['ignore', 'pipe', 'ignore', 'pipe', 'ignore'] }],
      ['fewer descriptors', 'true', [], { stdio: ['ignore'] }],
      ['no command of that name', 'no-such-command', ['a', 'b'], {}],
      ['no such file', '/no/such/command', [], {}],
      ['a file that may not be executed', '/etc/passwd', ['a'], {}],
      ['a directory', '/usr', [], {}],
      ['no such command in a PATH', 'true', ['a'], { env: { PATH: '/nowhere' } }],
      ['no such shell', 'true', [], { shell: '/no/such/shell' }],
      ['no such directory', 'true', [], { cwd: '/no/such/directory' }],
    ])('%s', async (_, command, args, options) => {
      await using red = await createNetns('red');
      const look = async (child: ChildProcess) => {
        const { spawnfile, spawnargs, stdio } = child;
        const said = stdio[1] === null ? '' : text(stdio[1]);
        const told = await events(child);
        return {
          running: child.pid !== undefined,
          told,
          said: await said,
          spawnfile,
          spawnargs,
          streams: stdio.length,
        };
      };
      const [ours, nodes] = await both(red, command, args, options, look);
      expect(ours).toEqual(nodes);
    });

    test('a pipe of its own, and the other way', async () => {
      await using red = await createNetns('red');
      const child = spawn(red, 'sh', ['-c', 'cat; cat <&3 >&4'], {
        stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
      });
      child.stdin!.end('standard input');
      (child.stdio[3] as unknown as NodeJS.WritableStream).end('the fourth');
      const said = await Promise.all([
        text(child.stdout!),
        text(child.stdio[4] as Readable),
        once(child, 'close'),
      ]);
      expect(said.slice(0, 2)).toEqual(['standard input', 'the fourth']);
      expect(child.stdio).toHaveLength(5);
    });

    test('messages', async () => {
      await using red = await createNetns('red');
      const echo = `process.once('message', (message) => process.send([message, process.execArgv], () => process.disconnect()))`;
      const child = spawn(red, process.execPath, ['-e', echo], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      child.send({ from: 'outside' });
      const [answer] = (await once(child, 'message')) as [unknown[]];
      expect(answer[0]).toEqual({ from: 'outside' });
      expect(await events(child)).toEqual([['disconnect'], ['exit', 0, null], ['close', 0, null]]);
    });

    test('kill, and a pid that is the command', async () => {
      await using red = await createNetns('red');
      const child = spawn(red, 'sh', ['-c', 'echo $$; exec sleep 60']);
      const [pid] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      expect(Number(pid)).toBe(child.pid);
      child.kill('SIGINT');
      expect(await events(child)).toEqual([
        ['exit', null, 'SIGINT'],
        ['close', null, 'SIGINT'],
      ]);
    });

    test('an AbortSignal, before and after', async () => {
      await using red = await createNetns('red');
      for (const abort of ['before', 'after']) {
        const look = async (child: ChildProcess) => events(child);
        const [ours, nodes] = await Promise.all(
          [spawn.bind(undefined, red), spawnHere].map(async (start) => {
            const controller = new AbortController();
            if (abort === 'before') controller.abort();
            const child = start('sleep', ['60'], { signal: controller.signal });
            const told = look(child);
            if (abort === 'after') await once(child, 'spawn').then(() => controller.abort());
            return told;
          }),
        );
        expect(ours).toEqual(nodes);
        expect(ours).toContainEqual(['error', expect.objectContaining({ code: 'ABORT_ERR' })]);
        expect(ours).toContainEqual(['exit', null, 'SIGTERM']);
      }
    });

    test('detached', async () => {
      await using red = await createNetns('red');
      const own = spawn(red, 'sh', ['-c', 'cut -d" " -f5,6 /proc/$$/stat'], { detached: true });
      expect(await output(own)).toBe(`${own.pid} ${own.pid}`);
    });

    test.each([
      [0, 0],
      [65534, 65534],
      [undefined, 65534],
    ])('uid %p and gid %p', async (uid, gid) => {
      await using red = await createNetns('red');
      const options = { ...(uid !== undefined && { uid }), gid };
      const look = async (start: () => ChildProcess) => {
        try {
          const child = start();
          const failed = new Promise<never>((_, reject) => child.once('error', reject));
          return await Promise.race([output(child), failed]);
        } catch (error) {
          // where the sandbox is an ordinary user's, there is no such user in it
          return (error as { code: string }).code;
        }
      };
      const script = ['-c', 'id -u; id -g; id -G'];
      const ours = await look(() => spawn(red, 'sh', script, options));
      expect(ours).toBe(await look(() => spawnHere('sh', script, options)));
    });

    test('a script without #! is given to the shell', async () => {
      await using red = await createNetns('red');
      const script = 'f=$(mktemp); echo \'echo "$@"\' > $f; chmod +x $f; echo $f';
      const file = await output(spawnHere('sh', ['-c', script]));
      const [ours, nodes] = await both(red, file, ['a b', 'c'], {}, output);
      await once(spawnHere('rm', [file]), 'close');
      expect(ours).toBe(nodes);
      expect(ours).toBe('a b c');
    });
  });

  describe('refused before anything is started', () => {
    test.each<[string, unknown[]]>([
      ['command: expected a string', [7]],
      ['command: it must not be empty', ['']],
      ['command: it must not hold a NUL', ['a\0b']],
      ['args: expected a list of strings, before the options, got "a"', ['true', 'a']],
      ['args[1]: expected a string', ['true', ['a', 1]]],
      ['args[0]: it must not hold a NUL', ['true', ['a\0']]],
      ['command: node writes it as UTF-8', ['a\udcff']],
      ['args[1]: node writes it as UTF-8', ['true', ['a', '\ud800']]],
      ['argv0: node writes it as UTF-8', ['true', [], { argv0: '\udcff' }]],
      ['shell: node writes it as UTF-8', ['true', [], { shell: '\udcff' }]],
      ['cwd: node writes it as UTF-8', ['true', [], { cwd: '/\udcff' }]],
      ['env.A: node writes it as UTF-8', ['true', [], { env: { A: '\udcff' } }]],
      ['uid: expected a number', ['true', [], { uid: 'root' }]],
      ['uid: expected an integer', ['true', [], { uid: -1 }]],
      ['gid: expected an integer', ['true', [], { gid: 1.5 }]],
      ['argv0: expected a string', ['true', [], { argv0: 1 }]],
      ['shell: expected a string', ['true', [], { shell: 1 }]],
      ["string input: 'nonsense'", ['true', [], { stdio: ['nonsense'] }]],
      ["string input: 'nonsense'", ['true', [], { stdio: 'nonsense' }]],
      ['The "options.cwd" property', ['true', [], { cwd: 7 }]],
      ['timeout: expected milliseconds', ['true', [], { timeout: -1 }]],
    ])('%s', async (message, args) => {
      await using red = await createNetns('red');
      const start = spawn as (...all: unknown[]) => unknown;
      const error = await failure(Promise.resolve().then(() => start(red, ...args)));
      expect(error.message).toContain(message);
      expect(['TypeError', 'RangeError']).toContain(error.name);
    });

    test('a closed handle', async () => {
      const red = await createNetns();
      red.close();
      expect(() => spawn(red, 'true')).toThrow(NetnsError);
      expect(() => spawn(red, 'no-such-command')).toThrow('ERR_NETNS_CLOSED');
    });
  });
});
