// The files of a pool: what is in them, and what may be wrong with them.
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openAddressPool, openSubnetPool } from '../../../lib';
import { failure, run } from '../../support/ip';
import { eachInDirectory, fill, indexes, pythonReads, subnet } from '../../support/pool';
import { program, runProgram } from '../../support/program';

let directory: string;
let file: string;

const open = async () => openAddressPool({ directory, subnet });

describe('openAddressPool, openSubnetPool', () => {
  eachInDirectory((...paths) => {
    [directory, file] = paths;
  });

  test('python reads what was written', async () => {
    await using pool = await open();
    await pool.allocate({ owner: 'réd "1"' });
    await pool.allocate({ owner: 'blue' });
    await pool.release('10.0.0.2');
    await pool.allocate({ owner: 'green', address: '10.0.9.9' });
    expect(await pythonReads(file)).toEqual([
      { format: 'rtnetns pool', version: 1, pool: subnet, each: 32 },
      { '10.0.0.3': 'blue', '10.0.9.9': 'green' },
    ]);
    expect(readdirSync(directory).sort()).toEqual(['10.0.0.0-16.lock', '10.0.0.0-16.pool']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // who could open it could hold everybody up
    expect(statSync(join(directory, '10.0.0.0-16.lock')).mode & 0o777).toBe(0o600);
  });

  test.each([
    '10.0.0.0/24',
    '10.0.0.0/29',
    '10.0.0.0/30',
    '10.0.0.0/31',
    '10.0.0.0/32',
    'fd00::/120',
    'fd00::ff00/126',
    'fd00::/127',
    'fd00::/128',
  ])('the addresses of %s are those that python calls its hosts', async (all) => {
    await using pool = await openAddressPool({ subnet: all, gateway: null });
    const source =
      'import ipaddress, json, sys; print(json.dumps([str(one) for one in ipaddress.ip_network(sys.argv[1]).hosts()]))';
    const hosts = JSON.parse(await run(undefined, 'python3', '-c', source, all)) as string[];
    const given = await Promise.all(hosts.map(async (host) => pool.allocate({ owner: host })));
    expect(given).toEqual(hosts.map((host) => `${host}/${all.split('/')[1]!}`));
    expect(await failure(pool.allocate({ owner: 'more' }))).toMatchObject({ code: 'ERR_POOL_EXHAUSTED' });
  });

  test('the subnets of a pool are those that python divides it into', async () => {
    await using pool = await openSubnetPool({ directory, base: 'fd00:0:0:8000::/49', prefixLength: 57 });
    const source =
      "import ipaddress, json; print(json.dumps([str(one) for one in ipaddress.ip_network('fd00:0:0:8000::/49').subnets(new_prefix=57)]))";
    const subnets = JSON.parse(await run(undefined, 'python3', '-c', source)) as string[];
    const given = await Promise.all(subnets.map(async (one) => pool.allocate({ owner: one })));
    expect(given).toEqual(subnets);
    expect(await failure(pool.allocate({ owner: 'more' }))).toMatchObject({ code: 'ERR_POOL_EXHAUSTED' });
  });

  test('another handle sees all of it, also after the file was written anew', async () => {
    await using one = await open();
    await using other = await open();
    const sizes = [];
    for (let turn = 0; turn < 12; turn++) {
      const given = await fill(one, 500, 'x'.repeat(20));
      expect((await other.list()).map(({ address }) => address)).toEqual(given);
      const released = await Promise.all(
        indexes(500).map((i) => other.release({ owner: `${'x'.repeat(20)} ${i}` })),
      );
      expect(released.flat().map(({ address }) => address)).toEqual(given);
      expect(await one.list()).toEqual([]);
      sizes.push(statSync(file).size);
    }
    // it has shrunk in between, and nothing was given twice
    expect(sizes).not.toEqual([...sizes].sort((a, b) => a - b));
    expect(await one.allocate({ owner: 'last' })).toBe('10.0.23.114/16');
    expect(readdirSync(directory)).not.toContain('10.0.0.0-16.pool.new');
    await using third = await open();
    expect(await third.list()).toMatchObject([{ address: '10.0.23.114/16', owner: 'last' }]);
  });

  test('what is asked for together is written together', async () => {
    const trace = join(directory, 'trace');
    const { code, stderr } = await runProgram(
      program(
        async ({ rtnetns }, options) => {
          const pool = await rtnetns.openAddressPool(options);
          const all = (name: string) =>
            Promise.all(Array.from({ length: 1000 }, (_, i) => pool.allocate({ owner: `${name} ${i}` })));
          await all('first');
          await all('second');
          await pool.close();
        },
        { directory, subnet },
      ),
      { wrapper: ['strace', '-f', '-qq', '-s', '0', '-e', 'trace=fdatasync,fcntl,rename', '-o', trace] },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const calls = readFileSync(trace, 'utf8');
    const count = (pattern: RegExp) => calls.match(pattern)?.length;
    // opened, and the first thousand in a new file; the second at its end
    expect(count(/fdatasync\(/g)).toBe(2);
    expect(count(/rename\(/g)).toBe(1);
    expect(count(/F_OFD_SETLK, \{l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1/g)).toBe(3);
  });

  describe('a file', () => {
    const damages: [what: string, damage: () => void, message: RegExp, seen: boolean][] = [
      ['that is empty', () => truncateSync(file, 0), /: it is empty, or cut off$/, true],
      [
        'that has lost all but a part of its head',
        () => truncateSync(file, 20),
        /: it is empty, or cut off$/,
        true,
      ],
      [
        'in which a byte has changed',
        () => {
          const bytes = readFileSync(file);
          bytes[200]! ^= 1;
          writeFileSync(file, bytes);
        },
        /: the line at byte \d+: its checksum is wrong$/,
        false,
      ],
      [
        'with a line of somebody else',
        () => appendFileSync(file, 'hello\n'),
        /: its checksum is wrong$/,
        true,
      ],
      ['of zeros', () => writeFileSync(file, Buffer.alloc(4096)), /: it is empty, or cut off$/, false],
    ];

    test.each(damages)('%s is refused, and left as it is', async (_, damage, message, seen) => {
      await using pool = await open();
      await fill(pool, 5);
      damage();
      const before = readFileSync(file);
      const wrong = {
        name: 'PoolError',
        code: 'ERR_POOL_DAMAGED',
        pool: subnet,
        path: file,
        message: expect.stringMatching(message) as unknown,
      };
      expect(await failure(open())).toMatchObject(wrong);
      // who has read it before does not go on with what it remembers; it does not read the same again, though
      if (seen) {
        expect(await failure(pool.allocate({ owner: 'more' }))).toMatchObject(wrong);
        expect(await failure(pool.release({ owner: 'owner 1' }))).toMatchObject(wrong);
        expect(await failure(pool.list())).toMatchObject(wrong);
      }
      expect(readFileSync(file)).toEqual(before);
    });

    test('of another pool is refused, and left as it is', async () => {
      const name = 'pool';
      await using pool = await openAddressPool({ directory, name, subnet });
      await pool.allocate({ owner: 'red' });
      const before = readFileSync(join(directory, 'pool.pool'));
      for (const attempt of [
        openAddressPool({ directory, name, subnet: '10.1.0.0/16' }),
        openAddressPool({ directory, name, subnet: 'fd00::/64' }),
        openSubnetPool({ directory, name, base: '10.0.0.0/16', prefixLength: 24 }),
      ]) {
        expect(await failure(attempt)).toMatchObject({
          name: 'PoolError',
          code: 'ERR_POOL_MISMATCH',
          operation: 'open',
          message: expect.stringMatching(
            /pool.pool is left as it is: it is that of 10.0.0.0\/16, given by \/32$/,
          ) as unknown,
        });
      }
      expect(readFileSync(join(directory, 'pool.pool'))).toEqual(before);
      // other ends of the same subnet are no other pool
      await using range = await openAddressPool({ directory, name, subnet, range: { from: '10.0.5.0' } });
      expect(await range.allocate({ owner: 'blue' })).toBe('10.0.5.0/16');
      expect(await pool.list()).toHaveLength(2);
    });

    test('whose last line was not written to its end is without that line', async () => {
      await using pool = await open();
      const given = await fill(pool, 5);
      appendFileSync(file, '12345678 [["take","10.0.0.9","nobody');
      expect((await pool.list()).map(({ address }) => address)).toEqual(given);
      await using other = await open();
      expect(await other.allocate({ owner: 'red' })).toBe('10.0.0.7/16');
      expect(await pool.allocate({ owner: 'blue' })).toBe('10.0.0.8/16');
      const [, owners] = (await pythonReads(file)) as [unknown, Record<string, string>];
      expect(Object.keys(owners)).toHaveLength(7);
    });

    test('that was removed is an empty pool', async () => {
      await using pool = await open();
      await fill(pool, 5);
      rmSync(file);
      expect(await pool.list()).toEqual([]);
      expect(await pool.allocate({ owner: 'red' })).toBe('10.0.0.2/16');
    });
  });

  test('where no directory can be created, opening is refused', async () => {
    const error = await failure(openAddressPool({ directory: '/proc/none/pools', subnet, name: 'n' }));
    expect(error).toMatchObject({ name: 'PoolError', code: 'ENOENT', path: '/proc/none/pools/n.pool' });
    expect(error.message).toContain('no directory can be created for /proc/none/pools/n.pool (mkdir)');
  });

  test('a pool that nobody has asked for anything has no file yet, and a pool in memory none at all', async () => {
    const below = join(directory, 'a/b');
    await using pool = await openAddressPool({ directory: below, subnet, name: 'n' });
    expect(await pool.list()).toEqual([]);
    expect(readdirSync(below)).toEqual(['n.lock']);
    await using memory = await openAddressPool({ subnet });
    await fill(memory, 3);
    expect(readdirSync(directory)).toEqual(['a']);
  });
});
