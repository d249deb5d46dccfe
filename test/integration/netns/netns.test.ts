import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  attachNetns,
  createNetns,
  createVeth,
  currentNetns,
  deleteNetns,
  getLink,
  identifyNetns,
  listLinks,
  listNetns,
  netnsPids,
  openNetns,
} from '../../../lib';
import { background, failure, ip, names, node, run, script, until } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

const own = () => statSync('/proc/self/ns/net').ino;
const here = async (name: string) => (await ip(undefined, 'link')).some(({ ifname }) => ifname === name);

describe('createNetns, openNetns, deleteNetns, listNetns, identifyNetns, netnsPids', () => {
  test('a named namespace is a file of the nsfs, and ip netns lists it', async () => {
    await using red = await createNetns('mynet');
    expect(red.name).toBe('mynet');
    expect(String(red)).toBe('mynet');
    expect(await names()).toEqual(['mynet']);
    expect(statSync('/run/netns/mynet')).toMatchObject({ ino: red.ino, dev: red.dev });
    expect((await run(undefined, 'findmnt', '-no', 'FSTYPE,PROPAGATION', '/run/netns/mynet')).trim()).toMatch(
      /^nsfs +shared$/,
    );
    const entered = await run(
      undefined,
      'nsenter',
      '--net=/run/netns/mynet',
      'readlink',
      '/proc/self/ns/net',
    );
    expect(entered.trim()).toBe(`net:[${red.ino}]`);
    expect(red.ino).not.toBe(own());
  });

  test('a new namespace holds nothing but lo, which is down', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns();
    for (const netns of [red, blue]) {
      expect(await ip(netns, 'addr')).toEqual([
        expect.objectContaining({ ifname: 'lo', flags: ['LOOPBACK'], operstate: 'DOWN', addr_info: [] }),
      ]);
      expect(await run(netns, 'ip', 'route', 'show', 'table', 'all')).toBe('');
      expect(await listLinks(netns)).toEqual([expect.objectContaining({ name: 'lo', up: false })]);
    }
  });

  test('at the end of its block a created namespace is deleted, an opened one only closed', async () => {
    await using red = await createNetns('red');
    const opened = await openNetns('red');
    {
      await using block = opened;
      expect(block.open).toBe(true);
    }
    expect(opened.open).toBe(false);
    expect(await names()).toEqual(['red']);
    await red[Symbol.asyncDispose]();
    expect(red.open).toBe(false);
    expect(await names()).toEqual([]);
    expect(readdirSync('/run/netns')).toEqual([]);
    await red[Symbol.asyncDispose]();
  });

  test('closing a handle leaves the name', async () => {
    const red = await createNetns('red');
    red.close();
    red.close();
    expect(await names()).toEqual(['red']);
    await deleteNetns('red');
    expect(await names()).toEqual([]);
  });

  test('one without a name is gone with its handle, and with it what is in it', async () => {
    const netns = await createNetns();
    expect(netns.name).toBeUndefined();
    expect(String(netns)).toBe(`net:[${netns.ino}]`);
    expect(readdirSync('/run/netns')).toEqual([]);
    expect((await run(netns, 'readlink', '/proc/self/ns/net')).trim()).toBe(`net:[${netns.ino}]`);
    await using own = await currentNetns();
    await createVeth({ netns: own, name: 'out0' }, { netns, name: 'in0' });
    expect(await here('out0')).toBe(true);
    netns.close();
    await until(async () => !(await here('out0')));
  });

  test('one without a name is gone with its process, even after SIGKILL', async () => {
    await using child = await background(
      ...script(`
      const netns = await rtnetns.createNetns();
      await rtnetns.createVeth({ netns: await rtnetns.currentNetns(), name: 'out0' }, { netns, name: 'in0' });
      say(netns.ino);
      setInterval(() => netns, 1e6);`),
    );
    expect(Number(child.output())).not.toBe(own());
    expect(await here('out0')).toBe(true);
    process.kill(child.pid, 'SIGKILL');
    expect(await child.exited).toEqual([null, 'SIGKILL']);
    await until(async () => !(await here('out0')));
  });

  test('a namespace is opened by its name, a path, a process or a descriptor', async () => {
    await using red = await netnsWithPair('red');
    await using process = await background(
      'nsenter',
      '--net=/run/netns/red',
      'sh',
      '-c',
      'echo; exec sleep 1000',
    );
    await using file = await open('/run/netns/red');
    const references = ['red', { path: '/run/netns/red' }, { pid: process.pid }, { fd: file.fd }] as const;
    for (const reference of references) {
      await using opened = await openNetns(reference);
      expect([opened.ino, opened.dev]).toEqual([red.ino, red.dev]);
      expect(opened.name).toBe(reference === 'red' ? 'red' : undefined);
      expect((await getLink(opened, 'eth1')).name).toBe('eth1');
    }
    expect((await file.stat()).ino).toBe(red.ino);
  });

  test('the current namespace', async () => {
    await using netns = await currentNetns();
    expect(`net:[${netns.ino}]`).toBe(readlinkSync('/proc/self/ns/net'));
    await createVeth({ netns, name: 'out0' }, { netns, name: 'out1' });
    expect((await listLinks(netns)).map(({ name }) => name)).toEqual(
      (await ip(undefined, 'link')).map(({ ifname }) => ifname),
    );
    await run(undefined, 'ip', 'link', 'delete', 'out0');
  });

  test('deleting, by name and by handle, twice', async () => {
    for (const by of ['name', 'handle'] as const) {
      const red = await createNetns('red');
      await deleteNetns(by === 'name' ? 'red' : red);
      expect(await names()).toEqual([]);
      expect(red.open).toBe(by === 'name');
      expect(await failure(deleteNetns('red'))).toMatchObject({
        name: 'NetnsError',
        code: 'ENOENT',
        message: 'ENOENT: delete namespace red: there is no such namespace (open)',
      });
      await deleteNetns('red', { ifMissing: 'ignore' });
      expect(await failure(deleteNetns(red))).toMatchObject({
        code: by === 'name' ? 'ENOENT' : 'ERR_NETNS_CLOSED',
      });
      red.close();
    }
  });

  test('a deleted namespace lives on as long as its handle', async () => {
    const red = await createNetns('red');
    await deleteNetns('red');
    await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1' });
    expect((await ip(red, 'link')).map(({ ifname }) => ifname).sort()).toEqual(['eth0', 'eth1', 'lo']);
    red.close();
  });

  test('names are listed in order, with their numbers', async () => {
    await using b = await createNetns('b');
    await using a = await createNetns('a');
    expect(await listNetns()).toEqual([
      { name: 'a', ino: a.ino, stale: false },
      { name: 'b', ino: b.ino, stale: false },
    ]);
    expect(await names()).toEqual(['a', 'b']);
  });

  test('identify looks at the calling process, whatever its number in a PID namespace of its own', async () => {
    const source = `
      const here = await rtnetns.currentNetns();
      await rtnetns.attachNetns('mine', here);
      say([process.pid, await rtnetns.identifyNetns()]);
      await rtnetns.deleteNetns('mine');`;
    expect(await node(source, 'unshare', '-pf')).toEqual([[1, ['mine']]]);
  });

  test('identify and pids, as ip netns does', async () => {
    await using red = await createNetns('red');
    expect(await netnsPids('red')).toEqual([]);
    expect(await identifyNetns()).toEqual([]);
    await using first = await background(
      'nsenter',
      '--net=/run/netns/red',
      'sh',
      '-c',
      'echo; exec sleep 1000',
    );
    await using second = await background(
      'nsenter',
      '--net=/run/netns/red',
      'sh',
      '-c',
      'echo; exec sleep 1000',
    );
    const ipPids = (await run(undefined, 'ip', 'netns', 'pids', 'red')).trim().split('\n').map(Number);
    expect(ipPids.sort()).toEqual([first.pid, second.pid].sort());
    expect((await netnsPids('red')).sort()).toEqual(ipPids);
    expect((await netnsPids(red)).sort()).toEqual(ipPids);

    await attachNetns('crimson', red);
    // ip tells one of several names
    const identified = (await run(undefined, 'ip', 'netns', 'identify', String(first.pid))).trim();
    expect(['crimson', 'red']).toContain(identified);
    expect(await identifyNetns(first.pid)).toEqual(['crimson', 'red']);
    await deleteNetns('crimson');
    expect(await identifyNetns(second.pid)).toEqual(['red']);
  });

  test('a process of which one thread alone is there', async () => {
    await using red = await createNetns('red');
    const source = `
import ctypes, os, threading, time
def enter():
    assert ctypes.CDLL(None).setns(os.open('/run/netns/red', os.O_RDONLY), 0x40000000) == 0
    print('there', flush=True)
    time.sleep(1000)
threading.Thread(target=enter).start()`;
    await using process = await background('python3', '-c', source);
    expect(process.output().trim()).toBe('there');
    expect(await netnsPids(red)).toEqual([process.pid]);
    // ip looks at main threads
    expect(await run(undefined, 'ip', 'netns', 'pids', 'red')).toBe('');
    expect(await identifyNetns(process.pid)).toEqual([]);
  });

  test('200 namespaces at once', async () => {
    const all = await Promise.all(Array.from({ length: 200 }, (_, i) => createNetns(`n${i}`)));
    expect((await names()).length).toBe(200);
    expect(new Set(all.map(({ ino }) => ino)).size).toBe(200);
    await Promise.all(all.map((netns) => deleteNetns(netns)));
    expect(await names()).toEqual([]);
  });
});
