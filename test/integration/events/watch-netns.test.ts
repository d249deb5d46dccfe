import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createNetns, deleteNetns, type NetnsEvent, openNetns, watchNetns } from '../../../lib';
import { node, run } from '../../support/ip';

/** A watch whose events are taken one by one. */
function taking(signal?: AbortSignal) {
  const events = watchNetns(signal === undefined ? {} : { signal });
  const take = async (): Promise<NetnsEvent> => {
    const { value, done } = await events.next();
    if (done === true) throw new Error('it has ended');
    return value;
  };
  return { events, take, [Symbol.asyncDispose]: async () => events[Symbol.asyncDispose]() };
}

const inode = (name: string) => statSync(`/run/netns/${name}`).ino;

describe('watchNetns', () => {
  test('it begins with those that are there, and tells of those that ip and we make and delete', async () => {
    await run(undefined, 'ip', 'netns', 'add', 'one');
    await using two = await createNetns('two');
    await using names = taking();
    const present = { kind: 'netns', change: 'present' };
    expect([await names.take(), await names.take(), await names.take()]).toEqual([
      { ...present, name: 'one', ino: inode('one') },
      { ...present, name: 'two', ino: two.ino },
      { kind: 'ready' },
    ]);
    await run(undefined, 'ip', 'netns', 'add', 'three');
    const three = inode('three');
    expect(await names.take()).toEqual({ kind: 'netns', change: 'new', name: 'three', ino: three });
    await run(undefined, 'ip', 'netns', 'del', 'three');
    expect(await names.take()).toEqual({ kind: 'netns', change: 'gone', name: 'three', ino: three });
    const one = inode('one');
    await deleteNetns('one');
    expect(await names.take()).toEqual({ kind: 'netns', change: 'gone', name: 'one', ino: one });
  });

  test('each can be opened from the moment that it is told of', async () => {
    await using names = taking();
    while ((await names.take()).kind !== 'ready');
    const making = run(undefined, 'sh', '-c', 'for i in $(seq 100); do ip netns add n$i; done');
    for (let count = 0; count < 100; count++) {
      const event = await names.take();
      if (event.kind !== 'netns' || event.change !== 'new') throw new Error(JSON.stringify(event));
      const netns = await openNetns(event.name);
      expect(netns.ino).toBe(event.ino);
      netns.close();
    }
    await making;
    const deleting = run(undefined, 'sh', '-c', 'for i in $(seq 100); do ip netns del n$i; done');
    const gone: NetnsEvent[] = [];
    while (gone.length < 100) gone.push(await names.take());
    expect(new Set(gone.map((event) => 'change' in event && event.change))).toEqual(new Set(['gone']));
    await deleting;
    expect(readdirSync('/run/netns')).toEqual([]);
  });

  test('a file is no namespace: neither a stale one, nor one that is not mounted yet', async () => {
    await using names = taking();
    while ((await names.take()).kind !== 'ready');
    writeFileSync('/run/netns/stale', '');
    writeFileSync('/run/netns/slow', '');
    // something else is mounted: a reason to look
    await run(
      undefined,
      'sh',
      '-c',
      'mount --bind /etc/hosts /run/netns/stale; umount /run/netns/stale; rm /run/netns/stale',
    );
    await run(undefined, 'unshare', '-n', 'mount', '--bind', '/proc/self/ns/net', '/run/netns/slow');
    expect(await names.take()).toMatchObject({ change: 'new', name: 'slow', ino: inode('slow') });
    // as a crash would leave it: the file stays, the namespace is gone
    await run(undefined, 'umount', '/run/netns/slow');
    expect(await names.take()).toMatchObject({ change: 'gone', name: 'slow' });
    await run(undefined, 'rm', '/run/netns/slow');
  });

  test('a name that is given to another namespace is gone, and new', async () => {
    const first = await createNetns('red');
    await using names = taking();
    while ((await names.take()).kind !== 'ready');
    await run(undefined, 'unshare', '-n', 'mount', '--bind', '/proc/self/ns/net', '/run/netns/red');
    expect([await names.take(), await names.take()]).toEqual([
      { kind: 'netns', change: 'gone', name: 'red', ino: first.ino },
      { kind: 'netns', change: 'new', name: 'red', ino: inode('red') },
    ]);
    await run(undefined, 'umount', '/run/netns/red');
    expect([await names.take(), await names.take()]).toMatchObject([
      { change: 'gone' },
      { change: 'new', ino: first.ino },
    ]);
    await deleteNetns(first);
  });

  test.each([
    ['is not there', 'umount -l /run/netns 2> /dev/null || true; rmdir /run/netns'],
    ['is there, but no mount yet', 'umount -l /run/netns 2> /dev/null || true; mkdir -p /run/netns'],
  ])('where the directory %s, until the first name is made', async (_, prepare) => {
    // in a mount namespace of its own, whose /run is empty
    const shell = `mount -t tmpfs none /run; ${prepare}; exec "$@"`;
    const told = await node(
      `const { execFileSync } = require('node:child_process');
    const { existsSync } = require('node:fs');
    say(existsSync('/run/netns'));
    for await (const event of rtnetns.watchNetns()) {
      say(event.change === undefined ? event.kind : event.change + ' ' + event.name);
      if (event.kind === 'ready') setImmediate(() => execFileSync('ip', ['netns', 'add', 'first']));
      if (event.change === 'new') setImmediate(() => execFileSync('ip', ['netns', 'del', 'first']));
      if (event.change === 'gone') break;
    }`,
      ...['unshare', '-m', '--propagation', 'private', 'sh', '-c', shell, 'sh'],
    );
    expect(told).toEqual([!prepare.includes('rmdir'), 'ready', 'new first', 'gone first']);
  });

  test('leaving the loop, and a signal, close what it opened', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    for await (const event of watchNetns()) {
      expect(descriptors()).toBeGreaterThan(before);
      if (event.kind === 'ready') break;
    }
    const controller = new AbortController();
    const names = taking(controller.signal);
    await names.take();
    const waiting = names.take();
    controller.abort(new Error('mine'));
    await expect(waiting).rejects.toThrow('mine');
    await expect(taking(controller.signal).take()).rejects.toThrow('mine');
    expect(await names.events.next()).toEqual({ value: undefined, done: true });
  });

  test('a directory that may not be read is an error', async () => {
    const shell = 'mount -t tmpfs none /run; touch /run/netns; exec "$@"';
    const told = await node(
      `try { for await (const event of rtnetns.watchNetns()) say(event); }
    catch ({ name, code, message }) { say([name, code, message.split(':')[1]]); }`,
      ...['unshare', '-m', '--propagation', 'private', 'sh', '-c', shell, 'sh'],
    );
    expect(told).toEqual([['NetnsError', 'ENOTDIR', ' list namespaces in /run/netns']]);
  });

  test('so is a file of mounts that cannot be opened', async () => {
    const told = await node(
      `say(await told(rtnetns.watchNetns().next()));`,
      ...[
        'strace',
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-P',
        '/proc/self/mountinfo',
        '-e',
        'inject=openat:error=EMFILE',
      ],
    );
    expect(told).toEqual([
      {
        name: 'NetnsError',
        code: 'EMFILE',
        message: expect.stringMatching(
          /^EMFILE: watch \/run\/netns: this process has no descriptor left/,
        ) as string,
      },
    ]);
  });
});
