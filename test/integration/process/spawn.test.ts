// spawn against `ip netns exec`, and what goes wrong.
import { spawn as spawnHere } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createNetns, exec, openNetns, spawn } from '../../../lib';
import { both, closed, events, output } from '../../support/children';
import { ROOT } from '../../support/cli';
import { node, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';
import { program, runProgram } from '../../support/program';

describe('spawn', () => {
  test('without descriptors for its streams, the error names what the process lacks', async () => {
    await using red = await createNetns('red');
    expect(red.open).toBe(true);
    // the pipe of the library finds its two descriptors, and those of the command do not
    const told = await node(
      `const { closeSync, openSync } = require('node:fs');
      const red = await rtnetns.openNetns('red');
      for (const command of ['true', 'no-such-command']) {
        await rtnetns.exec(red, 'true');
        const taken = [];
        try { for (;;) taken.push(openSync('/dev/null')); } catch {}
        for (const fd of taken.splice(-3)) closeSync(fd);
        const child = rtnetns.spawn(red, command);
        const failed = new Promise((resolve) => child.on('error', resolve));
        const { name, code, errno, message } = await failed;
        for (const fd of taken) closeSync(fd);
        say([child.pid ?? null, name, code, errno, message]);
      }
      red.close();`,
      ...['sh', '-c', 'ulimit -n 128; exec "$@"', 'sh'],
    );
    const message =
      'EMFILE: run a command in red: this process has no descriptor left: raise its limit (ulimit -n), or close handles';
    const row = [null, 'NetnsError', 'EMFILE', 24, expect.stringContaining(message)];
    expect(told).toEqual([row, row]);
  });

  describe('inside', () => {
    test('it is the namespace, and a mount namespace of its own', async () => {
      await using red = await createNetns('red');
      const ids = (await output(spawn(red, 'readlink', ['/proc/self/ns/net', '/proc/self/ns/mnt']))).split(
        '\n',
      );
      expect(ids[0]).toBe(`net:[${red.ino}]`);
      expect(ids[1]).not.toBe(readlinkSync('/proc/self/ns/mnt'));
    });

    test('without mounts it is the namespace, and all else is as outside', async () => {
      await using red = await netnsWithPair('red');
      const script = 'readlink /proc/self/ns/net /proc/self/ns/mnt; ls /sys/class/net; ip -o link | wc -l';
      const mounts = { mounts: false };
      const [netns, mountNamespace, ...rest] = (await output(spawn(red, 'sh', ['-c', script], mounts))).split(
        '\n',
      );
      expect(netns).toBe(`net:[${red.ino}]`);
      expect(mountNamespace).toBe(readlinkSync('/proc/self/ns/mnt'));
      expect(rest).toEqual([...readdirSync('/sys/class/net').sort(), '3']);
      const result = await exec(red, 'readlink', ['/proc/self/ns/mnt'], mounts);
      expect(result.stdout.trim()).toBe(mountNamespace);
    });

    test('where there may be no mount namespace, a command without mounts runs all the same', async () => {
      const told = await node(
        `require('node:fs').writeFileSync('/proc/sys/user/max_mnt_namespaces', '0');
        const red = await rtnetns.createNetns();
        const refused = await rtnetns.exec(red, 'true').catch(({ code }) => code);
        const { exitCode } = await rtnetns.exec(red, 'true', [], { mounts: false });
        say([refused, exitCode]);
        red.close();`,
        ...['unshare', '--user', '--map-root-user', '--mount', '--net'],
      );
      expect(told).toEqual([['ENOSPC', 0]]);
    });

    test('/sys/class/net shows its devices, as with ip netns exec', async () => {
      await using red = await netnsWithPair('red');
      const listed = await run(undefined, 'ip', 'netns', 'exec', 'red', 'ls', '/sys/class/net');
      expect(await output(spawn(red, 'ls', ['/sys/class/net']))).toBe(listed.trim());
      expect(listed.trim().split('\n')).toEqual(['eth0', 'eth1', 'lo']);
    });

    test('a working directory below /sys is in the new one', async () => {
      await using red = await netnsWithPair('red');
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

    test('an error names the file that cannot be mounted, and a warning prints no byte that a terminal carries out', async () => {
      const file = '/etc/netns/red/ho\u202est\x1b[31ms';
      const ended = await runProgram(
        program(async ({ rtnetns, fs, tell }, path) => {
          const red = await rtnetns.createNetns('red');
          const attempt = async () =>
            rtnetns.exec(red, 'true').then(
              ({ stderr }) => stderr,
              (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
            );
          fs.writeFileSync(path, '');
          tell(await attempt());
          // a directory cannot be mounted over a file
          fs.rmSync(path);
          fs.mkdirSync(path);
          fs.writeFileSync(path.replace('/netns/red', ''), '');
          tell(await attempt());
          await rtnetns.deleteNetns(red);
        }, file),
        { wrapper: ['unshare', '-m', 'sh', '-euc', ETC.replace(/.*lost$/m, ''), 'sh'] },
      );
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      const escaped = 'ho\\xe2\\x80\\xaest\\x1b[31ms';
      expect(ended.told).toEqual([
        `rtnetns: cannot bind /etc/netns/red/${escaped} over /etc/${escaped}\n`,
        'NetnsError: ENOTDIR: run a command in red: /etc/netns/red/ho\\u202est\\x1b[31ms cannot be mounted over the file of its ' +
          'name in /etc (mount)',
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
          message: expect.stringMatching(
            /^EPERM: run a command in red: CAP_SYS_ADMIN .*\(setns\)$/,
          ) as string,
        },
        127,
      ]);
    });
  });

  describe('a system that refuses', () => {
    // each in a user namespace of its own, which has its own limits and mounts; and another, where those are locked
    async function refusal(setUp: string): Promise<unknown> {
      const text = program(async ({ rtnetns, tell }) => {
        const red = await rtnetns.createNetns();
        await rtnetns
          .exec(red, 'true')
          .catch((error: unknown) => tell(`${(error as Error).name} ${(error as Error).message}`));
        red.close();
      });
      const ended = await runProgram(text, { wrapper: ['unshare', '-Urmn', 'sh', '-euc', setUp, 'sh'] });
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      return ended.told[0];
    }

    test('a limit', async () => {
      expect(await refusal('echo 0 > /proc/sys/user/max_mnt_namespaces; exec "$@"')).toMatch(
        /^NetnsError ENOSPC: run a command in net:.*: a limit is reached: user.max_mnt_namespaces.* \(unshare\)$/,
      );
    });

    test('a masked /sys', async () => {
      expect(await refusal('mount -t tmpfs t /sys/kernel; exec unshare -Urmn "$@"')).toMatch(
        /^NetnsError EPERM: run a command in net:.* parts of \/sys are masked.* \(mount \/sys\)$/,
      );
    });

    test('a chroot', async () => {
      const places = [
        '/bin',
        '/lib',
        '/lib64',
        '/usr',
        '/proc',
        '/dev',
        ROOT,
        dirname(process.execPath),
      ].join(' ');
      const setUp = `
      mount -t tmpfs t /mnt
      mkdir /mnt/root
      cd /mnt/root
      for d in ${places}; do test -e .$d || { mkdir -p .$d && mount --rbind $d .$d; }; done
      unset NODE_EXTRA_CA_CERTS
      exec chroot . "$@"`;
      expect(await refusal(setUp)).toMatch(/^NetnsError EINVAL: .* as in a chroot \(mount \/\)$/);
    });
  });

  test('a command ends with its parent, if it is to, also as another user', async () => {
    await using red = await createNetns('red');
    const look = `import ctypes
signal = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(signal)) # PR_GET_PDEATHSIG
print(signal.value)`;
    const signals = [{}, { endWithParent: true }, { endWithParent: true, uid: 0, gid: 0 }].map(
      async (options) => {
        const child = spawn(red, 'python3', ['-c', look], {
          ...options,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        return Number(await output(child));
      },
    );
    expect(await Promise.all(signals)).toEqual([0, constants.signals.SIGKILL, constants.signals.SIGKILL]);
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
});
