import {
  addRoute,
  createBridgeNetwork,
  createNetns,
  type Netns,
  nft,
  type PacketTrace,
  trace,
  type TraceOptions,
} from '../../../lib';
import { createLab, HOST, LAN, member, setBridgeFilter } from '../../support/lab';
import { monitor } from '../../support/monitor';

// The way that trace() tells of is the one that `nft monitor trace` tells of, of the same packet.

const { match, meta, ip, ip6, tcp, udp } = nft;

/** Traces a packet, with nft beside it. */
async function both(host: Netns, options: TraceOptions): Promise<PacketTrace> {
  await using theirs = await monitor(host);
  const found = await trace(host, options);
  // of the end of a chain that was jumped to, nft does not tell
  const steps = found.steps.filter(({ kind }) => kind !== 'end');
  const ours = steps.map(({ table, chain, kind, text, verdict }) => ({
    table: `${table.family} ${table.name}`,
    chain,
    kind,
    text: kind === 'rule' ? text : '',
    verdict: typeof verdict === 'string' ? verdict : Object.entries(verdict).flat().join(' '),
  }));
  expect(await theirs.steps(found.end?.hook)).toEqual(ours);
  const handles = await nft.listRuleset(host);
  for (const { rule, table, chain } of steps) {
    if (rule === undefined) continue;
    const known = handles.rules.filter((one) => one.handle === rule && one.chain.table.name === table.name);
    expect(known.map((one) => one.chain.name)).toEqual([chain]);
  }
  return found;
}

/** A host with two networks of one member each, of which one has a published port. */
async function networks() {
  const lab = await createLab();
  const [red, blue] = [await member(lab, 'red-member'), await member(lab, 'blue-member')];
  const shop = await createBridgeNetwork(lab.host, {
    name: 'red',
    subnet: '10.201.0.0/24',
    ipv6: 'fd00:201::/64',
  });
  const other = await createBridgeNetwork(lab.host, {
    name: 'blue',
    subnet: '10.202.0.0/24',
    ipv6: 'fd00:202::/64',
  });
  lab.use(shop);
  lab.use(other);
  await shop.attach(red, { publish: [{ hostPort: 8080, port: 80 }] });
  await other.attach(blue);
  return { ...lab, red, blue };
}

const table = { family: 'inet', name: 'firewall' } as const;
const input = { table, name: 'input', hook: 'input', policy: 'drop' } as const;
const forward = { table, name: 'forward', hook: 'forward', policy: 'drop' } as const;
const output = { table, name: 'output', hook: 'output' } as const;
const web = { table, name: 'web' } as const;

/** Somebody else's, with a jump, and rules that reject. */
const firewall = [
  nft.addTable(table),
  ...[input, forward, output, web].map((chain) => nft.addChain(chain)),
  nft.addRule(input, [match(tcp.dport, [80, 443]), nft.counter(), nft.jump('web')]),
  nft.addRule(input, [match(udp.dport, 53), nft.reject()]),
  nft.addRule(input, [match(tcp.dport, 22), nft.reject('tcp reset')]),
  // without neighbours, nothing comes in
  nft.addRule(input, [match(meta.l4proto, 'ipv6-icmp'), nft.accept()]),
  nft.addRule(web, [match(tcp.dport, 443), nft.accept()]),
  nft.addRule(output, [match(tcp.dport, 25), nft.drop()]),
  nft.addRule(output, [match(udp.dport, 26), nft.drop()]),
];

