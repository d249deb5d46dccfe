import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createNetns, createVeth, deleteNetns, type Netns, NetnsError, waitGone } from '../../../lib';
import { descriptors } from '../../support/descriptors';
import { failure, ip, node, run } from '../../support/ip';

/** How many veth ends a namespace has, as `ip` sees it. */
async function ends(netns: Netns): Promise<number> {
  return (await ip(netns, 'link', 'show', 'type', 'veth')).length;
}

/** The descriptors of namespaces that this process has. */
function namespaces(): string[] {
  return descriptors().filter((one) => one.includes('net:['));
}

async function joined(host: Netns, count: number): Promise<Netns[]> {
  const names = Array.from({ length: count }, (_, i) => `gone${i}`);
  const all = await Promise.all(names.map((name) => createNetns(name)));
  await Promise.all(all.map((netns) => createVeth({ netns: host }, { netns })));
  return all;
}

describe('waitGone', () => {
  test('deleting many can wait until every peer has vanished', async () => {
    await using host = await createNetns();
    const all = await joined(host, 50);
    expect(await ends(host)).toBe(50);
    await deleteNetns(all, { wait: true });
    expect(await ends(host)).toBe(0);
  });

  test('a name is free again at once, twenty times over', async () => {
    await using host = await createNetns();
    for (let round = 0; round < 20; round++) {
      const netns = await createNetns('again');
      await createVeth({ netns: host, name: 'outer' }, { netns, name: 'inner' });
      await deleteNetns(netns, { wait: true });
    }
    expect(await ends(host)).toBe(0);
  });

  test('namespaces are waited for by their names, too', async () => {
    await using host = await createNetns();
    const all = await joined(host, 50);
    for (const netns of all) netns.close();
    await deleteNetns(
      all.map(({ name }) => name!),
      { wait: true },
    );
    expect(await ends(host)).toBe(0);
    await expect(deleteNetns('gone0', { wait: true })).rejects.toMatchObject({
      code: 'ENOENT',
      operation: 'delete namespace',
    });
    await deleteNetns('gone0', { wait: true, ifMissing: 'ignore' });
    await run(undefined, 'touch', '/run/netns/stale');
    await deleteNetns('stale', { wait: true });
    const held = await createNetns('held');
    const signal = AbortSignal.timeout(200);
    await expect(deleteNetns('held', { wait: true, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    held.close();
  });

  test('a namespace that gets the name meanwhile is neither deleted nor taken for the one that is waited for', async () => {
    const renew = () => {
      execFileSync('ip', ['netns', 'del', 'again']);
      execFileSync('ip', ['netns', 'add', 'again']);
      return statSync('/run/netns/again').ino;
    };
    (await createNetns('again')).close();
    const refused = failure(deleteNetns('again', { wait: true }));
    const second = renew();
    expect(await refused).toMatchObject({ code: 'ENOENT', operation: 'delete namespace' });
    expect(statSync('/run/netns/again').ino).toBe(second);
    const gone = deleteNetns('again', { wait: true, ifMissing: 'ignore' });
    const third = renew();
    await gone;
    expect(statSync('/run/netns/again').ino).toBe(third);
    await deleteNetns('again', { wait: true });
  });

  test('without CAP_SYS_ADMIN, the error names what was asked for, and why that takes a namespace', async () => {
    const said = await node(
      `const [red, blue] = [await rtnetns.currentNetns(), await rtnetns.currentNetns()];
      say((await told(rtnetns.waitGone(red))).message);
      say((await told(rtnetns.waitGone([red, blue]))).message);
      say((await told(rtnetns.deleteNetns(red, { wait: true }))).message);`,
      ...['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'],
    );
    const reason =
      'the kernel reports the end to another namespace, which the wait makes for itself: CAP_SYS_ADMIN is missing';
    const one = expect.stringMatching(
      new RegExp(`^EPERM: wait for the end of namespace net:\\[\\d+\\]: ${reason}`),
    ) as string;
    const two = expect.stringMatching(
      new RegExp(`^EPERM: wait for the end of namespace net:\\[\\d+\\] and 1 other: ${reason}`),
    ) as string;
    expect(said).toEqual([one, two, one]);
  });

  test('waits for a namespace that something holds, and can be aborted', async () => {
    const netns = await createNetns();
    const other = await createNetns();
    await createVeth({ netns }, { netns: other });
    let settled = false;
    const gone = waitGone(netns).then(() => {
      settled = true;
    });
    await expect(waitGone(netns, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(settled).toBe(false);
    netns.close();
    await gone;
    expect(await ends(other)).toBe(0);
    other.close();
  });

  test('the same namespace twice, and none at all', async () => {
    const netns = await createNetns();
    const gone = waitGone([netns, netns]);
    netns.close();
    await gone;
    await waitGone([]);
  });

  test('a closed handle is refused', async () => {
    const netns = await createNetns();
    netns.close();
    await expect(waitGone(netns)).rejects.toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });

  test('nothing is made any more when a wait has ended', async () => {
    const closed = await createNetns();
    closed.close();
    for (let i = 0; i < 20; i++) {
      const before = namespaces();
      expect(await failure(deleteNetns(closed, { wait: true }))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      // one thread makes all namespaces, one after another
      const next = await createNetns();
      expect(namespaces()).toHaveLength(before.length + 1);
      next.close();
    }
  });

  test('of several all are deleted, and the first failure is thrown', async () => {
    const netns = await createNetns('one');
    const failed = deleteNetns(['missing', netns, 'missing-too']);
    await expect(failed).rejects.toThrow(NetnsError);
    await expect(failed).rejects.toMatchObject({ code: 'ENOENT', netns: 'missing' });
    expect(await ip(undefined, 'netns', 'list')).toEqual([]);
    await deleteNetns(['missing', 'missing-too'], { ifMissing: 'ignore' });
  });

  test('a deletion that fails does not wait for what stays', async () => {
    await using one = await createNetns('one');
    await run(undefined, 'ip', 'netns', 'del', 'one');
    await expect(deleteNetns(one, { wait: true })).rejects.toMatchObject({ code: 'ENOENT', netns: 'one' });
  });

  test('creating and deleting in a loop does not run ahead of the kernel', async () => {
    // The limit counts those, too, that the kernel has not freed yet. Without waiting, two thirds of 3,000 are
    // alive at the end (6.18).
    const limit = 'echo 1000 > /proc/sys/user/max_net_namespaces; exec "$@"';
    const said = await node(
      `for (let round = 0; round < 30; round++) {
      const all = await Promise.all(Array.from({ length: 100 }, () => rtnetns.createNetns()));
      await rtnetns.deleteNetns(all);
    }
    say('done');`,
      ...['unshare', '-Ur', 'sh', '-euc', limit, 'sh'],
    );
    expect(said).toEqual(['done']);
  });
});
