import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import {
  connect,
  createLab,
  type Lab,
  type LabDefinition,
  listConntrack,
  listen,
  type NatDependence,
  type NatOptions,
  type NatPreset,
  type Netns,
  NAT_PRESETS,
  openLab,
  ping,
  type PublishDefinition,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { sandboxed } from '../../support/cli';
import { failure, ip, run, until } from '../../support/ip';
import { nftSays } from '../../support/nft';
import { filteringOf, mappingOf, punch, StunClient, StunServer } from '../../support/stun';

const NFT = 'nf_tables in the families ip, ip6 and inet';

/** Milliseconds that what has to come may take. */
const PATIENCE = 5000;

const SERVERS = ['203.0.113.2', '203.0.113.3'];

/** A server on a network, and homes with one NAT each, all of which have the same subnet. */
function homes(nats: Readonly<Record<string, NatPreset | NatOptions>>, hosts = 1) {
  const names = Object.keys(nats);
  const each = <T>(make: (name: string) => Readonly<Record<string, T>>): Record<string, T> =>
    Object.assign({}, ...names.map(make)) as Record<string, T>;
  return {
    switches: {
      wan: { subnet: '203.0.113.0/24' },
      ...each((name) => ({ [`${name}-lan`]: { subnet: '192.168.1.0/24' } })),
    },
    routers: each((name) => ({ [name]: { ports: ['wan', `${name}-lan`], nat: nats[name]! } })),
    nodes: {
      server: { ports: { switch: 'wan', addrs: SERVERS.map((address) => `${address}/24`) } },
      ...each((name) => ({ [`${name}-{1..${hosts}}`]: { ports: `${name}-lan` } })),
    },
  } satisfies LabDefinition;
}

async function measure(lab: Lab, node: string, server: StunServer) {
  await using mapping = await StunClient.open(lab.node(node));
  await using filtering = await StunClient.open(lab.node(node));
  const { mapped } = await filtering.ask(server.endpoint(0, 0));
  return {
    address: mapped.address,
    preserved: mapped.port === filtering.port,
    filtering: await filteringOf(filtering, server),
    mapping: await mappingOf(mapping, server),
  };
}

const DEPENDENCES = [
  'endpointIndependent',
  'addressDependent',
  'addressAndPortDependent',
] as const satisfies NatDependence[];
const PRESETS = Object.keys(NAT_PRESETS) as NatPreset[];
const LETTING_UDP = PRESETS.filter((preset) => !NAT_PRESETS[preset].blockUdp);

describe('NAT_PRESETS', () => {
  testWith(NFT, 'each preset maps and filters as its row says', async () => {
    await using lab = await createLab(
      homes(Object.fromEntries(LETTING_UDP.map((preset, i) => [`r${i}`, preset]))),
    );
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    for (const [i, preset] of LETTING_UDP.entries()) {
      const { mapping, filtering, ports } = NAT_PRESETS[preset];
      expect({ preset, ...(await measure(lab, `r${i}-1`, server)) }).toEqual({
        preset,
        address: lab.addr(`r${i}`),
        mapping,
        filtering,
        preserved: ports === 'preserve',
      });
    }
  });

  testWith(NFT, 'any mapping goes with any filtering', async () => {
    const pairs = DEPENDENCES.flatMap((mapping) => DEPENDENCES.map((filtering) => ({ mapping, filtering })));
    const nats = pairs.flatMap((pair) => [pair, { ...pair, ports: 'random' as const }]);
    await using lab = await createLab(homes(Object.fromEntries(nats.map((nat, i) => [`r${i}`, nat]))));
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    for (const [i, nat] of nats.entries()) {
      expect({ nat, ...(await measure(lab, `r${i}-1`, server)) }).toMatchObject({
        nat,
        mapping: nat.mapping,
        filtering: nat.filtering,
        preserved: !('ports' in nat),
      });
    }
  });

  const CONNECTS = `
                 home fullCone restricted portRestricted symmetric cgnat corporate
  home           yes
  fullCone       yes  yes
  restricted     yes  yes      yes
  portRestricted yes  yes      yes        yes
  symmetric      no   yes      yes        no             no
  cgnat          yes  yes      yes        yes            yes       yes
  corporate      no   no       no         no             no        no    no
  `;

  testWith(NFT, 'UDP hole punching connects as the theory says', async () => {
    const [head = [], ...rows] = CONNECTS.trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    expect(head).toEqual(PRESETS);
    const [sides, others] = ['a', 'b'].map((side) =>
      Object.fromEntries(PRESETS.map((preset, i) => [`${side}${i}`, preset])),
    );
    await using lab = await createLab(homes({ ...sides, ...others }));
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    const connected = PRESETS.map((preset): string[] => [preset]);
    for (const [i, row] of connected.entries()) {
      for (let j = 0; j <= i; j++) {
        if ([i, j].some((k) => NAT_PRESETS[PRESETS[k]!].blockUdp)) {
          // the server never hears of them
          row.push('no');
          continue;
        }
        await using one = await StunClient.open(lab.node(`a${i}-1`));
        await using other = await StunClient.open(lab.node(`b${j}-1`));
        row.push((await punch(one, other, server)) ? 'yes' : 'no');
      }
    }
    expect(connected).toEqual(rows);
  });

  testWith(NFT, 'nobody has a port that another one has, and ports are of the range', async () => {
    await using lab = await createLab(
      homes(
        {
          keeping: 'home',
          drawing: { ports: { from: 7000, to: 7999 } },
          single: { mapping: 'addressAndPortDependent' },
        },
        2,
      ),
    );
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    const ask = async (node: string, to: 0 | 1) => {
      await using client = await StunClient.open(lab.node(node), 5000);
      return (await client.ask(server.endpoint(to, 0))).mapped.port;
    };
    expect(await ask('keeping-1', 0)).toBe(5000);
    expect(await ask('keeping-2', 1)).not.toBe(5000);
    expect(await ask('keeping-1', 1)).toBe(5000);
    expect(await ask('single-1', 0)).toBe(5000);
    expect(await ask('single-2', 1)).not.toBe(5000);
    for (const node of ['drawing-1', 'drawing-2']) {
      const port = await ask(node, 0);
      expect(port).toBeGreaterThanOrEqual(7000);
      expect(port).toBeLessThanOrEqual(7999);
      expect(await ask(node, 1)).toBe(port);
    }
  });

  testWith(NFT, 'those behind one NAT meet by their ports outside where it is hairpinning', async () => {
    await using lab = await createLab(
      homes(Object.fromEntries(LETTING_UDP.map((preset, i) => [`r${i}`, preset])), 2),
    );
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    for (const [i, preset] of LETTING_UDP.entries()) {
      await using one = await StunClient.open(lab.node(`r${i}-1`));
      await using other = await StunClient.open(lab.node(`r${i}-2`));
      const met = await punch(one, other, server);
      expect({ preset, met }).toEqual({ preset, met: NAT_PRESETS[preset].hairpinning });
      // RFC 4787, REQ-9: by the address and port outside
      const address = lab.addr(`r${i}`);
      for (const { heard } of [one, other])
        expect(heard.every((from) => from.address === address)).toBe(true);
    }
  });

  testWith(NFT, 'a mapping lasts as long as its timeouts say', async () => {
    await using lab = await createLab(
      homes({ home: 'home', short: { preset: 'fullCone', timeouts: { udp: 7, udpStream: 9 } } }),
    );
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    await using home = await StunClient.open(lab.node('home-1'));
    await home.ask(server.endpoint(0, 0));
    await using client = await StunClient.open(lab.node('short-1'));
    await client.ask(server.endpoint(0, 0));
    const timeouts = async (router: string) =>
      (await listConntrack(lab.node(router), { protocol: 'udp' })).map(({ timeout = 0 }) => timeout);
    const [long = 0] = await timeouts('home');
    expect(long).toBeGreaterThan(9);
    expect(long).toBeLessThanOrEqual(30);
    const [short = 0] = await timeouts('short');
    expect(short).toBeLessThanOrEqual(9);
    expect(await nftSays(lab.node('short'), 'list', 'map', 'inet', 'lab-nat', 'inner')).toMatch(
      // 6.1 says of each element what is the timeout of all
      new RegExp(
        `timeout 9s\\n[^]*${client.port} (timeout 9s )?expires \\ds\\d+ms : 192\\.168\\.1\\.2 \\. ${client.port}`,
      ),
    );
    expect(
      await run(lab.node('short'), 'sysctl', '-n', 'net.netfilter.nf_conntrack_tcp_timeout_established'),
    ).toBe('7440\n');
  });

  testWith(NFT, 'corporate lets out TCP, and no UDP', async () => {
    await using lab = await createLab(homes({ r: 'corporate' }));
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    await using client = await StunClient.open(lab.node('r-1'));
    client.hello(server.endpoint(0, 0));
    expect(await seenAs(lab.node('r-1'), lab.node('server'), SERVERS[0]!)).toBe(lab.addr('r'));
    expect(server.requests).toBe(0);
    expect(await ping(lab.node('r-1'), SERVERS[0]!)).toMatchObject({ received: 1 });
  });

  testWith(NFT, 'the firewall of IPv6 lets in answers, and nothing else', async () => {
    const subnets = (number: number) => [`10.0.${number}.0/24`, `fd00:${number}::/64`];
    await using lab = await createLab({
      switches: {
        wan: { subnet: ['203.0.113.0/24', 'fd00::/64'] },
        closed: { subnet: subnets(1) },
        open: { subnet: subnets(2) },
      },
      routers: {
        isp: { ports: 'wan' },
        r1: { ports: ['closed', 'wan'], outside: 'wan', nat: 'home' },
        r2: { ports: ['wan', 'open'], nat: { ipv6: 'open' } },
      },
      nodes: { server: { ports: 'wan' }, a: { ports: 'closed' }, b: { ports: 'open' } },
    });
    const of6 = (node: string) => lab.addrs(node).find((addr) => addr.includes(':'))!;
    const expectReach = async (from: string, to: string, expected: boolean) => {
      const timeout = expected ? PATIENCE : 300;
      const { received } = await ping(lab.node(from), of6(to), { timeout });
      const seen = await seenAs(lab.node(from), lab.node(to), of6(to), { timeout }).catch(() => undefined);
      expect({ from, to, received, seen }).toEqual({
        from,
        to,
        received: Number(expected),
        seen: expected ? of6(from) : undefined,
      });
    };
    // the kernel takes a moment until it answers for IPv6 on a new link
    await until(async () => (await ping(lab.node('a'), of6('server'))).received === 1);
    await until(async () => (await ping(lab.node('b'), of6('server'))).received === 1);
    await expectReach('a', 'server', true);
    await expectReach('b', 'server', true);
    await expectReach('server', 'b', true);
    await expectReach('a', 'b', true);
    await expectReach('server', 'a', false);
    await expectReach('b', 'a', false);
  });

  testWith(NFT, 'nobody outside has a way to what is inside', async () => {
    await using lab = await createLab({
      switches: {
        core: { subnet: '198.51.100.0/24' },
        wan: { subnet: '203.0.113.0/24' },
        lan: { subnet: '192.168.1.0/24' },
        cellar: { subnet: '192.168.2.0/24' },
      },
      routers: {
        r: { ports: ['wan', 'lan'], nat: 'home' },
        isp: { ports: ['wan', 'core'] },
        inner: { ports: ['lan', 'cellar'] },
      },
      nodes: {
        server: { ports: 'core' },
        neighbour: { ports: 'wan' },
        a: { ports: 'lan' },
        b: { ports: 'cellar' },
      },
    });
    const routes = async (node: string) =>
      (await ip(lab.node(node), 'route', 'show', 'proto', '219'))
        .map(({ dst, gateway }) => `${String(dst)} via ${String(gateway)}`)
        .sort();
    const isp = lab.addr('isp');
    expect(await routes('r')).toEqual([
      '192.168.2.0/24 via 192.168.1.2',
      `198.51.100.0/24 via ${isp}`,
      `default via ${isp}`,
    ]);
    expect(await routes('isp')).toEqual([]);
    expect(await routes('neighbour')).toEqual([`default via ${isp}`]);
    expect(await routes('inner')).toEqual([
      '198.51.100.0/24 via 192.168.1.1',
      '203.0.113.0/24 via 192.168.1.1',
    ]);
    for (const node of ['a', 'b'])
      expect(await seenAs(lab.node(node), lab.node('server'), lab.addr('server'))).toBe(lab.addr('r'));
    // also not who knows the way
    await run(lab.node('neighbour'), 'ip', 'route', 'add', '192.168.1.0/24', 'via', lab.addr('r'));
    expect(await ping(lab.node('neighbour'), lab.addr('a'), { timeout: 300 })).toMatchObject({ received: 0 });
    expect(await ping(lab.node('neighbour'), lab.addr('r'))).toMatchObject({ received: 1 });
    expect(
      await failure(connect(lab.node('neighbour'), { host: lab.addr('r'), port: 22, timeout: 300 })),
    ).toMatchObject({ code: 'ETIMEDOUT' });
  });

  testWith(NFT, 'the router itself is not translated, and nothing leaves untranslated', async () => {
    await using lab = await createLab(homes({ r: 'symmetric' }));
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    expect(await measure(lab, 'r', server)).toMatchObject({
      address: lab.addr('r'),
      preserved: true,
      mapping: 'endpointIndependent',
    });
    // an answer to no ping, which conntrack can make nothing of
    const source =
      "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); s.sendto(bytes([0, 0, 255, 255] + 4 * [0]), ('203.0.113.2', 0))";
    await run(lab.node('r-1'), 'python3', '-c', source);
    expect(await ping(lab.node('r-1'), SERVERS[0]!)).toMatchObject({ received: 1 });
    const counters = await run(lab.node('server'), 'nstat', '-az', 'IcmpInEchos', 'IcmpInEchoReps');
    expect(counters).toMatch(/IcmpInEchos +1 [^]*IcmpInEchoReps +0 /);
  });

  testWith(NFT, 'a plan names what becomes of it, and a lab mends it', async () => {
    const definition = homes({ r: 'home' });
    await using lab = await createLab(definition);
    expect(String(await lab.plan(definition))).toBe('');
    const symmetric = homes({ r: 'symmetric' });
    expect(String(await lab.apply(symmetric))).toBe(
      '~ nat symmetric of r: preset "home" → "symmetric", mapping "endpointIndependent" → "addressAndPortDependent", ports "preserve" → "random", hairpinning true → false',
    );
    expect(String(await lab.plan(symmetric))).toBe('');
    const ranged = homes({ r: { ports: { from: 7000, to: 7999 }, timeouts: { udpStream: 60 } } });
    await lab.apply(ranged);
    expect(String(await lab.plan(ranged))).toBe('');
    await run(lab.node('r'), 'nft', 'delete', 'table', 'inet', 'lab-nat');
    expect(String(await lab.apply(definition)).split('\n')).toEqual([
      '+ nat home of r',
      '~ sysctl net.netfilter.nf_conntrack_udp_timeout_stream of r: value "60" → "120"',
    ]);
    await run(lab.node('r'), 'nft', 'add', 'table', 'inet', 'mine');
    const without = { ...definition, routers: { r: { ports: ['wan', 'r-lan'] } } };
    expect(String(await lab.apply(without))).toContain('- nat home of r\n');
    expect(await nftSays(lab.node('r'), 'list', 'tables')).toBe('table inet mine\n');
    expect(String(await lab.plan(without))).toBe('');
  });

  testWith(NFT, 'who opens a lab finds its NAT', async () => {
    const { routers, ...rest } = homes({ r: { preset: 'cgnat', timeouts: { udp: 600 } } });
    const publish = [{ port: 80, to: 'r-1' }];
    const definition = { ...rest, name: 'raft', routers: { r: { ...routers['r']!, publish } } };
    await using lab = await createLab(definition);
    const opened = await openLab('raft');
    expect(String(await opened.plan(definition))).toBe('');
    expect(
      String(await opened.plan({ ...rest, name: 'raft', routers: { r: { ports: ['wan', 'r-lan'] } } })),
    ).toContain('- nat cgnat of r\n');
    opened.close();
    expect(lab.name).toBe('raft');
  });

  testWith(NFT, 'a failure brings back the NAT of before', async () => {
    const definition = homes({ r: { preset: 'restricted', ports: { from: 7000, to: 7999 } } });
    await using lab = await createLab(definition);
    const { nodes } = definition;
    const refused = {
      ...homes({ r: 'corporate' }),
      nodes: { ...nodes, c: { ports: 'wan', routes: [{ to: '192.0.2.0/24', via: '198.51.100.1' }] } },
    };
    expect(await failure(lab.apply(refused))).toMatchObject({ code: 'ENETUNREACH' });
    expect(String(await lab.plan(definition))).toBe('');
    await using server = await StunServer.open(lab.node('server'), SERVERS);
    expect(await measure(lab, 'r-1', server)).toMatchObject({
      filtering: 'addressDependent',
      mapping: 'endpointIndependent',
    });
  });

  testWith(NFT, 'published ports lead to nodes inside, for all', async () => {
    const base = homes({ r: 'symmetric' }, 2);
    const publishing = (publish: PublishDefinition[]) => ({
      ...base,
      routers: { r: { ...base.routers['r']!, publish } },
    });
    const definition = publishing([
      { port: 8080, to: 'r-1', toPort: 80 },
      { protocol: 'udp', port: 53, to: 'r-2' },
    ]);
    await using lab = await createLab(definition);
    const [host, router, server] = [lab.node('r-1'), lab.addr('r'), lab.node('server')];
    expect(await seenAs(server, host, router, { port: 8080 })).toBe(SERVERS[0]);
    expect(await seenAs(lab.node('r-2'), host, router, { port: 8080 })).toBe(router);
    await using echo = await StunServer.open(lab.node('r-2'), ['0.0.0.0'], [53]);
    await using client = await StunClient.open(server);
    const { mapped } = await client.ask({ address: router, port: 53 });
    expect(mapped).toEqual({ address: SERVERS[0], port: client.port });
    expect(echo.requests).toBe(1);
    expect(String(await lab.plan(definition))).toBe('');
    const fewer = publishing([{ port: 8081, to: 'r-1', toPort: 80 }]);
    expect(String(await lab.apply(fewer))).toBe(
      '~ nat symmetric of r: published "tcp 8080 to 192.168.1.2:80, udp 53 to 192.168.1.3:53" → "tcp 8081 to 192.168.1.2:80"',
    );
    expect(await seenAs(server, host, router, { port: 8081 })).toBe(SERVERS[0]);
    expect(String(await lab.apply(base))).toBe(
      '~ nat symmetric of r: published "tcp 8081 to 192.168.1.2:80" → none',
    );
    expect(await failure(seenAs(server, host, router, { port: 8081, timeout: 300 }))).toMatchObject({
      code: 'ETIMEDOUT',
    });
  });

  testWith(NFT, 'examples/hole-punching.mjs', () => {
    const { status, stdout, stderr } = sandboxed(process.execPath, 'examples/hole-punching.mjs');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`\
               home           fullCone       restricted     portRestricted symmetric      cgnat
home           yes            yes            yes            yes            -              yes
fullCone       yes            yes            yes            yes            yes            yes
restricted     yes            yes            yes            yes            yes            yes
portRestricted yes            yes            yes            yes            -              yes
symmetric      -              yes            yes            -              -              yes
cgnat          yes            yes            yes            yes            yes            yes
`);
  });
});

/** As whom a server of TCP sees a client. */
async function seenAs(
  client: Netns,
  host: Netns,
  address: string,
  { port = 80, timeout = PATIENCE } = {},
): Promise<string> {
  const server = await listen(
    host,
    net.createServer((socket) => socket.end(String(socket.remoteAddress).replace('::ffff:', ''))),
    { port: 80 },
  );
  try {
    return await text(await connect(client, { host: address, port, timeout }));
  } finally {
    const closed = once(server, 'close');
    server.close();
    await closed;
  }
}
