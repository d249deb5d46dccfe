// The sandbox against iproute2, findmnt and /proc. What it must leave alone is an outer sandbox of the test's own, so
// the tests do not look at what others do at the same time, and never touch the host's /run/netns.
import { execFileSync, spawnSync, type SpawnSyncOptionsWithStringEncoding } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lines } from '../../support/lines';
import { filtering } from '../../support/seccomp';

const BUILT = join(__dirname, '../../../build/Release/rtnetns-sandbox');

// A copy where everybody may reach it: the checkout may lie in somebody's home.
const directory = mkdtempSync(join(tmpdir(), 'rtnetns-sandbox-'));
const SANDBOX = join(directory, 'rtnetns-sandbox');
chmodSync(directory, 0o755);
copyFileSync(BUILT, SANDBOX);
chmodSync(SANDBOX, 0o755);

// The callers: as the tests run, and one who needs a user namespace. In a sandbox that an ordinary user started there
// is no other user to become; there it is a root who has lost CAP_SYS_ADMIN, as in a container.
interface Caller {
  command: string[];
  options: { uid?: number; gid?: number };
}

const STRIPPED = ['setpriv', '--bounding-set', '-sys_admin'];
const NOBODY = 65534;
const isRoot = process.getuid!() === 0;
const nobodyIsMapped = lines(readFileSync('/proc/self/uid_map', 'utf8')).some((line) => {
  const [first, , count] = line.trim().split(/\s+/).map(Number);
  return first! <= NOBODY && NOBODY < first! + count!;
});

const asWeAre: Caller = { command: [], options: {} };
const ordinary: Caller = !isRoot
  ? asWeAre
  : nobodyIsMapped
    ? { command: [], options: { uid: NOBODY, gid: NOBODY } }
    : { command: STRIPPED, options: {} };

