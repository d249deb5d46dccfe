// spawn against node's own child_process.spawn, and against `ip netns exec`.
import { type ChildProcess, type SpawnOptions, spawn as spawnHere } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { createNetns, createVeth, type Netns, NetnsError, openNetns, spawn } from '../../lib';
import { failure, node, run } from '../support/ip';
import { program, runProgram } from '../support/program';

type Told = [event: string, ...unknown[]][];

/** All that a child tells of itself, to its end. */
async function events(child: ChildProcess): Promise<Told> {
  const told: Told = [];
  for (const event of ['spawn', 'error', 'exit', 'disconnect']) {
    child.on(event, (...details: unknown[]) => told.push([event, ...details.map(plain)]));
  }
  told.push(['close', ...(await closed(child))]);
  return told;
}

/** Not once(): that fails where there is an error before. */
async function closed(child: ChildProcess): Promise<unknown[]> {
  return new Promise((resolve) => child.once('close', (...details: unknown[]) => resolve(details)));
}

function plain(value: unknown): unknown {
  return types.isNativeError(value) ? { ...(value as object), message: value.message } : value;
}

async function output(child: ChildProcess): Promise<string> {
  const [said] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  return said.trim();
}

/** The same, started by node and by us. */
async function both<T>(
  netns: Netns,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  look: (child: ChildProcess) => Promise<T>,
): Promise<[ours: T, nodes: T]> {
  return [await look(spawn(netns, command, args, options)), await look(spawnHere(command, args, options))];
}

describe('inside', () => {
  test('it is the namespace, and a mount namespace of its own', async () => {
    await using red = await createNetns('red');
    const ids = (await output(spawn(red, 'readlink', ['/proc/self/ns/net', '/proc/self/ns/mnt']))).split(
      '\n',
    );
    expect(ids[0]).toBe(`net:[${red.ino}]`);
    expect(ids[1]).not.toBe(readlinkSync('/proc/self/ns/mnt'));
  });

  test('/sys/class/net shows its devices, as with ip netns exec', async () => {
    await using red = await createNetns('red');
    await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1' });
    const listed = await run(undefined, 'ip', 'netns', 'exec', 'red', 'ls', '/sys/class/net');
    expect(await output(spawn(red, 'ls', ['/sys/class/net']))).toBe(listed.trim());
    expect(listed.trim().split('\n')).toEqual(['eth0', 'eth1', 'lo']);
  });

  test('a working directory below /sys is in the new one', async () => {
    await using red = await createNetns('red');
    await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1' });
    for (const cwd of ['/sys/class/net', pathToFileURL('/sys/class/net')]) {
      expect(await output(spawn(red, 'ls', [], { cwd }))).toBe('eth0\neth1\nlo');
    }
  });

  test('the cgroups are still there', async () => {
    await using red = await createNetns('red');
    const [ours, nodes] = await both(red, 'ls', ['/sys/fs/cgroup'], {}, output);
    expect(ours).toBe(nodes);
  });

  test('what it mounts is not seen outside, and what is mounted outside later is seen inside', async () => {
    await using red = await createNetns('red');
    const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');
    const before = mounts();
    expect(await output(spawn(red, 'sh', ['-c', 'mount -t tmpfs t /mnt && findmnt -no FSTYPE /mnt']))).toBe(
      'tmpfs',
    );
    expect(mounts()).toBe(before);
    // a name is a mount on /run/netns, which ip and we make shared
    const child = spawn(red, 'sh', [
      '-c',
      'echo ready; read _; ls /run/netns; findmnt -rno TARGET /run/netns/blue',
    ]);
    await once(child.stdout, 'data');
    await using blue = await createNetns('blue');
    child.stdin.end('go\n');
    expect(await output(child)).toBe(`blue\nred\n/run/netns/${blue.name}`);
  });

  test('an anonymous one', async () => {
    await using netns = await createNetns();
    expect(await output(spawn(netns, 'ls', ['/sys/class/net']))).toBe('lo');
    expect(await output(spawn(netns, 'findmnt', ['-rno', 'SOURCE', '--mountpoint', '/sys']))).toMatch(
      /(^|\n)rtnetns$/,
    );
  });

  test('the handle may be closed at once', async () => {
    const netns = await createNetns();
    const child = spawn(netns, 'readlink', ['/proc/self/ns/net']);
    netns.close();
    expect(await output(child)).toBe(`net:[${netns.ino}]`);
  });
});

