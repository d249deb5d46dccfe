import { addAddr, createNetns, removeAddr, setLink, setNsid, type WatchEvent } from '../../../lib';
import { bridge, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';
import { asIp, caughtUp, Follower } from '../../support/watching';

/** All that is told of one kind, in short. */
function told(follower: Follower, kind: WatchEvent['kind']): string[] {
  return follower.events
    .filter((event) => event.kind === kind)
    .flatMap((event) => ('change' in event ? event.change : []));
}

describe('watch', () => {
  test('it begins with what is there, as ip shows it, and says when that is all', async () => {
    await using red = await subnets();
    await using other = await createNetns();
    await setNsid(red, other, 7);
    await run(red, 'ip', 'rule', 'add', 'from', '10.0.0.0/24', 'table', '100');
    await run(red, 'ip', 'neigh', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0');
    await using all = await new Follower(red).ready();
    expect(all.events.at(-1)).toEqual({ kind: 'ready' });
    const present = all.events.slice(0, -1);
    expect(new Set(present.map((event) => 'change' in event && event.change))).toEqual(new Set(['present']));
    expect(new Set(present.map(({ kind }) => kind))).toEqual(
      new Set(['link', 'addr', 'route', 'neighbor', 'rule', 'nsid']),
    );
    const { ipSays, watchSays } = await asIp(red, all);
    expect(watchSays).toEqual(ipSays);
  });

  test('only what is asked for is told', async () => {
    await using red = await subnets();
    await using addrs = await new Follower(red, { addrs: true }).ready();
    await using routes = await new Follower(red, { routes: true, rules: true, links: false }).ready();
    await run(red, 'ip', 'link', 'set', 'eth0', 'down');
    await run(red, 'ip', 'addr', 'flush', 'dev', 'eth1');
    await addrs.until(() => addrs.state('addr').length === 1);
    await routes.until(() => routes.state('route').every(({ index, family }) => index !== 2 || family === 6));
    expect(new Set(addrs.events.map(({ kind }) => kind))).toEqual(new Set(['ready', 'addr']));
    expect(new Set(routes.events.map(({ kind }) => kind))).toEqual(new Set(['ready', 'route', 'rule']));
  });

  test('a link comes, changes and goes; each change is told once, with what has changed', async () => {
    await using red = await createNetns('red');
    await using links = await new Follower(red, { links: true }).ready();
    await run(red, 'ip', 'link', 'add', 'br0', 'mtu', '1400', 'type', 'bridge');
    await run(red, 'ip', 'link', 'set', 'br0', 'mtu', '1300');
    await run(red, 'ip', 'link', 'set', 'br0', 'mtu', '1300');
    // of what has no event while the device is down, one is sent while it is up
    await run(red, 'ip', 'link', 'set', 'br0', 'up');
    await run(red, 'ip', 'link', 'set', 'br0', 'alias', 'core', 'mtu', '1200');
    await run(red, 'ip', 'link', 'set', 'br0', 'down');
    await run(red, 'ip', 'link', 'set', 'br0', 'name', 'br1');
    await run(red, 'ip', 'link', 'set', 'br1', 'up');
    await run(red, 'ip', 'link', 'del', 'br1');
    await links.until(() => told(links, 'link').at(-1) === 'gone');
    expect(
      links.events
        .slice(2)
        .map(
          (event) =>
            event.kind === 'link' && [
              event.change,
              event.link.name,
              event.link.mtu,
              event.link.alias,
              'changes' in event && event.changes,
              'before' in event && event.before.mtu,
            ],
        ),
    ).toEqual([
      ['new', 'br0', 1400, undefined, false, false],
      ['changed', 'br0', 1300, undefined, ['mtu'], 1400],
      ['changed', 'br0', 1300, undefined, ['up', 'flags', 'operState'], 1300],
      // `ip` asks for both in one request, of which the kernel tells twice
      ['changed', 'br0', 1200, undefined, ['mtu'], 1300],
      ['changed', 'br0', 1200, 'core', ['alias'], 1200],
      ['changed', 'br0', 1200, 'core', ['up', 'flags', 'operState'], 1200],
      ['changed', 'br1', 1200, 'core', ['name'], 1200],
      ['changed', 'br1', 1200, 'core', ['up', 'flags', 'operState'], 1200],
      ['changed', 'br1', 1200, 'core', ['up', 'flags', 'operState'], 1200],
      ['gone', 'br1', 1200, 'core', false, false],
    ]);
  });

  test('a moved link is gone here and new there', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await using here = await new Follower(red, { links: true }).ready();
    await using there = await new Follower(blue, { links: true, nsids: true }).ready();
    await run(red, 'ip', 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb');
    await run(undefined, 'ip', '-n', 'red', 'link', 'set', 'vb', 'netns', 'blue');
    await here.until(() => told(here, 'link').includes('gone'));
    await there.until(() => told(there, 'link').includes('new'));
    await caughtUp(red, here);
    await there.until(() => there.state('nsid').length > 0);
    expect((await asIp(blue, there)).watchSays.nsids).toEqual((await asIp(blue, there)).ipSays.nsids);
  });

  test('what a bridge does with a port is a change of the link; leaving the bridge is not the end of it', async () => {
    await using red = await createNetns('red');
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge', 'stp_state', '1', 'forward_delay', '200');
    await run(red, 'ip', 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb');
    for (const device of ['br0', 'va', 'vb']) await run(red, 'ip', 'link', 'set', device, 'up');
    await using links = await new Follower(red, { links: true }).ready();
    await run(red, 'ip', 'link', 'set', 'va', 'master', 'br0');
    const states = () =>
      links.events.flatMap((event) =>
        event.kind === 'link' &&
        event.link.name === 'va' &&
        'changes' in event &&
        event.changes.includes('port')
          ? [event.link.port?.state]
          : [],
      );
    await links.until(() => states().includes('forwarding'));
    expect([...new Set(states())]).toEqual(
      ['disabled', 'listening', 'learning', 'forwarding'].filter((state) =>
        states().includes(state as never),
      ),
    );
    expect(states()).toContain('learning');
    await caughtUp(red, links);
    expect((await bridge(red, 'link')).map(({ ifname, state }) => [ifname, state])).toEqual([
      ['va', 'forwarding'],
    ]);
    await run(red, 'ip', 'link', 'set', 'va', 'nomaster');
    await links.until(() => links.state('link').every(({ master }) => master === undefined));
    expect(told(links, 'link')).not.toContain('gone');
    await caughtUp(red, links);
  });

  test('addresses, with the states of duplicate address detection', async () => {
    await using red = await subnets();
    await using addrs = await new Follower(red, { addrs: true }).ready();
    await run(red, 'ip', 'addr', 'add', '10.0.0.2/24', 'dev', 'eth0');
    await run(red, 'ip', 'addr', 'add', '10.9.0.1', 'peer', '10.9.0.2/32', 'dev', 'eth0');
    await run(red, 'ip', 'addr', 'add', 'fd00::2/64', 'dev', 'eth0');
    const flags = () =>
      addrs.events.flatMap((event) =>
        event.kind === 'addr' && event.addr.addr === 'fd00::2/64' ? [event.addr.flags] : [],
      );
    await addrs.until(() => flags().length === 2);
    expect(flags()).toEqual([['tentative', 'permanent'], ['permanent']]);
    await caughtUp(red, addrs);
    // of the subnet, the second becomes the first: the kernel's promote_secondaries is off, so it goes as well
    await run(red, 'ip', 'addr', 'del', '10.0.0.1/24', 'dev', 'eth0');
    await caughtUp(red, addrs);
    await run(
      red,
      'ip',
      'addr',
      'change',
      'fd00::2/64',
      'dev',
      'eth0',
      'valid_lft',
      '100',
      'preferred_lft',
      '50',
    );
    await addrs.until(() => flags().length === 3);
    await run(red, 'ip', 'link', 'del', 'eth0');
    await addrs.until(() => addrs.state('addr').length === 0);
  });

  test('neighbors, rules and numbers of namespaces', async () => {
    await using red = await subnets();
    await using blue = await createNetns('blue');
    await using all = await new Follower(red, { neighbors: true, rules: true, nsids: true }).ready();
    await run(red, 'ip', 'neigh', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0');
    await run(
      red,
      'ip',
      'neigh',
      'replace',
      '10.0.0.9',
      'lladdr',
      '02:00:00:00:00:0a',
      'dev',
      'eth0',
      'nud',
      'stale',
    );
    await run(red, 'ip', 'neigh', 'add', 'fd00::9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0');
    await run(red, 'ip', 'rule', 'add', 'from', '10.0.0.0/24', 'table', '100', 'priority', '10');
    await run(red, 'ip', '-6', 'rule', 'add', 'from', 'fd00::1', 'table', '1000', 'priority', '10');
    await run(red, 'ip', 'rule', 'add', 'from', '10.0.0.0/24', 'table', '101', 'priority', '10');
    await setNsid(red, blue, 4);
    await all.until(
      () =>
        told(all, 'nsid').length === 1 &&
        told(all, 'rule').length === 8 &&
        told(all, 'neighbor').length === 3,
    );
    await caughtUp(red, all);
    // one that is asked for, and answers to nobody
    await run(red, 'ping', '-c', '1', '-W', '1', '10.0.0.77').catch(() => undefined);
    await all.until(() => all.state('neighbor').some(({ state }) => state === 'failed'));
    await run(red, 'ip', 'rule', 'del', 'table', '100');
    await run(red, 'ip', 'neigh', 'del', '10.0.0.9', 'dev', 'eth0');
    await run(red, 'ip', 'neigh', 'flush', 'all');
    await blue[Symbol.asyncDispose]();
    await all.until(() => all.state('nsid').length === 0);
    await caughtUp(red, all);
  });

  test('an entry for which nobody is asked any more is gone', async () => {
    await using red = await subnets();
    await using neighbors = await new Follower(red, { neighbors: true }).ready();
    await run(red, 'ip', 'neigh', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0');
    await run(
      red,
      'ip',
      'neigh',
      'replace',
      '10.0.0.9',
      'lladdr',
      '02:00:00:00:00:09',
      'dev',
      'eth0',
      'nud',
      'noarp',
    );
    await neighbors.until(() => told(neighbors, 'neighbor').length === 2);
    expect(told(neighbors, 'neighbor')).toEqual(['new', 'gone']);
  });

  test('begun in the midst of changes, nothing is lost and nothing told twice', async () => {
    await using red = await subnets();
    const work = { done: false };
    const changing = (async () => {
      for (let i = 0; !work.done; i++) {
        await Promise.all([
          setLink(red, 'eth0', { mtu: 1300 + (i % 100) }),
          setLink(red, 'eth1', { up: i % 2 === 0 }),
          (i % 2 === 0 ? addAddr : removeAddr)(red, 'eth0', '10.7.0.1/24'),
        ]);
      }
    })();
    for (let round = 0; round < 15; round++) {
      // what does not fit what was told before fails the follower
      await using all = await new Follower(red).ready();
      const mtus = () =>
        all.events.flatMap((event) =>
          event.kind === 'link' &&
          event.link.name === 'eth0' &&
          (event.change === 'present' || (event.change === 'changed' && event.changes.includes('mtu')))
            ? [event.link.mtu]
            : [],
        );
      await all.until(() => mtus().length > 10);
      // each one more than the one before: none left out
      const steps = mtus()
        .slice(1)
        .map((mtu, i) => (mtu - mtus()[i]! + 100) % 100);
      expect(new Set(steps)).toEqual(new Set([1]));
      if (round < 14) continue;
      work.done = true;
      await changing;
      await caughtUp(red, all);
      expect(all.events.some((event) => 'recovered' in event)).toBe(false);
    }
  });
});
