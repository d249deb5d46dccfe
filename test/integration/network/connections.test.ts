import { tracingChannel } from 'node:diagnostics_channel';
import { createBridgeNetwork, createNetns, type PublishOptions } from '../../../lib';
import { forgetMembers } from '../../../lib/network/members/connections';
import { connected, type Connection, ECHO } from '../../support/echo';
import { run } from '../../support/ip';
import { createLab, elements, HOST, LAN, member, python } from '../../support/lab';
import { program, runProgram } from '../../support/program';

// Which connections end when a published port or a member goes, and which live on. Clients and servers are of python3.

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;

/** How often the kernel's whole table of connections is read while work is done. */
async function dumps(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const subscriber = {
    start: ({ type }: { type: string }) => (count += Number(type === 'IPCTNL_MSG_CT_GET')),
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: () => undefined,
    error: () => undefined,
  };
  const channel = tracingChannel<unknown, { type: string }>('rtnetns:request');
  channel.subscribe(subscriber);
  try {
    await work();
  } finally {
    channel.unsubscribe(subscriber);
  }
  return count;
}

describe('createBridgeNetwork', () => {
  test('a connection ends with the port that it came by, and no other one does', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const [a, b] = [await member(lab), await member(lab)];
    const publish = (...ports: number[]): PublishOptions[] =>
      ports.flatMap((hostPort) => [
        { hostPort, port: 80 },
        { hostPort, port: 80, protocol: 'udp' },
      ]);
    await red.attach(a, { publish: publish(8001, 8002) });
    await red.attach(b, { publish: publish(8003) });
    for (const one of [a, b]) lab.use(await python(one, ECHO, '80'));
    const addresses = Object.values(HOST);
    const targets = [8001, 8002, 8003].flatMap((port) =>
      addresses.flatMap((address): Connection[] => [
        ['tcp', address, port],
        ['udp', address, port],
      ]),
    );
    const answers = await connected(lab, lan, targets);
    const expected = (...ports: number[]) => targets.map(([, , port]) => ports.includes(port));
    expect(await answers()).toEqual(expected(8001, 8002, 8003));
    await red.unpublish(a, publish(8001));
    expect(await answers()).toEqual(expected(8002, 8003));
    await red.detach(a);
    expect(await answers()).toEqual(expected(8003));
    await red.remove();
    expect(await answers()).toEqual(expected());
  });

  test('a port of one address goes, that of all addresses stays, and the other way round', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    const all = { hostPort: 8001, port: 80, hostAddress: '::' };
    const one = { hostPort: 8001, port: 81, hostAddress: '2001:0DB8::0001' };
    await red.attach(a, { publish: [one, { hostPort: 8002, port: 81, hostAddress: '::' }] });
    lab.use(await python(a, ECHO, '80', '81'));
    await run(host, 'ip', 'addr', 'add', '2001:db8::2/64', 'dev', 'wan', 'nodad');
    const targets: Connection[] = [
      ['tcp', HOST[6], 8001],
      ['tcp', HOST[6], 8002],
    ];
    const answers = await connected(lab, lan, targets);
    expect(await answers()).toEqual([true, true]);
    await red.unpublish(a, [one]);
    expect(await answers()).toEqual([false, true]);
    await red.publish(a, [all]);
    const later = await connected(lab, lan, [['tcp', '2001:db8::2', 8001]]);
    expect(await later()).toEqual([true]);
    await red.unpublish(a, [all]);
    expect([await answers(), await later()]).toEqual([[false, true], [false]]);
  });

  test('flows of UDP that pass by to others live on when their port is published', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const [a, b] = [await member(lab), await member(lab)];
    await red.attach(a);
    await red.attach(b);
    lab.use(await python(a, ECHO, '53'));
    lab.use(await python(lan, ECHO, '53'));
    const passing = await connected(lab, b, [
      ['udp', LAN[4], 53],
      ['udp', LAN[6], 53],
    ]);
    const arriving = await connected(lab, lan, [
      ['udp', HOST[4], 53],
      ['udp', HOST[6], 53],
    ]);
    expect(await passing()).toEqual([true, true]);
    expect(await arriving()).toEqual([false, false]);
    const ids = async () =>
      (await run(host, 'cat', '/proc/net/nf_conntrack'))
        .split('\n')
        .filter(
          (line) => line.includes('dport=53 ') && !/ src=(192\.0\.2\.9|2001:0db8:.*:0009) .* src=/.test(line),
        )
        .map((line) => / sport=(\d+)/.exec(line)?.[1])
        .sort();
    const before = await ids();
    await red.publish(a, [{ hostPort: 53, protocol: 'udp' }]);
    expect(await arriving()).toEqual([true, true]);
    expect(await passing()).toEqual([true, true]);
    expect(before).toHaveLength(2);
    expect(await ids()).toEqual(before);
  });

  test('many ports cost as many dumps of connections as one', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a);
    const range = (from: number, to: number, protocol: 'tcp' | 'udp'): PublishOptions => ({
      hostPort: { from, to },
      protocol,
    });
    const one = range(7000, 7000, 'udp');
    const many = range(8000, 8099, 'udp');
    const both = [one, many, range(8000, 8099, 'tcp')];
    const first = await dumps(async () => red.publish(a, [one]));
    expect(await dumps(async () => red.publish(a, [many]))).toBe(first);
    await red.publish(a, [range(8000, 8099, 'tcp')]);
    expect(await dumps(async () => red.unpublish(a, both))).toBe(1);
    // Those that are asked for at once share their dumps, too. When members are gone is for the kernel to say, so they are forgotten here.
    const gone = Array.from({ length: 8 }, (_, i) => ({
      addresses: { 4: `10.1.0.${i + 9}` },
      published: [1],
    }));
    expect(await dumps(async () => Promise.all(gone.map(async (one) => forgetMembers(host, [one]))))).toBe(1);
    await red.remove();
  });

  test('at the limit of descriptors, the error names the limit, and no port is published', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    lab.use(await createNetns('m'));
    const text = program(async ({ rtnetns, tell }, options) => {
      const own = await rtnetns.openNetns('host');
      const network = await rtnetns.createBridgeNetwork(own, options);
      const netns = await rtnetns.openNetns('m');
      await network.attach(netns);
      const publish = network.publish(netns, [{ hostPort: { from: 5000, to: 5999 } }]);
      await publish.catch((error: unknown) => {
        const { name, code, message } = error as Error & { code: string };
        tell({ name, code, message });
      });
      network.close();
    }, RED);
    const { told } = await runProgram(text, { wrapper: ['prlimit', '--nofile=200:200'] });
    const message = expect.stringMatching(
      /tcp port 5\d\d\d of the host .*RLIMIT_NOFILE: raise it by/,
    ) as string;
    expect(told).toEqual([{ name: 'NetworkError', code: 'EMFILE', message }]);
    expect(await elements(host, 'ports4')).toEqual([]);
    await red.remove();
  });
});