describe('what lies in /etc/netns/NAME', () => {
  // an /etc of its own, of which there must be an outer one that it is not seen in
  const ETC = `
    mount -t tmpfs t /mnt
    mkdir -p /mnt/netns/red
    echo 'nameserver 192.0.2.1' > /mnt/resolv.conf
    echo outer > /mnt/hosts
    mount --bind /mnt /etc
    echo 'nameserver 192.0.2.53' > /etc/netns/red/resolv.conf
    echo inner > /etc/netns/red/hosts
    echo lost > /etc/netns/red/lost
    unset NODE_EXTRA_CA_CERTS
    exec "$@"`;

  test('lies over /etc, as with ip netns exec', async () => {
    const ended = await runProgram(
      program(async ({ rtnetns, fs, tell }) => {
        const { spawnSync } = process.getBuiltinModule('node:child_process');
        const red = await rtnetns.createNetns('red');
        const script = 'cat /etc/resolv.conf /etc/hosts; ls /etc';
        const { stdout, stderr } = await rtnetns.exec(red, 'sh', ['-c', script]);
        tell(stdout);
        tell(stderr);
        const theirs = spawnSync('ip', ['netns', 'exec', 'red', 'sh', '-c', script]);
        tell(theirs.stdout.toString() === stdout);
        const byPath = await rtnetns.openNetns({ path: '/run/netns/red' });
        const { stdout: hosts } = await rtnetns.exec(byPath, 'cat', ['/etc/hosts']);
        tell(hosts + fs.readFileSync('/etc/hosts', 'utf8'));
        byPath.close();
        await rtnetns.deleteNetns(red);
      }),
      { wrapper: ['unshare', '-m', 'sh', '-euc', ETC, 'sh'] },
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.told).toEqual([
      'nameserver 192.0.2.53\ninner\nhosts\nnetns\nresolv.conf\n',
      'rtnetns: cannot bind /etc/netns/red/lost over /etc/lost\n',
      true,
      'outer\nouter\n',
    ]);
  });

  test('a read-only /sys stays so', async () => {
    const ended = await runProgram(
      program(async ({ rtnetns, tell }) => {
        const red = await rtnetns.createNetns();
        const { stdout } = await rtnetns.exec(red, 'findmnt', ['-rno', 'OPTIONS', '--mountpoint', '/sys']);
        tell(stdout.trim().split('\n').at(-1)?.split(','));
      }),
      { wrapper: ['unshare', '-m', 'sh', '-euc', 'mount -o remount,ro,bind /sys; exec "$@"', 'sh'] },
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.told[0]).toContain('ro');
  });
});

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

test('no descriptor but those that were asked for is inherited', async () => {
  const ended = await runProgram(
    program(async ({ rtnetns, tell }) => {
      const red = await rtnetns.createNetns();
      const { spawn: start } = process.getBuiltinModule('node:child_process');
      const list = ['sh', ['-c', 'ls /proc/$$/fd; true']] as const;
      const say = async (child: { stdout: NodeJS.ReadableStream | null }) => {
        for await (const part of child.stdout!) tell(String(part));
      };
      await say(rtnetns.spawn(red, ...list));
      await say(rtnetns.spawn(red, ...list, { stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'pipe'] }));
      await say(start(...list));
    }),
    { wrapper: ['bash', '-c', 'exec 200< /dev/null; exec "$@"', 'bash'] },
  );
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const [ours, more, nodes] = ended.told as string[];
  expect([ours, more]).toEqual(['0\n1\n2\n', '0\n1\n2\n4\n']);
  expect(nodes).toMatch(/\b200\n/);
});

