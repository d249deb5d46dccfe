// What `ip netns` makes, the library lists, opens and deletes; and the other way round.
import { existsSync, statSync } from 'node:fs';
import {
  attachNetns,
  createNetns,
  deleteNetns,
  identifyNetns,
  listLinks,
  listNetns,
  netnsPids,
  openNetns,
} from '../../../lib';
import { background, failure, ip, names, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

const ipNetns = (...args: string[]) => run(undefined, 'ip', 'netns', ...args);
const sleeper = () => background('unshare', '--net', 'sh', '-c', 'echo; exec sleep 1000');

describe('createNetns, attachNetns', () => {
  test('ip netns add, and ours list, open, delete', async () => {
    await ipNetns('add', 'theirs');
    const { ino } = statSync('/run/netns/theirs');
    expect(await listNetns()).toEqual([{ name: 'theirs', ino, stale: false }]);
    await using theirs = await openNetns('theirs');
    expect([theirs.name, theirs.ino]).toEqual(['theirs', ino]);
    await run(theirs, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
    expect((await listLinks(theirs)).map(({ name }) => name)).toEqual(['lo', 'eth1', 'eth0']);
    await deleteNetns(theirs);
    expect(await names()).toEqual([]);
    expect(existsSync('/run/netns/theirs')).toBe(false);
  });

  test('ours, and ip netns list, exec, delete', async () => {
    const ours = await netnsWithPair('ours');
    expect(await names()).toEqual(['ours']);
    const listed = JSON.parse(await ipNetns('exec', 'ours', 'ip', '-j', 'link')) as { ifname: string }[];
    expect(listed.map(({ ifname }) => ifname).sort()).toEqual(['eth0', 'eth1', 'lo']);
    expect((await ipNetns('exec', 'ours', 'ls', '/sys/class/net')).split('\n').sort()).toEqual(
      ['', 'eth0', 'eth1', 'lo'].sort(),
    );
    await ipNetns('delete', 'ours');
    expect(existsSync('/run/netns/ours')).toBe(false);
    expect(await listNetns()).toEqual([]);
    expect(await failure(openNetns('ours'))).toMatchObject({ code: 'ENOENT' });
    expect(await failure(deleteNetns(ours))).toMatchObject({ code: 'ENOENT' });
    ours.close();
  });

  test('a name that the one made, the other refuses to make again', async () => {
    await using ours = await createNetns('ours');
    await expect(ipNetns('add', 'ours')).rejects.toThrow('File exists');
    await ipNetns('add', 'theirs');
    expect(await failure(createNetns('theirs'))).toMatchObject({
      name: 'NetnsError',
      code: 'EEXIST',
      message: 'EEXIST: create namespace theirs: a namespace of that name exists already (open)',
    });
    expect(statSync('/run/netns/ours').ino).toBe(ours.ino);
    await ipNetns('delete', 'theirs');
  });

  test('ip netns attach, and ours attach', async () => {
    await using process = await sleeper();
    const pid = String(process.pid);
    await ipNetns('attach', 'theirs', pid);
    await attachNetns('ours', process.pid);
    const { ino } = statSync(`/proc/${pid}/ns/net`);
    expect(await listNetns()).toEqual([
      { name: 'ours', ino, stale: false },
      { name: 'theirs', ino, stale: false },
    ]);
    expect(await identifyNetns(process.pid)).toEqual(['ours', 'theirs']);
    expect(['ours', 'theirs']).toContain((await ipNetns('identify', pid)).trim());
    for (const name of ['ours', 'theirs']) {
      expect((await ipNetns('pids', name)).trim()).toBe(pid);
      expect(await netnsPids(name)).toEqual([process.pid]);
    }
    await ipNetns('delete', 'ours');
    await deleteNetns('theirs');
    expect(await identifyNetns(process.pid)).toEqual([]);
  });

  test('a namespace without a name gets one by attaching it', async () => {
    await using netns = await createNetns();
    await attachNetns('named', netns);
    expect((await ipNetns('exec', 'named', 'readlink', '/proc/self/ns/net')).trim()).toBe(
      `net:[${netns.ino}]`,
    );
    expect(netns.name).toBeUndefined();
    await deleteNetns(netns); // has no name of its own: only closed
    expect(netns.open).toBe(false);
    expect(await names()).toEqual(['named']);
    await ipNetns('delete', 'named');
  });

  test('attaching to a taken name, or the namespace of no process', async () => {
    await using red = await createNetns('red');
    expect(await failure(attachNetns('red', process.pid))).toMatchObject({
      code: 'EEXIST',
      message: 'EEXIST: attach namespace red: a namespace of that name exists already (open)',
    });
    expect(statSync('/run/netns/red').ino).toBe(red.ino);
    expect(await failure(attachNetns('blue', 0x7fffffff))).toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('there is no such process') as string,
    });
    expect(await names()).toEqual(['red']);
  });

  test('a device that ip moved into ours, and back', async () => {
    await using ours = await createNetns('ours');
    await run(undefined, 'ip', 'link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'in0');
    await run(undefined, 'ip', 'link', 'set', 'in0', 'netns', 'ours');
    expect((await listLinks(ours)).map(({ name }) => name)).toEqual(['lo', 'in0']);
    expect((await ip(ours, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'in0']);
    await run(undefined, 'ip', 'link', 'delete', 'out0');
    expect((await listLinks(ours)).map(({ name }) => name)).toEqual(['lo']);
  });
});
