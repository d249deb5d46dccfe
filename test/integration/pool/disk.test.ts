// What a pool does where the disk or the directory is not as it should be.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openAddressPool } from '../../../lib';
import { failure } from '../../support/ip';
import { eachInDirectory, fill, indexes, pythonReads, subnet } from '../../support/pool';
import { program, runProgram } from '../../support/program';

let directory: string;
let file: string;

const shell = (command: string) => execFileSync('sh', ['-euc', command], { encoding: 'utf8' });
const open = async () => openAddressPool({ directory, subnet });

describe('openAddressPool, openSubnetPool', () => {
  eachInDirectory((...paths) => {
    [directory, file] = paths;
  });

  test('a directory that was removed is told, and locked anew when it is there again', async () => {
    await using one = await open();
    await using other = await open();
    await fill(one, 5);
    rmSync(directory, { recursive: true });
    expect(await failure(one.allocate({ owner: 'red' }))).toMatchObject({
      name: 'PoolError',
      code: 'ENOENT',
      message: `ENOENT: allocate from pool ${subnet}: somebody has removed ${file} (open)`,
    });
    mkdirSync(directory);
    const both = await Promise.all([one.allocate({ owner: 'red' }), other.allocate({ owner: 'blue' })]);
    expect(new Set(both)).toEqual(new Set(['10.0.0.2/16', '10.0.0.3/16']));
    // the lock that both had is nobody else's any more
    expect(readdirSync(directory).sort()).toEqual(['10.0.0.0-16.lock', '10.0.0.0-16.pool']);
  });

  test('where it is a file, or the lock a link, it is no directory of a pool', async () => {
    writeFileSync(join(directory, 'plain'), '');
    const plain = { directory: join(directory, 'plain'), subnet };
    expect(await failure(openAddressPool(plain))).toMatchObject({
      name: 'PoolError',
      code: 'EEXIST',
      operation: 'open',
    });
    const below = { directory: join(directory, 'plain/below'), subnet };
    expect(await failure(openAddressPool(below))).toMatchObject({ name: 'PoolError', code: 'ENOTDIR' });
    symlinkSync('/dev/null', join(directory, '10.0.0.0-16.lock'));
    expect(await failure(open())).toMatchObject({ name: 'PoolError', code: 'ELOOP' });
  });

  test('where others may write, it is refused; one that is made is for its owner alone, whatever the umask', async () => {
    chmodSync(directory, 0o777);
    expect(await failure(open())).toMatchObject({
      name: 'PoolError',
      code: 'ERR_POOL_UNSAFE',
      path: directory,
    });
    expect(readdirSync(directory)).toEqual([]);
    chmodSync(directory, 0o755);
    const umask = process.umask(0);
    try {
      await using pool = await openAddressPool({ directory: join(directory, 'new/below'), subnet });
      await pool.allocate({ owner: 'red' });
    } finally {
      process.umask(umask);
    }
    for (const [path, mode] of [
      ['new', 0o700],
      ['new/below', 0o700],
      ['new/below/10.0.0.0-16.pool', 0o600],
    ] as const) {
      expect(statSync(join(directory, path)).mode & 0o777).toBe(mode);
    }
  });

  test('a link in the place of the file that is being written is replaced, not followed', async () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, join(directory, '10.0.0.0-16.pool.new'));
    await using pool = await open();
    await pool.allocate({ owner: 'red' });
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(await pythonReads(file)).toMatchObject([{}, { '10.0.0.2': 'red' }]);
  });

  test('on a file system that is read-only', async () => {
    await using pool = await open();
    await fill(pool, 5);
    const shown = join(directory, 'shown');
    mkdirSync(shown);
    shell(`mount --bind ${directory} ${shown} && mount -o remount,bind,ro ${shown}`);
    try {
      expect(await failure(openAddressPool({ directory: shown, subnet }))).toMatchObject({
        name: 'PoolError',
        code: 'EROFS',
        message: `EROFS: open pool ${subnet}: the file system is mounted read-only, of ${shown}/10.0.0.0-16.pool (open)`,
      });
    } finally {
      shell(`umount ${shown}`);
    }
  });

  describe('on a small disk', () => {
    beforeEach(() => {
      shell(`mount -t tmpfs -o size=192k,mode=700 small ${directory}`);
      writeFileSync(join(directory, 'ballast'), Buffer.alloc(64 * 1024));
    });
    afterEach(() => shell(`umount ${directory}`));

    test('that is full nothing is given, and nothing lost', async () => {
      const pool = await open();
      try {
        const given: string[] = [];
        let refused: unknown;
        for (let i = 0; refused === undefined; i++) {
          await pool.allocate({ owner: `${i} ${'x'.repeat(1000)}` }).then(
            (address) => given.push(address),
            (reason: unknown) => (refused = reason),
          );
        }
        expect(refused).toMatchObject({
          name: 'PoolError',
          code: 'ENOSPC',
          message: `ENOSPC: allocate from pool ${subnet}: there is no space left in ${file} (write)`,
        });
        // more than fits twice: at last there was no room to write it anew
        expect(given.length).toBeGreaterThan(70);
        expect((await pool.list()).map(({ address }) => address)).toEqual(given);
        expect(readdirSync(directory).sort()).toEqual(['10.0.0.0-16.lock', '10.0.0.0-16.pool', 'ballast']);
        // of many together, none
        const many = await Promise.allSettled(
          indexes(10).map((i) => pool.allocate({ owner: `${i} ${'y'.repeat(1000)}` })),
        );
        expect(many.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
        const other = await open();
        expect((await other.list()).map(({ address }) => address)).toEqual(given);
        await other.close();
        rmSync(join(directory, 'ballast'));
        expect(await pool.allocate({ owner: 'red' })).toBe(`10.0.0.${given.length + 2}/16`);
        expect(await pool.list()).toHaveLength(given.length + 1);
      } finally {
        await pool.close();
      }
    });
  });

  test('what the disk does not take is not given', async () => {
    const one = ['env', 'UV_THREADPOOL_SIZE=1']; // strace counts by thread
    const { code, stderr, told } = await runProgram(
      program(
        async ({ rtnetns, tell }, options) => {
          const pool = await rtnetns.openAddressPool(options);
          const asked = [];
          for (const owner of ['red', 'blue', 'green']) {
            asked.push(...(await Promise.allSettled([pool.allocate({ owner })])));
          }
          tell(asked.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason))));
          tell((await pool.list()).map(({ owner, address }) => [owner, address]));
          await pool.close();
        },
        { directory, subnet },
      ),
      {
        wrapper: [
          ...one,
          'strace',
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-e',
          'inject=fdatasync:error=EIO:when=2',
        ],
      },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const reason = `i/o error, in ${file} (fdatasync)`;
    expect(told).toEqual([
      ['10.0.0.2/16', `PoolError: EIO: allocate from pool ${subnet}: ${reason}`, '10.0.0.3/16'],
      [
        ['red', '10.0.0.2/16'],
        ['green', '10.0.0.3/16'],
      ],
    ]);
  });
});
