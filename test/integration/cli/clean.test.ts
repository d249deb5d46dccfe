import { writeFileSync } from 'node:fs';
import { createNetns, deleteNetns, doctor } from '../../../lib';
import { CLI, outside, powerless, rtnetns, sandboxed } from '../../support/cli';
import { background, names } from '../../support/ip';
import { typeAt } from '../../support/typist';

const HOSTILE = 'e\x1b[31mvil';
const LEFT = 'is a plain file, left behind by a crash: it cannot be opened, and the name is taken';

/** Names without a namespace. */
function crash(...left: string[]): void {
  for (const name of left) writeFileSync(`/run/netns/${name}`, '');
}

/** Types an answer at a terminal. */
const answer = (key: string) =>
  typeAt([['[y/N] ', key]], [process.execPath, CLI, 'clean'], { ...outside(), TERM: 'dumb' });

describe('rtnetns clean', () => {
  afterEach(async () => deleteNetns(['stale', HOSTILE, 'elsewhere'], { ifMissing: 'ignore' }));

  test('finds nothing where no name is stale', async () => {
    await using red = await createNetns('red');
    for (const flags of [[], ['--yes']]) {
      expect(rtnetns('clean', ...flags)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
    expect(await names()).toEqual([red.name]);
  });

  test('only lists names where nobody can be asked', async () => {
    await using red = await createNetns('red');
    crash('stale', HOSTILE);
    const { status, stdout, stderr } = rtnetns('clean');
    expect(stdout).toBe(
      `/run/netns/e\\x1b[31mvil\n  e\\x1b[31mvil ${LEFT}\n/run/netns/stale\n  stale ${LEFT}\n`,
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(await names()).toEqual([HOSTILE, 'red', 'stale']);
    const found = (await doctor(red)).filter(({ code }) => code === 'stale-name');
    expect(found.map(({ name }) => name)).toEqual([HOSTILE, 'stale']);
  });

  test('removes stale names with --yes, and no other', async () => {
    await using red = await createNetns('red');
    crash('stale', HOSTILE);
    expect(rtnetns('clean', '--yes')).toMatchObject({ status: 0, stderr: '' });
    expect(await names()).toEqual([red.name]);
  });

  test.each([
    ['y\r', 0, []],
    ['YES\r', 0, []],
    ['n\r', 1, ['stale']],
    ['\r', 1, ['stale']],
    ['\x03', 1, ['stale']],
    ['\x04', 1, ['stale']],
  ])('asks at a terminal, where the answer is %j', async (key, code, left) => {
    crash('stale');
    const { status, stdout } = answer(key);
    expect(stdout).toContain(`stale ${LEFT}\r\nRemove it? [y/N] `);
    expect(status).toBe(code);
    expect(await names()).toEqual(left);
  });

  test('keeps a name that is mounted in another mount namespace', async () => {
    crash('elsewhere');
    const script =
      'mount --make-private /run/netns; mount --bind /proc/self/ns/net /run/netns/elsewhere; echo; exec sleep 60';
    await using other = await background('unshare', '-m', 'sh', '-ec', script);
    const { status, stdout } = rtnetns('clean', '--yes');
    expect(stdout).toBe(
      `/run/netns/elsewhere\n  elsewhere cannot be opened here: it is mounted in another mount namespace, that of process ${other.pid}\n`,
    );
    expect(status).toBe(1);
    expect(await names()).toEqual(['elsewhere']);
  });

  test('a name of the same text in another directory is not this one', async () => {
    await using red = await createNetns('red');
    const script = 'touch /run/netns/red; exec "$0" "$1" clean --yes';
    const { status, stdout } = sandboxed('sh', '-c', script, process.execPath, CLI);
    expect(stdout).toBe(`/run/netns/red\n  red ${LEFT}\n`);
    expect(status).toBe(0);
    expect(await names()).toEqual([red.name]);
  });

  test('needs no capability', async () => {
    crash('stale');
    expect(powerless('clean', '--yes')).toMatchObject({ status: 0, stderr: '' });
    expect(await names()).toEqual([]);
  });
});