function spawn(caller: Caller, command: string[], options: Partial<SpawnSyncOptionsWithStringEncoding> = {}) {
  const [file, ...args] = [...caller.command, ...command];
  const result = spawnSync(file!, args, {
    encoding: 'utf8',
    cwd: '/',
    timeout: 20_000,
    ...caller.options,
    ...options,
  });
  if (result.error) throw result.error;
  return { status: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
}

// Runs a shell script in a sandbox and returns what it prints. It has $SANDBOX to nest with, and $ORDINARY, which
// makes a command's caller one who needs a user namespace.
function inside(caller: Caller, script: string): string {
  const others = caller === asWeAre && isRoot && nobodyIsMapped;
  const env = { ...process.env, SANDBOX, ORDINARY: others ? 'runuser -u nobody --' : STRIPPED.join(' ') };
  const { status, stdout, stderr } = spawn(caller, [SANDBOX, 'sh', '-euc', script], { env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.trim();
}

describe('rtnetns sandbox', () => {
  afterAll(() => rmSync(directory, { recursive: true }));

  describe.each([
    ['as the tests run', asWeAre],
    ['without privileges', ordinary],
  ])('%s', (_, caller) => {
    test('the command is root in a network with nothing but lo, which is up', () => {
      expect(inside(caller, 'id -u; id -g')).toBe('0\n0');
      const links = JSON.parse(inside(caller, 'ip -j addr')) as {
        ifname: string;
        flags: string[];
        addr_info: { local: string }[];
      }[];
      expect(links.map((link) => link.ifname)).toEqual(['lo']);
      expect(links[0]!.flags).toContain('UP');
      expect(links[0]!.addr_info.map((address) => address.local)).toEqual(['127.0.0.1', '::1']);
      expect(inside(caller, 'readlink /proc/self/ns/net')).not.toBe(readlinkSync('/proc/self/ns/net'));
    });

    test('it has a user namespace of its own only where it needs one', () => {
      const own = inside(caller, 'readlink /proc/self/ns/user') !== readlinkSync('/proc/self/ns/user');
      expect(own).toBe(caller === ordinary);
    });

    test('the command knows that it is in a sandbox', () => {
      expect(inside(caller, 'echo $RTNETNS_SANDBOX')).toBe('1');
    });

    test('/sys is of the new network, and the cgroups are still below it', () => {
      expect(inside(caller, 'ls /sys/class/net')).toBe('lo');
      expect(inside(caller, 'ip link add veth0 type veth peer name veth1; ls /sys/class/net')).toBe(
        'lo\nveth0\nveth1',
      );
      const cgroups = execFileSync('ls', ['/sys/fs/cgroup'], { encoding: 'utf8' });
      expect(inside(caller, 'ls /sys/fs/cgroup')).toBe(cgroups.trim());
    });

    test('/run/netns is an empty tmpfs in which ip netns works', () => {
      expect(inside(caller, 'findmnt -no FSTYPE /run/netns | tail -n 1; ls -A /run/netns')).toBe('tmpfs');
      expect(inside(caller, 'stat -c %u:%a /run/netns')).toBe('0:755');
      const script = `
      ip netns add x
      ip netns add y
      ip netns list
      ip netns exec x ip link add eth0 type veth peer name eth1
      ip netns exec x ls /sys/class/net
      ip netns del x
      ip netns list`;
      expect(lines(inside(caller, script)).sort()).toEqual(['eth0', 'eth1', 'lo', 'x', 'y', 'y']);
    });

    test('nothing of it is seen outside', () => {
      const outer = `
      look() { cat /proc/self/mountinfo; ls -lA /run /run/netns /sys/class/net; readlink /proc/self/ns/net /proc/self/ns/mnt; }
      ip netns add outer
      # mount(8) makes this directory where it is missing
      mkdir -p /run/mount 2> /dev/null || :
      before=$(look)
      $SANDBOX sh -euc 'ip netns add inner; ip link add type veth; mount -t tmpfs t /mnt; ip netns list'
      test "$before" = "$(look)"`;
      expect(inside(caller, outer)).toBe('inner');
    });

    test('where /run/netns is missing it is not created, and the rest of /run is still there', () => {
      const outer = `
      mount -nt tmpfs t /run
      cd /run
      mkdir -p dir/mounted closed
      mount -nt tmpfs t dir/mounted
      echo deep > dir/mounted/file
      echo flat > file
      ln -s dir/mounted/file link
      ln -s nowhere broken
      mkfifo pipe
      chmod 0 closed
      $SANDBOX sh -euc 'ls /run; cat /run/file /run/link; readlink /run/broken; test -p /run/pipe; ip netns add x'
      echo --
      ls /run`;
      const [seen, left] = inside(caller, outer).split('\n--\n');
      const entries = ['broken', 'closed', 'dir', 'file', 'link', 'pipe'];
      expect(lines(left!)).toEqual(entries);
      expect(lines(seen!)).toEqual([...entries.toSpliced(5, 0, 'netns'), 'flat', 'deep', 'nowhere']);
    });

    test.each(['', '$ORDINARY'])(
      'what is mounted and unmounted outside is so in a sandbox %s, too',
      (nested) => {
        const outer = `
      mount -nt tmpfs t /mnt
      mount --make-shared /mnt
      mkdir /mnt/early /mnt/late
      mount -nt tmpfs t /mnt/early
      mkfifo -m 666 /mnt/ready /mnt/go
      ${nested} $SANDBOX sh -c 'echo > /mnt/ready; read _ < /mnt/go; findmnt -rno TARGET | grep -e /mnt/early -e /mnt/late' &
      read _ < /mnt/ready
      umount -n /mnt/early
      mount -nt tmpfs t /mnt/late
      echo > /mnt/go
      wait`;
        expect(inside(caller, outer)).toBe('/mnt/late');
      },
    );

    test.each(['', '$ORDINARY'])(
      'a namespace that is deleted outside does not live on in a sandbox %s',
      (nested) => {
        const outer = `
      ip netns add x
      ip link add here type veth peer name there netns x
      mount -t tmpfs t /mnt
      mkfifo -m 666 /mnt/ready /mnt/done
      ${nested} $SANDBOX sh -c 'echo > /mnt/ready; read _ < /mnt/done' &
      read _ < /mnt/ready
      ip netns del x
      for i in $(seq 100); do ip link show dev here > /dev/null 2>&1 || break; sleep 0.05; done
      ip -br link | wc -l
      echo > /mnt/done
      wait`;
        expect(inside(caller, outer)).toBe('1');
      },
    );

    test('sandboxes nest, also without privileges', () => {
      expect(inside(caller, '$SANDBOX $SANDBOX sh -c "id -u; ip netns add x; ip netns list"')).toBe('0\nx');
      expect(inside(caller, 'setpriv --no-new-privs --bounding-set -net_admin $SANDBOX id -u')).toBe('0');
      expect(
        inside(asWeAre, '$ORDINARY $SANDBOX $SANDBOX sh -c "id -u; ip netns add x; ip netns list"'),
      ).toBe('0\nx');
    });

    test('exit codes, signals, standard streams and arguments are those of the command', () => {
      const run = (...command: string[]) => spawn(caller, [SANDBOX, ...command]);
      expect(run('true').status).toBe(0);
      expect(run('sh', '-c', 'exit 7').status).toBe(7);
      expect(run('sh', '-c', 'kill -TERM $$')).toMatchObject({ status: null, signal: 'SIGTERM' });
      expect(spawn(caller, [SANDBOX, 'cat'], { input: 'from outside' }).stdout).toBe('from outside');
      expect(run('sh', '-c', 'echo oops >&2').stderr).toBe('oops\n');
      expect(run('--', 'printf', '[%s]', 'a b', '', '--', "it's").stdout).toBe("[a b][][--][it's]");
    });

    test('no descriptor leaks into the command', () => {
      const plain = spawn(caller, ['ls', '/proc/self/fd']).stdout;
      expect(spawn(caller, [SANDBOX, 'ls', '/proc/self/fd']).stdout).toBe(plain);
      expect(inside(caller, 'mount -t tmpfs t /run; $SANDBOX ls /proc/self/fd')).toBe(plain.trim());
    });

    test('a command that cannot be run', () => {
      // A directory in the PATH that is closed to the caller would make it EACCES, as for env(1).
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
      const run = (...command: string[]) => spawn(caller, [SANDBOX, ...command], { env });
      expect(run('no-such-command')).toMatchObject({
        status: 127,
        stderr: 'rtnetns-sandbox: no-such-command: No such file or directory\n',
      });
      expect(run('/etc/passwd')).toMatchObject({
        status: 126,
        stderr: 'rtnetns-sandbox: /etc/passwd: Permission denied\n',
      });
      const usage = { status: 125, stderr: 'usage: rtnetns-sandbox [--] COMMAND [ARG...]\n' };
      expect(run()).toMatchObject(usage);
      expect(run('--')).toMatchObject(usage);
      expect(run('--help')).toMatchObject(usage);
    });
  });

  // Each in a user namespace of its own, which has its own limits, below an outer sandbox.
  describe('a system that refuses', () => {
    const stripped = STRIPPED.join(' ');

    function refusal(script: string): string {
      const env = { ...process.env, SANDBOX };
      const command = [SANDBOX, 'unshare', '-Urm', 'sh', '-euc', script];
      const { status, stdout, stderr } = spawn(asWeAre, command, { env });
      expect({ status, stdout, lines: lines(stderr).length }).toEqual({ status: 125, stdout: '', lines: 1 });
      return stderr.trim();
    }

    test('no user namespaces', () => {
      expect(refusal(`echo 0 > /proc/sys/user/max_user_namespaces; ${stripped} $SANDBOX true`)).toMatch(
        /cannot create a user namespace: .*user\.max_user_namespaces is 0 or used up.*; .*sysctl -w user\.max_user_names/,
      );
    });

    test.each(['net', 'mnt'])('no more %s namespaces, with and without a user namespace', (kind) => {
      const message = new RegExp(
        `cannot create a ${kind} namespace: .*user\\.max_${kind}_namespaces is 0 .*; .*sysctl -w user\\.max_${kind}_names`,
      );
      for (const prefix of ['', stripped]) {
        expect(refusal(`echo 0 > /proc/sys/user/max_${kind}_namespaces; ${prefix} $SANDBOX true`)).toMatch(
          message,
        );
      }
    });

    test('a user whom the user namespace does not know', () => {
      expect(refusal('unshare -U $SANDBOX true')).toMatch(
        /cannot create a user namespace: .*\(.*a user without a mapping.*\); run as root/,
      );
    });

    test('a chroot', () => {
      expect(refusal(`mount --rbind / /mnt; chroot /mnt ${stripped} $SANDBOX true`)).toMatch(
        /\(.* in a chroot.*\); run/,
      );
      const plain = `
      mount -t tmpfs t /mnt
      mkdir /mnt/root
      cd /mnt/root
      for d in /bin /lib /lib64 /usr /proc ${directory}; do test -d $d && mkdir -p .$d && mount --rbind $d .$d; done
      chroot . $SANDBOX true`;
      expect(refusal(plain)).toMatch(
        /cannot separate the mounts: .*\(\/ is not a mount point.*\); mount --bind/,
      );
    });

    test('root without CAP_SETFCAP', () => {
      expect(refusal('setpriv --bounding-set -all $SANDBOX true')).toMatch(
        /without CAP_SETFCAP\); keep that capability/,
      );
    });

    test('a masked /sys', () => {
      expect(refusal(`mount -t tmpfs t /sys/kernel; ${stripped} $SANDBOX true`)).toMatch(
        /cannot mount a sysfs on \/sys: .*masked.*\); start the container with/,
      );
    });

    // The second is also what a kernel without network namespaces answers.
    test.each([
      ['EPERM', /\(a seccomp filter forbids it.*\); start the container with/],
      [
        'EINVAL',
        /cannot create a net namespace: .*\(this kernel is built without it\); boot a kernel that has it/,
      ],
    ] as const)('a seccomp filter that answers %s', (code, message) => {
      const words = [...filtering(['unshare'], constants.errno[code]), SANDBOX, 'true'];
      const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      expect(refusal(`${stripped} ${quoted}`)).toMatch(message);
    });

    // Kernels with these are not at hand everywhere: the EPERM is real, the file that explains it is made up.
    test.each([
      [
        'sys/kernel/unprivileged_userns_clone',
        '0',
        /kernel\.unprivileged_userns_clone is 0\); run as root, or once: sysctl/,
      ],
      [
        'sys/kernel/apparmor_restrict_unprivileged_userns',
        '1',
        /\(AppArmor restricts user .*\); .*apparmor_restrict.*=0/,
      ],
      [
        'self/attr/current',
        'unprivileged_userns (enforce)',
        /\(AppArmor restricts user .*\); .*apparmor_restrict.*=0/,
      ],
      [
        'self/attr/current',
        'docker-default (enforce)',
        /\(the AppArmor profile .*\); .*--security-opt apparmor=unconfined/,
      ],
    ])('/proc/%s says %s', (file, text, message) => {
      const script = file.startsWith('self')
        ? `mount -t tmpfs t /mnt; echo '${text}' > /mnt/f; mount --bind /mnt/f /proc/$$/attr/current`
        : `mount -t tmpfs t /proc/sys/kernel; echo '${text}' > /proc/${file}`;
      expect(refusal(`${script}; exec unshare -U $SANDBOX true`)).toMatch(message);
    });
  });
});
