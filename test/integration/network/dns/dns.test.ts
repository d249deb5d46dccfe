// Names of members: found by glibc and by c-ares, in namespaces of their own.
import { type BridgeNetwork, createBridgeNetwork, deleteNetns, resolve } from '../../../../lib';
import { ask, getent } from '../../../support/dns';
import { etc } from '../../../support/etc';
import { failure, run, until } from '../../../support/ip';
import { createLab, member } from '../../../support/lab';
import { program, start } from '../../../support/program';

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;
const GATEWAY = '10.1.0.1';

/** Attaches a namespace in a process of its own, and detaches it when it is told to. */
function attacher(host: string, netns: string): string {
  return program(
    async ({ rtnetns, tell }, argument) => {
      const red = await rtnetns.createBridgeNetwork(await rtnetns.openNetns(argument.host), argument.red);
      const netns = await rtnetns.openNetns(argument.netns);
      await red.attach(netns, { aliases: ['other'] });
      tell('attached');
      await new Promise((resolve) => process.stdin.once('data', resolve));
      await red.detach(netns);
      red.close();
      tell('detached');
      process.stdin.destroy();
    },
    { host, netns, red: RED },
  );
}

describe('BridgeNetwork.serveDns', () => {
  test('a program finds a sibling by its alias', async () => {
    await using lab = await createLab();
    // a file is bound over one that is there
    using files = etc({ 'resolv.conf': '', 'netns/six/resolv.conf': 'nameserver fd01::1\n' });
    files.write('netns/client/resolv.conf', `nameserver ${GATEWAY}\nsearch nowhere.example\n`);
    const red = lab.use(await createBridgeNetwork(lab.host, { ...RED, dns: { forward: false } }));
    expect(red.dns!.addresses).toEqual([GATEWAY, 'fd01::1']);
    const [client, six, db] = [await member(lab, 'client'), await member(lab, 'six'), await member(lab)];
    await red.attach(client);
    await red.attach(six);
    expect(await getent(client, 'ahosts', 'db')).toEqual([]);
    const { addresses } = await red.attach(db, { aliases: ['db', 'db.example'] });
    expect(addresses).toEqual({ 4: '10.1.0.4', 6: 'fd01::4' });
    for (const netns of [client, six]) {
      for (const name of ['db', 'DB.Example']) {
        expect(await getent(netns, 'ahostsv4', name)).toEqual([
          '10.1.0.4 STREAM',
          '10.1.0.4 DGRAM',
          '10.1.0.4 RAW',
        ]);
        expect(await getent(netns, 'ahostsv6', name)).toContain('fd01::4 STREAM');
      }
      expect(await getent(netns, 'hosts', '10.1.0.4')).toEqual(['10.1.0.4 db']);
      expect(await getent(netns, 'hosts', 'fd01::4')).toEqual(['fd01::4 db']);
      expect(await getent(netns, 'hosts', '10.1.0.9')).toEqual([]);
    }
    // and so does who is told by the library
    expect(await resolve(client, 'db', { family: 4 })).toEqual([{ address: '10.1.0.4', family: 4 }]);
    await red.detach(db);
    expect(await getent(client, 'ahosts', 'db')).toEqual([]);
    expect(await getent(six, 'hosts', 'fd01::4')).toEqual([]);
  });

  test('what is known of a name', async () => {
    await using lab = await createLab();
    const red = lab.use(
      await createBridgeNetwork(lab.host, { ...RED, dns: { forward: false, domain: 'Internal' } }),
    );
    const a = await member(lab);
    await red.attach(a, { aliases: ['web', 'web-1', 'a..b', `${'x'.repeat(64)}.y`] });
    await red.attach(await member(lab), { aliases: ['WEB', 'web.'] });
    await red.attach(await member(lab));
    const all = await ask(
      a,
      GATEWAY,
      ['web-1'],
      ['web-1.internal'],
      ['web-1.INTERNAL', 'AAAA'],
      ['web-1', 'TXT'],
      ['web-1', 'MX'],
      ['web-2'],
      ['web-2.internal'],
      ['internal'],
      ['a.web-1'],
      ['10.1.0.2', 'reverse'],
      ['fd01::3', 'reverse'],
      ['10.1.0.4', 'reverse'],
      ['10.1.0.77', 'reverse'],
      ['fd01::77', 'reverse'],
      ['0.1.10.in-addr.arpa', 'PTR'],
      ['1.10.in-addr.arpa', 'PTR'],
      ['2.0.1.10.in-addr.arpa'],
    );
    expect(all).toEqual([
      ['10.1.0.2'],
      ['10.1.0.2'],
      ['fd01::2'],
      'ENODATA',
      'ENODATA',
      'ENOTFOUND',
      'ENOTFOUND',
      'ENODATA',
      'ENOTFOUND',
      ['web.internal', 'web-1.internal'],
      ['web.internal'],
      'ENOTFOUND',
      'ENOTFOUND',
      'ENOTFOUND',
      'ENODATA',
      'ENOTFOUND',
      'ENODATA',
    ]);
    const [any] = await ask(a, GATEWAY, ['web-1', 'ANY']);
    expect(any).toMatchObject([
      { type: 'A', address: '10.1.0.2', ttl: 1 },
      { type: 'AAAA', address: 'fd01::2', ttl: 1 },
    ]);
    // all of them, another one first each time
    const firsts = new Set<string>();
    for (let i = 0; i < 2; i++) {
      const [found] = (await ask(a, GATEWAY, ['web'])) as [string[]];
      expect([...found].sort()).toEqual(['10.1.0.2', '10.1.0.3']);
      firsts.add(found[0]!);
    }
    expect(firsts.size).toBe(2);
  });

  test('a name has no address of a family that the network lacks', async () => {
    await using lab = await createLab();
    const blue = lab.use(await createBridgeNetwork(lab.host, { name: 'blue', subnet: 'fd02::/64' }));
    const a = await member(lab);
    await blue.attach(a, { aliases: ['a'] });
    const dns = await blue.serveDns({ forward: false, ttl: 30 });
    expect(dns.addresses).toEqual(['fd02::1']);
    const [four, six, any] = await ask(a, 'fd02::1', ['a'], ['a', 'AAAA'], ['a', 'ANY']);
    expect([four, six, any]).toMatchObject(['ENODATA', ['fd02::2'], [{ ttl: 30 }]]);
  });

  test('members of another process are there at once, and gone at once', async () => {
    await using lab = await createLab();
    const red = lab.use(await createBridgeNetwork(lab.host, { ...RED, dns: { forward: false } }));
    const a = await member(lab);
    await red.attach(a, { aliases: ['a'] });
    await member(lab, 'other');
    expect(await ask(a, GATEWAY, ['a'], ['other'])).toEqual([['10.1.0.2'], 'ENOTFOUND']);
    const { child, ended } = start(attacher('host', 'other'));
    const said = async () => new Promise((tell) => child.stdout!.once('data', tell));
    await said();
    expect(await ask(a, GATEWAY, ['a'], ['other'])).toEqual([['10.1.0.2'], ['10.1.0.3']]);
    child.stdin!.write('go on\n');
    await said();
    expect(await ask(a, GATEWAY, ['a'], ['other'])).toEqual([['10.1.0.2'], 'ENOTFOUND']);
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('a member is known from when it is attached until it is detached, time and again', async () => {
    await using lab = await createLab();
    using files = etc({});
    files.write('netns/client/resolv.conf', `nameserver ${GATEWAY}\n`);
    const red = lab.use(await createBridgeNetwork(lab.host, { ...RED, dns: { forward: false } }));
    const [client, b] = [await member(lab, 'client'), await member(lab)];
    await red.attach(client);
    for (let i = 0; i < 20; i++) {
      const { addresses } = await red.attach(b, { aliases: ['b'] });
      expect(await resolve(client, 'b', { family: 4 })).toEqual([{ address: addresses[4], family: 4 }]);
      await red.detach(b);
      expect(await failure(resolve(client, 'b'))).toMatchObject({ code: 'ENOTFOUND' });
    }
  });

  test('a member that is gone with its namespace is forgotten in a second', async () => {
    await using lab = await createLab();
    const red = lab.use(await createBridgeNetwork(lab.host, { ...RED, dns: { forward: false } }));
    const [a, b] = [await member(lab), await member(lab)];
    await red.attach(a);
    const { port } = await red.attach(b, { aliases: ['b'] });
    expect(await ask(a, GATEWAY, ['b'])).toEqual([['10.1.0.3']]);
    const known = async (network: BridgeNetwork) => (await network.inspect()).members.map((one) => one.port);
    await deleteNetns(b, { wait: true });
    await until(async () => !(await run(lab.host, 'ip', 'link')).includes(port));
    const gone = performance.now();
    await until(async () => (await ask(a, GATEWAY, ['b']))[0] === 'ENOTFOUND');
    expect(performance.now() - gone).toBeLessThan(5000);
    // the table of nf_tables does not know yet
    expect(await known(red)).toContain(port);
  });
});
