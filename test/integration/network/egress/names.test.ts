// Names that a member may ask for, and the addresses that it reaches by them. Servers and clients are Python's and c-ares'.
import { once } from 'node:events';
import { addAddr, connect } from '../../../../lib';
import { ask, askTcp, askUdp, question } from '../../../support/dns';
import { connected, ECHO } from '../../../support/echo';
import {
  a,
  aaaa,
  cname,
  egressScene,
  GATEWAY,
  OTHER,
  passes,
  refusalsOf,
  WEB,
} from '../../../support/egress';
import { until } from '../../../support/ip';
import { elements, HOST, LAN, member, python, serve } from '../../../support/lab';

const OPT = {
  additionals: [
    {
      ...{
        type: 'OPT' as const,
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
      },
      ...{ flag_do: false, options: [] },
    },
  ],
};

describe('BridgeNetwork.allow', () => {
  test('a name is reached by its ports, in both families, and nothing else is', async () => {
    await using red = await egressScene();
    const { network, client, host } = red;
    red.use(await serve(host, 80));
    const addresses = [
      WEB[4],
      WEB[6],
      OTHER[4],
      OTHER[6],
      LAN[4],
      LAN[6],
      HOST[4],
      HOST[6],
      GATEWAY,
      'fd01::1',
    ];
    const at80 = addresses.map((one) => [one, 80] as const);
    expect(await passes(client, ...at80)).toEqual(at80.map(() => true));
    await network.allow(client, { domains: ['www.test'], ports: [443] });
    const tried = [...at80, ...addresses.map((one) => [one, 443] as const)];
    expect(await passes(client, ...tried)).toEqual(tried.map(() => false));

    expect(await ask(client, GATEWAY, ['www.test'], ['www.test', 'AAAA'])).toEqual([[WEB[4]], [WEB[6]]]);
    const isReached = ([address, port]: readonly [string, number]) =>
      port === 443 && Object.values<string>(WEB).includes(address);
    expect(await passes(client, ...tried)).toEqual(tried.map(isReached));
    // what the kernel has, as nft lists it: the TTL of the answer, and a minute
    const key = { concat: ['red', '10.1.0.2', WEB[4], 'tcp', 443] };
    const expires = expect.any(Number) as number;
    expect(await elements(host, 'allowed4')).toContainEqual({
      elem: { val: key, timeout: 120, expires, comment: 'www.test' },
    });

    // others are not limited
    const free = await member(red);
    await network.attach(free);
    expect(await ask(free, GATEWAY, ['other.test'])).toEqual([[OTHER[4]]]);
    expect(await passes(free, [OTHER[4], 80], [LAN[4], 443])).toEqual([true, true]);
    expect(await passes(client, [OTHER[4], 443])).toEqual([false]);
    // members reach each other
    red.use(await serve(free, 8000));
    red.use(await serve(client, 8000));
    expect(await passes(client, ['10.1.0.3', 8000], ['fd01::3', 8000])).toEqual([true, true]);
    expect(await passes(free, ['10.1.0.2', 8000], ['fd01::2', 8000])).toEqual([true, true]);
  });

  test('other names do not exist for it, and nobody is asked for them', async () => {
    await using red = await egressScene();
    const { network, client } = red;
    await using refusals = await refusalsOf(network);
    await network.allow(client, { domains: ['www.test', '*.example.org'] });
    expect(await ask(client, GATEWAY, ['other.test'], ['none.test', 'TXT'], ['example.org'])).toEqual([
      ...['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND'],
    ]);
    expect(red.asked()).toEqual([]);
    const refused = await askUdp(client, GATEWAY, question('other.test', OPT));
    expect(refused).toMatchObject({
      rcode: 'NXDOMAIN',
      additionals: [{ options: [{ code: 15, data: Buffer.from('\0\x0fnot allowed for this member') }] }],
    });
    expect(await askTcp(client, GATEWAY, question('Other.test'))).toMatchObject({ rcode: 'NXDOMAIN' });
    const seen = await refusals.take(5);
    const from = { kind: 'name', from: '10.1.0.2', reason: 'not allowed' };
    expect(seen.slice(0, 3)).toEqual(
      expect.arrayContaining([
        { ...from, name: 'other.test', type: 'A' },
        { ...from, name: 'none.test', type: 'TXT' },
        { ...from, name: 'example.org', type: 'A' },
      ]),
    );
    expect(seen[4]).toEqual({ ...from, name: 'Other.test', type: 'A' });
    // members' names, and those that are allowed, in any spelling; HTTPS would lead to other names
    red.zone['a.b.example.org'] = [a('a.b.example.org', OTHER[4])];
    expect(
      await ask(client, GATEWAY, ['client'], ['A.b.Example.ORG'], ['WWW.test'], ['none.example.org']),
    ).toEqual([...[['10.1.0.2'], [OTHER[4]], [WEB[4]], 'ENOTFOUND']]);
    expect(await passes(client, [OTHER[4], 80], [WEB[4], 443])).toEqual([true, true]);
    const https = question('www.test');
    https.writeUInt16BE(65, https.length - 4);
    red.asked();
    expect(await askUdp(client, GATEWAY, https)).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(red.asked()).toEqual([]);
  });

  test('an address that changes is followed, and connections go on', async () => {
    await using red = await egressScene({ hold: 0 });
    const { network, client, zone } = red;
    red.use(await python(red.lan, ECHO, '7'));
    zone['www.test'] = [a('www.test', WEB[4], 3)];
    await network.allow(client, { domains: ['www.test'], ports: [7] });
    // in this process, because another one begins too late where the machine is slow
    await askUdp(client, GATEWAY, question('www.test'));
    const socket = await connect(client, { host: WEB[4], port: 7 });
    const answered = async () => {
      socket.write('x');
      return String((await once(socket, 'data'))[0]);
    };
    expect(await answered()).toBe('x');

    zone['www.test'] = [a('www.test', OTHER[4], 3600)];
    expect(await passes(client, [OTHER[4], 7])).toEqual([false]);
    expect(await ask(client, GATEWAY, ['www.test'])).toEqual([[OTHER[4]]]);
    await until(async () => JSON.stringify(await elements(red.host, 'allowed4')).match(WEB[4]) === null);
    const later = await connected(red, client, [['tcp', OTHER[4], 7]]);
    expect(await later()).toEqual([true]);
    expect(await answered()).toBe('x');
    expect(await passes(client, [WEB[4], 7])).toEqual([false]);
    socket.destroy();
  });

  test('the time of an address begins anew with each answer that has more', async () => {
    await using red = await egressScene({ hold: 2000 });
    const { network, client, zone, host } = red;
    zone['www.test'] = [a('www.test', WEB[4], 100)];
    await network.allow(client, { domains: ['www.test', '*.test'], ports: [443] });
    const listed = async () => {
      const all = (await elements(host, 'allowed4')) as { elem: { timeout?: number; comment: string } }[];
      return all
        .filter(({ elem }) => elem.timeout !== undefined)
        .map(({ elem }) => [elem.timeout, elem.comment]);
    };
    await ask(client, GATEWAY, ['www.test']);
    expect(await listed()).toEqual([[102, '*.test www.test']]);
    // a day, of which the member and the kernel keep an hour
    zone['www.test'] = [a('www.test', WEB[4], 86_400)];
    const { answers } = await askUdp(client, GATEWAY, question('www.test'));
    expect(answers).toMatchObject([{ data: WEB[4], ttl: 3600 }]);
    expect(await listed()).toEqual([[3602, '*.test www.test']]);
    zone['www.test'] = [a('www.test', WEB[4], 5)];
    await ask(client, GATEWAY, ['www.test']);
    expect(await listed()).toEqual([[3602, '*.test www.test']]);
  });

  test('aliases lead to addresses; records of others do not', async () => {
    await using red = await egressScene();
    const { network, client, zone } = red;
    zone['cdn.test'] = [
      ...[cname('cdn.test', 'edge.net'), cname('edge.net', 'node.net', 10)],
      ...[a('node.net', WEB[4]), a('other.net', OTHER[4]), aaaa('node.net', WEB[6])],
    ];
    await network.allow(client, { domains: ['cdn.test'] });
    const found = await askUdp(client, GATEWAY, question('cdn.test'));
    expect(found.answers).toHaveLength(4);
    expect(await passes(client, [WEB[4], 80], [WEB[4], 443], [OTHER[4], 80])).toEqual([true, true, false]);
    expect(await ask(client, GATEWAY, ['node.net'])).toEqual(['ENOTFOUND']);
  });

  test('a name does not lead to private addresses, nor to the host, unless that is allowed', async () => {
    await using red = await egressScene();
    const { network, client, zone, host } = red;
    red.use(await serve(host, 443));
    const own = '198.41.0.9';
    await addAddr(host, 'lo', `${own}/32`);
    zone['own.test'] = [a('own.test', own)];
    zone['near.test'] = [a('near.test', LAN[4])];
    zone['both.test'] = [a('both.test', LAN[4]), a('both.test', WEB[4])];
    zone['host.test'] = [a('host.test', HOST[4])];
    zone['lo.test'] = [a('lo.test', '127.0.0.1'), aaaa('lo.test', '::1')];
    const names = Object.keys(zone);
    await using refusals = await refusalsOf(network);
    const grant = await network.allow(client, { domains: names, ports: [443] });
    expect(
      await ask(
        client,
        GATEWAY,
        ['near.test'],
        ['host.test'],
        ['own.test'],
        ['lo.test'],
        ['lo.test', 'AAAA'],
      ),
    ).toEqual([...['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND']]);
    const reasons = (await refusals.take(5)).map((one) => (one.kind === 'name' ? one.reason : ''));
    expect(new Set(reasons)).toEqual(new Set(['private address']));
    expect(await ask(client, GATEWAY, ['both.test'])).toEqual([[LAN[4], WEB[4]]]);
    const targets = [
      [LAN[4], 443] as const,
      [WEB[4], 443] as const,
      [HOST[4], 443] as const,
      [own, 443] as const,
    ];
    expect(await passes(client, ...targets)).toEqual([false, true, false, false]);
    await grant.revoke();
    await network.allow(client, { domains: names, ports: [443], privateAddresses: true });
    expect(await ask(client, GATEWAY, ['near.test'], ['host.test'], ['own.test'])).toEqual([
      [LAN[4]],
      [HOST[4]],
      [own],
    ]);
    expect(await passes(client, ...targets)).toEqual([true, false, true, true]);
  });
});
