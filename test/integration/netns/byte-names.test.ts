// Names in /run/netns that are not UTF-8: files may have any bytes but '/' and NUL.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createNetns, deleteNetns, exec, identifyNetns, listNetns, openNetns, spawn } from '../../../lib';
import { failure, run } from '../../support/ip';

const shell = (command: string) => execFileSync('bash', ['-euc', command], { encoding: 'latin1' });
const files = () => readdirSync('/run/netns', 'latin1').sort();

const NAME = '\udcff\udcfe';
const IN_SHELL = `$'\\xff\\xfe'`;

describe('listNetns, openNetns, createNetns', () => {
  test('a name of other bytes is listed, opened and deleted by what is listed', async () => {
    shell(`ip netns add ${IN_SHELL}; ip -n ${IN_SHELL} link add va type veth peer name vb; ip netns add red`);
    const listed = await listNetns();
    expect(listed).toMatchObject([
      { name: 'red', stale: false },
      { name: NAME, stale: false },
    ]);
    expect(JSON.parse(JSON.stringify(listed))).toEqual(listed);
    const other = await openNetns(NAME);
    expect(other).toMatchObject({ name: NAME, ino: listed[1]!.ino });
    expect(await run(other, 'ls', '/proc/self/net/dev_snmp6')).toBe('lo\nva\nvb\n');
    await deleteNetns(other);
    expect(files()).toEqual(['red']);
    await deleteNetns('red');
  });

  test('a stale file of such a name is listed, and deleted', async () => {
    shell(`touch /run/netns/${IN_SHELL}`);
    expect(await listNetns()).toEqual([{ name: NAME, stale: true }]);
    expect(await failure(openNetns(NAME))).toMatchObject({
      code: 'ERR_NOT_A_NETNS',
      message: expect.stringMatching(/^ERR_NOT_A_NETNS: open namespace \\udcff\\udcfe: /) as string,
    });
    await deleteNetns(NAME);
    expect(files()).toEqual([]);
  });

  test('such a name is created, and the name of a character is another one', async () => {
    await using red = await createNetns(NAME);
    await using replaced = await createNetns('\ufffd\ufffd');
    expect(files()).toEqual(['\xef\xbf\xbd\xef\xbf\xbd', '\xff\xfe']);
    expect(replaced.ino).not.toBe(red.ino);
    expect(shell(`ip netns exec ${IN_SHELL} readlink /proc/self/ns/net`)).toBe(`net:[${red.ino}]\n`);
    const inside = spawn(red, 'sh', ['-c', 'echo; exec sleep 60']);
    // 'spawn' comes when the process is there, which may not have entered the namespace by then
    await once(inside.stdout, 'data');
    expect(await identifyNetns(inside.pid)).toEqual([NAME]);
    inside.kill();
    await once(inside, 'exit');
  });

  test('a command finds the files of /etc/netns of such a name', async () => {
    const directory = `/etc/netns/${IN_SHELL}`;
    shell(`mount -t tmpfs t /etc; touch /etc/resolv.conf; mkdir -p ${directory}`);
    try {
      shell(`echo nameserver 192.0.2.53 > ${directory}/resolv.conf`);
      await using red = await createNetns(NAME);
      expect((await exec(red, 'cat', ['/etc/resolv.conf'])).stdout).toBe('nameserver 192.0.2.53\n');
    } finally {
      shell('umount --lazy /etc');
    }
  });

  test('half of a surrogate pair that stands for no byte is refused', async () => {
    for (const attempt of [createNetns('\ud800'), openNetns('\ud800'), deleteNetns('\ud800')]) {
      expect(await failure(attempt)).toMatchObject({
        name: 'RangeError',
        message: 'name: half of a surrogate pair is no character, got "\\ud800"',
      });
    }
    expect(await failure(openNetns({ path: '/\udfff' }))).toBeInstanceOf(RangeError);
  });
});
