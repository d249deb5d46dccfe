// Files in /run/netns that are no namespaces, or more than one; and the directory itself.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { attachNetns, createNetns, deleteNetns, listNetns, openNetns } from '../../../lib';
import { background, failure, names, node, run, script } from '../../support/ip';

const shell = (command: string) => execFileSync('sh', ['-euc', command], { encoding: 'utf8' });
const mounted = () => shell('findmnt -rno TARGET | grep ^/run/netns/ || true').split('\n').filter(Boolean);

describe('listNetns, openNetns, deleteNetns', () => {
  test('a stale plain file is listed as such, not opened, and deleted', async () => {
    writeFileSync('/run/netns/stale', '', { mode: 0 });
    expect(await names()).toEqual(['stale']);
    expect(await listNetns()).toEqual([{ name: 'stale', stale: true }]);
    expect(await failure(openNetns('stale'))).toMatchObject({
      name: 'NetnsError',
      code: 'ERR_NOT_A_NETNS',
      message:
        'ERR_NOT_A_NETNS: open namespace stale: no network namespace is mounted on /run/netns/stale: ' +
        "a stale file, which deleteNetns and 'rtnetns clean' remove",
    });
    expect(await failure(createNetns('stale'))).toMatchObject({ code: 'EEXIST' });
    expect(await failure(attachNetns('stale', process.pid))).toMatchObject({ code: 'EEXIST' });
    expect(statSync('/run/netns/stale').size).toBe(0);
    await deleteNetns('stale');
    expect(existsSync('/run/netns/stale')).toBe(false);
  });

  test('createNetns refuses an option that it has not', async () => {
    const create = createNetns as (name: string, options: object) => Promise<unknown>;
    const error = await failure(create('red', { up: true }));
    expect([error.name, error.message]).toEqual(['TypeError', 'up: there is no such option']);
    expect(await names()).toEqual([]);
  });

  test.each(['/etc/passwd', '/etc', '/dev/null', '/proc/self/ns/mnt', '/proc/self/ns/user'])(
    '%s is not a network namespace',
    async (path) => {
      expect(await failure(openNetns({ path }))).toMatchObject({
        name: 'NetnsError',
        code: 'ERR_NOT_A_NETNS',
        message: `ERR_NOT_A_NETNS: open namespace ${path}: this is not a network namespace`,
      });
    },
  );

  test.each([
    ['gone' as const, 'gone: there is no such namespace'],
    [{ path: '/nowhere/at/all' }, '/nowhere/at/all: there is no such namespace'],
    [{ pid: 0x7fffffff }, 'of process 2147483647: there is no such process'],
    [{ fd: 0x7fffffff }, 'of descriptor 2147483647: this process has no such descriptor'],
  ])('opening %p', async (reference, message) => {
    expect(await failure(openNetns(reference))).toMatchObject({
      name: 'NetnsError',
      code: 'ENOENT',
      message: `ENOENT: open namespace ${message} (open)`,
    });
  });

  test('a directory among the names is left alone', async () => {
    mkdirSync('/run/netns/directory');
    expect(await failure(deleteNetns('directory'))).toMatchObject({
      code: 'EISDIR',
      message: 'EISDIR: delete namespace directory: it is a directory, not a namespace (unlink)',
    });
    rmdirSync('/run/netns/directory');
  });

  test('a name that is mounted over several times goes with all of them', async () => {
    await createNetns('red').then((red) => red.close());
    shell(
      'mount --bind /proc/self/ns/net /run/netns/red; unshare -n mount --bind /proc/self/ns/net /run/netns/red',
    );
    expect(mounted()).toEqual(['/run/netns/red', '/run/netns/red', '/run/netns/red']);
    await deleteNetns('red');
    expect(mounted()).toEqual([]);
    expect(readdirSync('/run/netns')).toEqual([]);
  });

  test('by its handle a namespace is not deleted once somebody else has re-made the name', async () => {
    const red = await createNetns('red');
    shell('ip netns del red; ip netns add red');
    const { ino } = statSync('/run/netns/red');
    expect(ino).not.toBe(red.ino);
    expect(await failure(deleteNetns(red))).toMatchObject({ code: 'ENOENT' });
    await deleteNetns(red, { ifMissing: 'ignore' });
    expect(await listNetns()).toEqual([{ name: 'red', ino, stale: false }]);
    await deleteNetns('red');
  });

  test('at the end of the block, neither', async () => {
    {
      await using red = await createNetns('red');
      shell('ip netns del red; ip netns add red');
      expect(red.open).toBe(true);
    }
    expect(await names()).toEqual(['red']);
    await deleteNetns('red');
  });

  // In mount namespaces of their own, so that this one keeps its /run/netns.
  describe.each([
    ['is missing', 'true'],
    ['is no mount point', 'mkdir /run/netns'],
    ['is a mount point that shares nothing', 'mkdir /run/netns; mount -t tmpfs --make-private t /run/netns'],
  ])('where /run/netns %s', (_, prepare) => {
    const inside = (source: string) =>
      node(source, 'unshare', '-m', 'sh', '-euc', `mount -t tmpfs t /run; ${prepare}; exec "$@"`, 'sh');

    test('nothing is listed, and there is nothing to open or to delete', async () => {
      const said = await inside(`
      say(await rtnetns.listNetns());
      say((await told(rtnetns.openNetns('red'))).code);
      say((await told(rtnetns.deleteNetns('red'))).code);`);
      expect(said).toEqual([[], 'ENOENT', 'ENOENT']);
    });

    test('a name is made as ip netns makes it', async () => {
      const said = await inside(`
      const { execSync } = require('node:child_process');
      const sh = (command) => say(execSync(command, { encoding: 'utf8' }).trim());
      const red = await rtnetns.createNetns('red');
      sh('ip netns list');
      sh('stat -c %a /run/netns');
      sh('findmnt -rno PROPAGATION /run/netns | tail -n 1');
      sh('findmnt -rno FSTYPE /run/netns/red');
      sh('ip netns add blue && ip netns list');
      say((await rtnetns.listNetns()).map(({ name }) => name));
      await rtnetns.deleteNetns(red);
      sh('ip netns list && ip netns del blue && ls /run/netns');`);
      const mode = prepare.includes('tmpfs') ? '1777' : '755';
      expect(said).toEqual(['red', mode, 'shared', 'nsfs', expect.any(String), ['blue', 'red'], 'blue']);
      expect((said[4] as string).split('\n').sort()).toEqual(['blue', 'red']);
    });
  });

  test('a lock on /run/netns that somebody holds is not waited for', async () => {
    const prepare = 'mount -t tmpfs t /run; mkdir /run/netns; exec 9< /run/netns; flock 9; exec "$@"';
    const said = await node(
      `
      const begin = performance.now();
      say(await told(rtnetns.createNetns('red')));
      say(performance.now() - begin < 5000);
      say(require('node:fs').readdirSync('/run/netns'));
      // a mount point needs no lock any more
      require('node:child_process').execSync('mount --bind /run/netns /run/netns');
      (await rtnetns.createNetns('red')).close();
      say((await rtnetns.listNetns()).map(({ name }) => name));`,
      ...['unshare', '-m', 'sh', '-euc', prepare, 'sh'],
    );
    const message = expect.stringMatching(
      /^EAGAIN: create namespace red: somebody holds the lock \(flock\) on \/run\/netns/,
    ) as string;
    expect(said).toEqual([{ name: 'NetnsError', code: 'EAGAIN', message }, true, [], ['red']]);
  });

  test('names that ip deletes and makes again meanwhile: what ip has made stays', async () => {
    const source = `
    let ended = false;
    process.stdin.resume().on('end', () => (ended = true));
    console.log('ready');
    while (!ended) {
      const { value: red } = await told(rtnetns.createNetns('red'));
      if (red) await told(rtnetns.deleteNetns(red));
      red?.close();
    }`;
    await using ours = await background(...script(source));
    const sh = async (command: string) => (await run(undefined, 'sh', '-uc', command)).trim();
    const made: string[] = [];
    while (made.length < 10) {
      const ino = await sh('ip netns add red 2> /dev/null && stat -c %i /run/netns/red; true');
      if (ino === '') {
        await sh('ip netns del red 2> /dev/null; true');
      } else {
        made.push(ino);
        expect(await sh('stat -c %i /run/netns/red; ip netns del red')).toBe(ino);
      }
    }
    ours.stdin.end();
    expect(await ours.exited).toEqual([0, null]);
    expect(mounted()).toEqual([]);
  });

  test('two processes that want the same 100 names: each name has one maker, and nothing is half made', async () => {
    const source = `
    process.stdin.once('data', async () => {
      const wanted = Array.from({ length: 100 }, (_, i) => 'race' + i);
      const all = await Promise.all(wanted.map((name) => told(rtnetns.createNetns(name))));
      console.log(JSON.stringify(all.map(({ value, code }) => value?.ino ?? code)));
      process.stdin.destroy();
    });
    console.log('ready');`;
    await using first = await background(...script(source));
    await using second = await background(...script(source));
    for (const { stdin } of [first, second]) stdin.write('go\n');
    expect(await Promise.all([first.exited, second.exited])).toEqual([
      [0, null],
      [0, null],
    ]);
    const made = [first, second].map(
      ({ output }) => JSON.parse(output().split('\n')[1]!) as (number | 'EEXIST')[],
    );
    const winners = made[0]!.map((one, i) => [one, made[1]![i]!].filter((ino) => typeof ino === 'number'));
    expect(winners.map(({ length }) => length)).toEqual(Array(100).fill(1));
    expect(winners.flat()).toEqual(winners.map((_, i) => statSync(`/run/netns/race${i}`).ino));
    const losses = made.flat().filter((one) => typeof one === 'string');
    expect(losses).toEqual(Array(100).fill('EEXIST'));

    const listed = await listNetns();
    expect(listed.filter(({ stale }) => stale)).toEqual([]);
    expect(await names()).toEqual(listed.map(({ name }) => name));
    expect(listed.length).toBe(100);
    expect(mounted().length).toBe(100);
    expect(await run(undefined, 'ip', 'netns', 'exec', 'race99', 'ip', '-br', 'link')).toMatch(/^lo /);
    await Promise.all(listed.map(({ name }) => deleteNetns(name)));
  });
});
