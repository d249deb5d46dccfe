// What a limited member may send. It is root in its namespace, and tries other addresses, other name servers, and the host.
import { connect } from '../../../../lib';
import { ask } from '../../../support/dns';
import { connected, ECHO } from '../../../support/echo';
import { egressScene, GATEWAY, OTHER, passes, refusalsOf, WEB } from '../../../support/egress';
import { failure, ip, run } from '../../../support/ip';
import { HOST, LAN, member, python, reach, serve, setBridgeFilter } from '../../../support/lab';

/** By which source addresses a connection comes about. */
const FROM = `
import json, socket, sys
target, sources = json.loads(sys.argv[1])
def attempt(source):
    family = socket.AF_INET6 if ':' in target[0] else socket.AF_INET
    to = socket.getaddrinfo(*target, family, socket.SOCK_STREAM)[0][4]
    try:
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.settimeout(1)
            if source: s.bind((source, 0))
            s.connect(to)
            return True
    except OSError:
        return False
print(json.dumps([attempt(source) for source in sources]))
`;

describe('BridgeNetwork.allow', () => {
  test('what is refused fails at once, and is reported', async () => {
    await using red = await egressScene();
    const { network, client } = red;
    await network.allow(client, { domains: [] });
    await using refusals = await refusalsOf(network);
    // more than the errors of ICMP that the kernel sends at once
    for (let i = 0; i < 12; i++) {
      const host = i % 2 === 0 ? OTHER[4] : OTHER[6];
      const refused = await failure(connect(client, { host, port: 80 + i, timeout: 5000 }));
      expect(refused.code).toBe('ECONNREFUSED');
    }
    const seen = await refusals.take(12);
    expect(seen[0]).toEqual({ kind: 'packet', from: '10.1.0.2', to: OTHER[4], protocol: 'tcp', port: 80 });
    expect(seen[11]).toEqual({ kind: 'packet', from: 'fd01::2', to: OTHER[6], protocol: 'tcp', port: 91 });
    for (const [address, protocol, packet] of [
      [OTHER[4], 'icmp', /Packet filtered/],
      [OTHER[6], 'ipv6-icmp', /Administratively prohibited/],
      [HOST[4], 'icmp', /Packet filtered/],
    ] as const) {
      const pinged = (await failure(run(client, 'ping', '-c1', '-W5', address))) as Error & {
        stdout: string;
      };
      expect(pinged.stdout).toMatch(packet);
      expect(await refusals.take(1)).toMatchObject([{ kind: 'packet', to: address, protocol }]);
    }
  });

  test('of each member, so many packets are reported, whatever others send', async () => {
    await using red = await egressScene();
    const { network, client } = red;
    const quiet = await member(red);
    await network.attach(quiet);
    for (const one of [client, quiet]) await network.allow(one, { domains: [] });
    await using refusals = await refusalsOf(network);
    const send = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(500):
    try: s.sendto(b'x', ('${OTHER[4]}', 1000 + i))
    except OSError: pass`;
    await run(client, 'python3', '-c', send);
    expect(await passes(quiet, [OTHER[4], 80])).toEqual([false]);
    const seen: string[] = [];
    while (seen.at(-1) !== '10.1.0.3') {
      const [one] = await refusals.take(1);
      seen.push(one!.kind === 'packet' ? one!.from : one!.kind);
    }
    expect(seen.length).toBeGreaterThan(30);
    expect(seen.length).toBeLessThan(150);
  });

  test('other name servers are not reached', async () => {
    await using red = await egressScene();
    const { network, client } = red;
    expect(await ask(client, LAN[4], ['other.test'])).toEqual([[OTHER[4]]]);
    await network.allow(client, { domains: ['www.test'], ports: [443] });
    red.asked();
    const servers = [LAN[4], OTHER[4], HOST[4]];
    for (const server of servers) {
      expect(await ask(client, server, ['www.test'])).toEqual(['ECONNREFUSED']);
    }
    expect(await passes(client, [LAN[4], 53], [LAN[4], 853], [OTHER[4], 443])).toEqual([false, false, false]);
    expect(red.asked()).toEqual([]);
    expect(await ask(client, 'fd01::1', ['www.test'])).toEqual([[WEB[4]]]);
  });

  test('a member does not get out by the address of another one, nor by one that is nobody’s', async () => {
    await using red = await egressScene();
    const { network, client, host } = red;
    await network.attach(await member(red));
    red.use(await serve(host, 80));
    const four = ['', '10.1.0.3', '10.1.9.9'];
    const six = ['', 'fd01::3', 'fd01::9:9'];
    for (const address of [...four.slice(1), ...six.slice(1)]) {
      const [length, more] = address.includes(':') ? [64, ['nodad']] : [16, []];
      await run(client, 'ip', 'addr', 'add', `${address}/${length}`, 'dev', 'eth0', ...more);
    }
    const from = async (target: [string, number], sources: string[]) =>
      JSON.parse(await run(client, 'python3', '-c', FROM, JSON.stringify([target, sources]))) as boolean[];
    const [bridge] = await ip(host, 'addr', 'show', 'red');
    const info = bridge!['addr_info'] as { local: string }[];
    const near = info.map(({ local }) => local).find((local) => local.startsWith('fe80:'))!;
    const tried = async () => [
      await from([OTHER[4], 80], four),
      await from([OTHER[6], 80], six),
      await from([`${near}%eth0`, 80], ['']),
    ];
    const [free4, free6, local] = await tried();
    expect([free4![0], free4![2], free6![0], free6![2], local]).toEqual([true, true, true, true, [true]]);
    await network.allow(client, { domains: ['www.test'] });
    expect(await tried()).toEqual([[false, false, false], [false, false, false], [false]]);
    // its own address is as good as before
    await ask(client, GATEWAY, ['www.test'], ['www.test', 'AAAA']);
    expect(await from([WEB[4], 80], ['', '10.1.0.2', '10.1.0.3'])).toEqual([true, true, false]);
    expect(await from([WEB[6], 80], ['fd01::2', 'fd01::9:9'])).toEqual([true, false]);
  });

  test('what others begin goes on: published ports, and the host’s own connections', async () => {
    await using red = await egressScene();
    const { network, client, host, lan } = red;
    red.use(await serve(client, 8000));
    await network.publish(client, [{ hostPort: 8080, port: 8000 }]);
    await network.allow(client, { domains: ['www.test'] });
    const others = await member(red);
    await network.attach(others);
    expect(
      await reach(lan, [
        [HOST[4], 8080],
        [HOST[6], 8080],
      ]),
    ).toEqual([LAN[4], LAN[6]]);
    expect(
      await reach(host, [
        ['10.1.0.2', 8000],
        ['fd01::2', 8000],
      ]),
    ).toEqual([GATEWAY, 'fd01::1']);
    expect(await reach(others, [[HOST[4], 8080]])).toEqual([GATEWAY]);
    expect(await passes(client, [HOST[4], 8080])).toEqual([false]);
  });

  test('connections that were there before end', async () => {
    await using red = await egressScene();
    const { network, client } = red;
    red.use(await python(red.lan, ECHO, '7'));
    const targets = [
      ['tcp', WEB[4], 7],
      ['udp', LAN[4], 7],
      ['tcp', WEB[6], 7],
      ['udp', LAN[6], 7],
    ] as const;
    const answers = await connected(
      red,
      client,
      targets.map((one) => [...one]),
    );
    expect(await answers()).toEqual([true, true, true, true]);
    const free = await member(red);
    await network.attach(free);
    const others = await connected(
      red,
      free,
      targets.map((one) => [...one]),
    );
    await network.allow(client, { domains: ['www.test'] });
    expect([await answers(), await others()]).toEqual([
      [false, false, false, false],
      [true, true, true, true],
    ]);
  });

  test('with br_netfilter, members still reach each other, and nothing else', async () => {
    await using red = await egressScene();
    const { network, client, host } = red;
    await setBridgeFilter(host, true);
    const free = await member(red);
    await network.attach(free);
    red.use(await serve(free, 8000));
    await network.allow(client, { domains: ['www.test'] });
    await ask(client, GATEWAY, ['www.test']);
    expect(await passes(client, ['10.1.0.3', 8000], ['fd01::3', 8000], [WEB[4], 80], [OTHER[4], 80])).toEqual(
      [...[true, true, true, false]],
    );
  });
});
