// Creation that fails half-way: the system calls are made to fail by strace(1), or by a limit.
import { createNetns } from '../../../lib';
import { names, node } from '../../support/ip';

interface Left {
  created?: unknown;
  error: { name: string; code: string; message: string };
  files: string[];
  mounts: string[];
  descriptors: string[];
}

// What is left in the process, and in the mount namespace, when creation has failed.
const REPORT = `
  const { readdirSync, readFileSync, readlinkSync } = require('node:fs');
  const look = (directory, link) => readdirSync(directory).flatMap((entry) => {
    try { return [readlinkSync(directory + '/' + entry + link)]; } catch { return []; }
  });
  const report = () => ({
    files: readdirSync('/run/netns'),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\\n').filter((line) => line.includes('/run/netns/')),
    descriptors: look('/proc/self/fd', '').filter((target) => target.startsWith('net:')),
  });
  const own = readlinkSync('/proc/self/ns/net');
  const threadsElsewhere = () => look('/proc/self/task', '/ns/net').filter((netns) => netns !== own).length;`;

const ATTEMPT = `${REPORT}
  const { value, ...error } = await told(rtnetns.ATTEMPT);
  while (threadsElsewhere() > 0) await new Promise(setImmediate);
  say({ ...(value && { created: true }), error, ...report() });`;

/** Each of our threads is a tracee of its own, so that only its calls are counted. */
function attemptWith(injection: string, attempt: string): Promise<unknown[]> {
  const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `inject=${injection}`];
  return node(ATTEMPT.replace('ATTEMPT', attempt), ...strace);
}

describe('createNetns', () => {
  test.each([
    // the directory's mount point
    ['mount:error=EPERM:when=1', 'EPERM', /CAP_SYS_ADMIN .*run as root.*\(mount\)/],
    // the name
    ['openat:error=EROFS:when=1', 'EROFS', /read-only \(open\)/],
    ['unshare:error=ENOSPC:when=1', 'ENOSPC', /user\.max_net_namespaces.*\(unshare\)/],
    ['unshare:error=EPERM:when=1', 'EPERM', /CAP_SYS_ADMIN .*\(unshare\)/],
    // the descriptor
    ['openat:error=EMFILE:when=2', 'EMFILE', /ulimit -n.*\(open\)/],
    ['socket:error=EMFILE:when=1', 'EMFILE', /ulimit -n.*\(socket\)/],
    ['setsockopt:error=ENOPROTOOPT:when=5', 'ENOPROTOOPT', /\(setsockopt\)/],
    ['connect:error=ENOBUFS:when=1', 'ENOBUFS', /\(connect\)/],
    // the namespace on its name
    ['mount:error=ENOSPC:when=2', 'ENOSPC', /fs\.mount-max.*\(mount\)/],
  ])('with %s leaves nothing', async (injection, code, message) => {
    const [left] = (await attemptWith(injection, "createNetns('half')")) as [Left];
    expect(left).toEqual({
      error: { name: 'NetnsError', code, message: expect.stringMatching(message) as string },
      files: [],
      mounts: [],
      descriptors: [],
    });
    expect(left.error.message).toMatch(/^E\w+: create namespace half: /);
    expect(await names()).toEqual([]);
  });

  test('without a name leaves nothing, either', async () => {
    const [left] = await attemptWith('socket:error=EMFILE:when=1', 'createNetns()');
    expect(left).toMatchObject({ error: { code: 'EMFILE' }, files: [], mounts: [], descriptors: [] });
  });

  test('attachNetns that is refused the mount leaves no file', async () => {
    const [left] = await attemptWith('mount:error=ENOSPC:when=2', "attachNetns('half', process.pid)");
    expect(left).toMatchObject({ error: { code: 'ENOSPC' }, files: [], mounts: [], descriptors: [] });
  });

  test('without injection the same attempt succeeds: the calls that fail are those meant', async () => {
    const [done] = await attemptWith(
      'mount:error=ENOSPC:when=9',
      "createNetns('whole').then(async (netns) => { await rtnetns.deleteNetns(netns); return 1; })",
    );
    expect(done).toEqual({ created: true, error: {}, files: [], mounts: [], descriptors: [] });
  });

  test('at the limit of namespaces, what was made before stays, and nothing more is left', async () => {
    const limited = ['unshare', '-Urm', 'sh', '-euc'];
    const prepare = 'mount -t tmpfs t /run/netns; echo 3 > /proc/sys/user/max_net_namespaces; exec "$@"';
    const [tried, left, later] = await node(
      `${REPORT}
    const wanted = ['a', 'b', 'c', 'd', 'e'];
    const all = await Promise.all(wanted.map((name) => told(rtnetns.createNetns(name))));
    say(all.map(({ value, code, message }) => value ? value.name : [code, message]));
    say(report());
    const made = all.flatMap(({ value }) => value ?? []);
    await Promise.all(made.map((netns) => rtnetns.deleteNetns(netns)));
    // the kernel counts them until it has taken them apart
    let again;
    do again = await told(rtnetns.createNetns('again')); while (again.code === 'ENOSPC');
    say([again.value?.name, readdirSync('/run/netns')]);`,
      ...limited,
      prepare,
      'sh',
    );
    const message = /^ENOSPC: create namespace [a-e]: a limit on .* user\.max_net_namespaces.*\(unshare\)$/;
    const results = tried as (string | [string, string])[];
    const made = results.filter((one) => typeof one === 'string');
    expect(made.length).toBe(3);
    expect(results.filter((one) => typeof one !== 'string')).toEqual(
      Array(2).fill(['ENOSPC', expect.stringMatching(message) as string]),
    );
    expect(left).toMatchObject({ files: made });
    expect((left as Left).mounts.length).toBe(3);
    expect((left as Left).descriptors.length).toBe(3);
    expect(later).toEqual(['again', ['again']]);
  });

  test('a name taken in between: the one who comes second gets EEXIST and changes nothing', async () => {
    const [first, ...others] = await Promise.allSettled(Array.from({ length: 20 }, () => createNetns('one')));
    const results = [first!, ...others];
    const made = results.filter((result) => result.status === 'fulfilled');
    expect(made.length).toBe(1);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(Array(19).fill('EEXIST'));
    expect(await names()).toEqual(['one']);
    await made[0]!.value[Symbol.asyncDispose]();
    expect(await names()).toEqual([]);
  });
});