describe('failures after the start', () => {
  test('a script without its interpreter', async () => {
    await using red = await createNetns('red');
    const script = 'f=$(mktemp); echo "#!/no/such/interpreter" > $f; chmod +x $f; echo $f';
    const file = await output(spawnHere('sh', ['-c', script]));
    const [ours, nodes] = await both(red, file, ['a'], {}, events);
    await closed(spawnHere('rm', [file]));
    expect(ours).toEqual([['spawn'], nodes[0], ['exit', 127, null], ['close', 127, null]]);
    expect(nodes[0]).toMatchObject(['error', { code: 'ENOENT', syscall: `spawn ${file}` }]);
  });

  test('a path through a file', async () => {
    await using red = await createNetns('red');
    const told = await events(spawn(red, '/etc/passwd/command'));
    // node throws it
    expect(told[1]).toMatchObject(['error', { code: 'ENOTDIR', syscall: 'spawn /etc/passwd/command' }]);
  });

  test('without privileges', async () => {
    await using red = await createNetns('red');
    expect(red.open).toBe(true);
    const said = await node(
      `const red = await rtnetns.openNetns('red');
       const child = rtnetns.spawn(red, 'true');
       child.on('error', ({ name, code, message }) => say({ name, code, message }));
       child.on('exit', (code) => { say(code); red.close(); });`,
      ...['setpriv', '--inh-caps=-all', '--bounding-set=-all'],
    );
    expect(said).toEqual([
      {
        name: 'NetnsError',
        code: 'EPERM',
        message: expect.stringMatching(/^EPERM: run a command in red: CAP_SYS_ADMIN .*\(setns\)$/) as string,
      },
      127,
    ]);
  });
});

describe('refused before anything is started', () => {
  test.each<[string, unknown[]]>([
    ['command: expected a string', [7]],
    ['command: it must not be empty', ['']],
    ['command: it must not hold a NUL', ['a\0b']],
    ['args: expected a list of strings', ['true', 'a']],
    ['args[1]: expected a string', ['true', ['a', 1]]],
    ['args[0]: it must not hold a NUL', ['true', ['a\0']]],
    ['uid: expected a number', ['true', [], { uid: 'root' }]],
    ['uid: expected an integer', ['true', [], { uid: -1 }]],
    ['gid: expected an integer', ['true', [], { gid: 1.5 }]],
    ['argv0: expected a string', ['true', [], { argv0: 1 }]],
    ['shell: expected a string', ['true', [], { shell: 1 }]],
    ["string input: 'nonsense'", ['true', [], { stdio: ['nonsense'] }]],
    ["string input: 'nonsense'", ['true', [], { stdio: 'nonsense' }]],
    ['The "options.cwd" property', ['true', [], { cwd: 7 }]],
    ['The value of "timeout" is out of range', ['true', [], { timeout: -1 }]],
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

test('many at once leave nothing behind, killed or not', async () => {
  await using red = await createNetns('red');
  const opened = await openNetns('red');
  const children = Array.from({ length: 60 }, (_, i) => {
    const child = spawn(opened, i % 3 === 0 ? 'no-such-command' : 'sleep', ['60']);
    child.on('error', () => undefined);
    return child;
  });
  const ends = children.map(closed);
  opened.close();
  for (const child of children) if (child.pid !== undefined) child.kill('SIGKILL');
  await Promise.all(ends);
  expect(children.filter(({ signalCode }) => signalCode === 'SIGKILL')).toHaveLength(40);
  expect((await run(undefined, 'ip', 'netns', 'pids', red.name!)).trim()).toBe('');
});