describe('trace', () => {
  test.each([4, 6] as const)('a published port, by IPv%i', async (family) => {
    await using net = await networks();
    const { host, lan } = net;
    const found = await both(host, { from: lan, to: HOST[family], port: 8080 });
    const inside = family === 4 ? '10.201.0.2' : 'fd00:201::2';
    expect(found).toMatchObject({
      outcome: 'accepted',
      packet: {
        protocol: 'tcp',
        source: LAN[family],
        destination: HOST[family],
        destinationPort: 8080,
        iif: 'wan',
      },
      end: { source: LAN[family], destination: inside, destinationPort: 80, oif: 'red', hook: 'postrouting' },
    });
    const accepting = found.steps.find(({ chain }) => chain === 'forward');
    expect(accepting).toMatchObject({
      hook: 'forward',
      priority: 0,
      text: 'oifname @bridges ct status dnat accept',
      verdict: 'accept',
      packet: { destination: inside, destinationPort: 80, iif: 'wan', oif: 'red' },
    });
    const translating = found.steps.find(({ text }) => text.includes('dnat'));
    expect(translating).toMatchObject({
      hook: 'prerouting',
      priority: -100,
      packet: { destinationPort: 8080 },
    });
  });

  test('a port that is not published is for the host', async () => {
    await using net = await networks();
    const { host, lan } = net;
    const found = await both(host, { from: lan, to: HOST[4], port: 8081 });
    expect(found).toMatchObject({
      outcome: 'accepted',
      end: { hook: 'input', destinationPort: 8081, iif: 'wan' },
    });
    expect(found.steps.map(({ text }) => text)).toEqual(['policy accept', 'policy accept']);
  });

  test.each([4, 6] as const)('what isolation drops, by IPv%i', async (family) => {
    await using net = await networks();
    const { host, red } = net;
    const to = family === 4 ? '10.202.0.2' : 'fd00:202::2';
    for (const options of [{ port: 80 }, { port: 53, protocol: 'udp' }, {}] as const) {
      const found = await both(host, { from: red, to, ...options });
      expect(found.outcome).toBe('dropped');
      expect(found.end).toBeUndefined();
      expect(found.steps.at(-1)).toMatchObject({
        chain: 'forward',
        text: 'iifname @isolated oifname @bridges drop',
        packet: { iif: 'red', oif: 'blue' },
      });
    }
  });

  test('what a member sends outside is masqueraded, though br_netfilter shows it twice', async () => {
    await using net = await networks();
    const { host, red } = net;
    for (const filtered of [false, true]) {
      await setBridgeFilter(host, filtered);
      for (const options of [{ port: 80 }, { port: 53, protocol: 'udp' }, {}] as const) {
        const found = await both(host, { from: red, to: LAN[4], ...options });
        expect(found).toMatchObject({
          outcome: 'accepted',
          packet: { source: '10.201.0.2', iif: 'red' },
          end: { source: HOST[4], destination: LAN[4], oif: 'wan' },
        });
        expect(found.steps.map(({ hook }) => hook)).toEqual([
          'prerouting',
          'prerouting',
          'forward',
          'postrouting',
        ]);
      }
    }
  });

  test('what a bridge hands over is lost where routing lets it go, with br_netfilter and without', async () => {
    await using net = await networks();
    const { host, red } = net;
    await addRoute(host, { to: '10.99.0.0/16', type: 'blackhole' });
    for (const filtered of [false, true]) {
      await setBridgeFilter(host, filtered);
      const found = await trace(host, { from: red, to: '10.99.0.1', port: 80 });
      expect(found).toMatchObject({ outcome: 'lost', steps: [{ chain: 'raw' }, { chain: 'prerouting' }] });
      expect(found.hint).toMatch(/^after prerouting, routing has let it go/);
    }
  });

  test('from the host itself: to a published port, and to itself by lo', async () => {
    await using net = await networks();
    const { host } = net;
    expect(await both(host, { to: '127.0.0.1', port: 8080 })).toMatchObject({
      outcome: 'accepted',
      packet: { source: '127.0.0.1', destination: '127.0.0.1' },
      end: { source: '10.201.0.1', destination: '10.201.0.2', destinationPort: 80, oif: 'red' },
    });
    const looped = await both(host, { to: HOST[6], port: 9 });
    expect(looped).toMatchObject({
      outcome: 'accepted',
      packet: { oif: 'lo' },
      end: { hook: 'input', iif: 'lo' },
    });
    expect([...new Set(looped.steps.map(({ hook }) => hook))]).toEqual([
      'output',
      'postrouting',
      'prerouting',
    ]);
  });

  test('chains of others: a policy, a jump, and rejections', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    await nft.apply(host, firewall);
    const to = HOST[4];
    const jumped = await both(host, { from: lan, to, port: 80 });
    expect(jumped.outcome).toBe('dropped');
    expect(jumped.steps.at(-1)).toMatchObject({
      kind: 'policy',
      chain: 'input',
      verdict: 'drop',
      hook: 'input',
    });
    expect(jumped.steps.map(({ text, kind }) => [kind, text])).toEqual([
      ['rule', 'tcp dport { 80, 443 } counter packets 0 bytes 0 jump web'],
      ['end', 'end of the chain'],
      ['policy', 'policy drop'],
    ]);
    const accepted = await both(host, { from: lan, to: HOST[6], port: 443 });
    expect(accepted.outcome).toBe('accepted');
    expect(accepted.steps.at(-1)).toMatchObject({
      chain: 'web',
      hook: 'input',
      text: 'tcp dport 443 accept',
    });
    for (const options of [{ port: 53, protocol: 'udp' }, { port: 22 }] as const) {
      const rejected = await both(host, { from: lan, to, ...options });
      expect(rejected.outcome).toBe('rejected');
      expect(rejected.steps.at(-1)?.text).toMatch(/ reject/);
    }
    await addRoute(lan, { to: '10.9.0.0/16', via: HOST[4] });
    const outgoing = await both(host, { to: LAN[4], port: 26, protocol: 'udp' });
    expect(outgoing).toMatchObject({ outcome: 'dropped', sendError: 'EPERM' });
    expect((await both(host, { to: LAN[4], port: 25 })).outcome).toBe('dropped');
  });

  test('without any rules, a packet has come and gone all the same', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const found = await trace(host, { from: lan, to: HOST[4] });
    expect(found).toMatchObject({ outcome: 'accepted', steps: [], end: { protocol: 'icmp', hook: 'input' } });
  });

  test('what routing lets go is lost, and what has no route is not sent', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    await addRoute(lan, { to: '10.9.0.0/16', via: HOST[4] });
    const lost = await trace(host, { from: lan, to: '10.9.0.1', port: 80 });
    expect(lost).toMatchObject({ outcome: 'lost', packet: { destination: '10.9.0.1', iif: 'wan' } });
    expect(lost.hint).toMatch(/after prerouting, routing has let it go.*forwarding is off.*doctor\(\)/);
    const unsent = await trace(host, { from: lan, to: '10.10.0.1', port: 80 });
    expect(unsent).toMatchObject({ outcome: 'not sent', sendError: 'ENETUNREACH', steps: [] });
    const elsewhere = await trace(host, { from: lan, to: '192.0.2.77', timeout: 150 });
    expect(elsewhere).toMatchObject({ outcome: 'not seen', steps: [] });
    expect(elsewhere.hint).toMatch(/lan has sent it, but not by way of host/);
  });

  test('addresses, IPv6 and IPv4, that are matched by more than ports', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    await nft.apply(host, [
      nft.addTable(table),
      nft.addChain({ ...input, policy: 'accept' }),
      nft.addRule(input, [match(ip.saddr, '192.0.2.0/24'), match(meta.l4proto, 'icmp'), nft.drop()]),
      nft.addRule(input, [match(ip6.saddr, LAN[6]), match(nft.icmpv6.type, 'echo-request'), nft.drop()]),
    ]);
    for (const family of [4, 6] as const) {
      const found = await both(host, { from: lan, to: HOST[family] });
      expect(found.outcome).toBe('dropped');
      expect(found.packet?.protocol).toBe(family === 4 ? 'icmp' : 'icmpv6');
    }
  });

  test('nothing of it is left', async () => {
    await using netns = await createNetns();
    await trace(netns, { to: '10.0.0.1', timeout: 50 });
    expect((await nft.listRuleset(netns)).tables).toEqual([]);
  });
});
