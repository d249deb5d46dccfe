import net from 'node:net';
import {
  createNetns,
  formatTrace,
  listen,
  type Netns,
  nft,
  openNetns,
  trace,
  type TraceOptions,
} from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { background, failure, node, run, script, until } from '../../support/ip';
import { createLab, HOST, LAN } from '../../support/lab';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

// What a trace waits for, what ends it, and what it leaves behind: nothing.

const { match, meta, tcp } = nft;

const tables = async (host: Netns) => (await nft.listRuleset(host)).tables.map(({ name }) => name);
const marked = async (host: Netns) => (await tables(host)).some((name) => name.startsWith('rtnetns-trace-'));

/** Closes the handle of a trace when its table is there. */
async function closeMeanwhile({ rtnetns: { nft, openNetns, trace }, tell }: Tools) {
  const [handle, host] = [await openNetns('closing'), await openNetns('closing')];
  const options = { to: '10.0.0.1', send: false, timeout: 20_000 };
  const ended = trace(handle, options).catch((error: unknown) => error as { code: string });
  while ((await nft.listRuleset(host)).tables.length === 0);
  handle.close();
  tell(((await ended) as { code: string }).code);
}

describe('trace', () => {
  test('the next packet from an address, of somebody who sends all the time', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    await using pinging = await lan.lend('ping', async ({ fd }) =>
      background('nsenter', `--net=/proc/${process.pid}/fd/${fd}`, 'ping', '-i0.05', HOST[4]),
    );
    expect(pinging.output()).toContain('PING');
    const found = await trace(host, { from: LAN[4], to: HOST[4] });
    expect(found).toMatchObject({
      outcome: 'accepted',
      packet: { protocol: 'icmp', source: LAN[4], destination: HOST[4], iif: 'wan' },
    });
    const anybody = await trace(host, { to: HOST[4], send: false });
    expect(anybody.packet).toEqual(found.packet);
    const other = await trace(host, { from: '192.0.2.10', to: HOST[4], timeout: 200 });
    expect(other).toMatchObject({ outcome: 'not seen', steps: [] });
    expect(other.hint).toMatch(/nobody has sent such a packet within 200 ms/);
  });

  test('only the first of many packets is traced', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const ids = new Set<number>();
    const watch = nft.watchTrace(host);
    expect(await watch.next()).toMatchObject({ value: { kind: 'ready' } });
    const watching = (async () => {
      for await (const event of watch) if (event.kind === 'step') ids.add(event.id);
    })();
    const waiting = trace(host, { from: LAN[4], to: HOST[4] });
    await until(async () => marked(host));
    // all at once, before anybody could take the mark away
    await run(lan, 'ping', '-c50', '-l50', HOST[4]);
    expect((await waiting).outcome).toBe('accepted');
    // whose socket is another one than that of the trace
    await until(() => ids.size > 0);
    await watch.return();
    await watching;
    expect(ids.size).toBe(1);
  });

  test('a server is told of nothing, and answers are kept away', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    let connections = 0;
    const server = net.createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await listen(host, server, { host: HOST[4], port: 80 });
    try {
      for (const from of [lan, host]) {
        const found = await trace(host, { from, to: HOST[4], port: 80, sourcePort: 4321 });
        expect(found).toMatchObject({ outcome: 'accepted', packet: { sourcePort: 4321 } });
      }
      await until(async () => !(await run(host, 'ss', '-Htan')).includes('4321'));
      expect(connections).toBe(0);
    } finally {
      server.close();
    }
  });

  test('several at once see their own packets, beside rules of others that trace', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const table = { family: 'inet', name: 'other' } as const;
    const raw = { table, name: 'raw', hook: 'prerouting', priority: 'raw' } as const;
    await nft.apply(host, [
      nft.addTable(table),
      nft.addChain(raw),
      nft.addRule(raw, [nft.trace()]),
      nft.addRule(raw, [match(tcp.dport, 82), nft.drop()]),
    ]);
    const ports = [80, 81, 82, 83];
    const found = await Promise.all(ports.map(async (port) => trace(host, { from: lan, to: HOST[4], port })));
    expect(found.map(({ packet, outcome }) => [packet?.destinationPort, outcome])).toEqual(
      ports.map((port) => [port, port === 82 ? 'dropped' : 'accepted']),
    );
    for (const { steps } of found)
      expect(steps.map(({ table: { name } }) => name)).toEqual(['other', 'other']);
    expect(await tables(host)).toEqual(['other']);
  });

  test('a rule and a chain that came after it began', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const waiting = trace(host, { from: LAN[4], to: HOST[4], timeout: 10_000 });
    await until(async () => marked(host));
    // so that it has read the ruleset
    await nft.listRuleset(host);
    await nft.listRuleset(host);
    const table = { family: 'inet', name: 'late' } as const;
    const input = { table, name: 'input', hook: 'input' } as const;
    await nft.apply(host, [
      nft.addTable(table),
      nft.addChain(input),
      nft.addRule(input, [match(nft.icmp.type, 'echo-request'), nft.drop()]),
    ]);
    await run(lan, 'sh', '-c', `ping -c1 -W0.1 ${HOST[4]} || true`);
    expect(await waiting).toMatchObject({
      outcome: 'dropped',
      steps: [{ hook: 'input', priority: 0, chain: 'input', text: 'icmp type echo-request drop' }],
    });
  });

  test('a signal ends it', async () => {
    await using host = await createNetns();
    const before = new AbortController();
    before.abort(new Error('at once'));
    const wait = { to: '10.0.0.1', send: false, timeout: 20_000 };
    expect((await failure(trace(host, { ...wait, signal: before.signal }))).message).toBe('at once');
    const later = new AbortController();
    const waiting = failure(trace(host, { ...wait, signal: later.signal }));
    await until(async () => marked(host));
    later.abort(new Error('enough'));
    expect((await waiting).message).toBe('enough');
    expect(await tables(host)).toEqual([]);
  });

  test('a handle that is closed ends it, and its table with it', async () => {
    await using host = await createNetns('closing');
    const handle = await openNetns('closing');
    const waiting = failure(trace(handle, { to: '10.0.0.1', send: false, timeout: 20_000 }));
    await until(async () => marked(host));
    handle.close();
    expect((await waiting).code).toBe('ERR_NETNS_CLOSED');
    await until(async () => !(await marked(host)));
  });

  test('a handle that is closed takes its table with it where the kernel does not', async () => {
    await using host = await createNetns('closing');
    const { told, stderr } = await onOldKernel(program(closeMeanwhile), 'RTNETNS_LACKS=owner');
    expect(stderr).toBe('');
    expect(told).toEqual(['ERR_NETNS_CLOSED']);
    expect(await tables(host)).toEqual([]);
  });

  test('kill -9 leaves no table, and nobody else can take it away before', async () => {
    await using host = await createNetns('killed');
    const [command, ...args] = script(`
    const host = await rtnetns.openNetns('killed');
    say('begins');
    await rtnetns.trace(host, { to: '10.0.0.1', send: false, timeout: 20_000 });`);
    await using child = await background(command, ...args);
    await until(async () => marked(host));
    const { tables: listed } = await nft.listRuleset(host);
    if (!kernelHas('tables of nf_tables that belong to a process')) {
      expect(listed[0]?.flags).toBeUndefined();
      process.kill(child.pid, 'SIGKILL');
      await child.exited;
      expect(await marked(host)).toBe(true);
      return;
    }
    expect(listed[0]?.flags).toEqual(['owner']);
    const refused = await failure(nft.apply(host, [nft.deleteTable(listed[0]!)]));
    expect(refused.code).toBe('EPERM');
    await run(host, 'nft', 'flush', 'ruleset');
    expect(await marked(host)).toBe(true);
    process.kill(child.pid, 'SIGKILL');
    await child.exited;
    await until(async () => !(await marked(host)));
  });

  test.each([
    [
      'net_raw',
      { icmp: 'EPERM', tcp: 'accepted' },
      /CAP_NET_RAW is missing.*: run as root, give the process /,
    ],
    [
      'net_admin',
      { icmp: 'EPERM', tcp: 'EPERM' },
      /CAP_NET_ADMIN is missing.*: run as root, give the process /,
    ],
  ])('without CAP_%s', async (capability, outcomes, message) => {
    await using lab = await createLab();
    const source = `
    const here = await rtnetns.currentNetns();
    for (const port of [undefined, 80]) say(await told(rtnetns.trace(here, { to: '${HOST[4]}', port })));`;
    const results = (await lab.host.lend('run', async ({ fd }) =>
      node(
        source,
        ...['nsenter', `--net=/proc/${process.pid}/fd/${fd}`],
        ...['setpriv', `--bounding-set=-${capability}`, `--inh-caps=-${capability}`],
      ),
    )) as { value?: { outcome: string }; code?: string; message?: string }[];
    expect(results.map(({ value, code }) => value?.outcome ?? code)).toEqual([outcomes.icmp, outcomes.tcp]);
    for (const { code, message: printed } of results) if (code === 'EPERM') expect(printed).toMatch(message);
  });

  test('a text for people', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const table = { family: 'inet', name: 'nat' } as const;
    const pre = { table, name: 'pre', type: 'nat', hook: 'prerouting', priority: 'dstnat' } as const;
    const input = { table, name: 'input', hook: 'input', policy: 'drop' } as const;
    await nft.apply(host, [
      nft.addTable(table),
      nft.addChain(pre),
      nft.addChain(input),
      nft.addRule(pre, [match(tcp.dport, 80), nft.redirect({ port: 8080 })]),
      nft.addRule(input, [match(meta.iifname, 'wan'), match(tcp.dport, 8080), nft.accept()]),
    ]);
    const accepted = await trace(host, { from: lan, to: HOST[4], port: 80, sourcePort: 5000 });
    expect(formatTrace(accepted)).toBe(
      [
        'tcp 192.0.2.9:5000 → 192.0.2.1:80 in by wan',
        '  prerouting -100: inet nat pre #3: tcp dport 80 redirect to :8080 → accept',
        '  NAT: 192.0.2.9:5000 → 192.0.2.1:8080',
        '  input 0: inet nat input #4: iifname "wan" tcp dport 8080 accept',
        'accepted: it is for this host',
      ].join('\n'),
    );
    const dropped = await trace(host, { from: lan, to: HOST[6], port: 81, protocol: 'udp', timeout: 150 });
    // the neighbour's question is dropped already
    expect(formatTrace(dropped)).toMatch(
      /^not seen: lan has sent it, but not by way of host: see its route to 2001:db8::1/,
    );
    const pinged = await trace(host, { from: lan, to: HOST[4] });
    expect(formatTrace(pinged)).toBe(
      [
        'icmp 192.0.2.9 → 192.0.2.1 in by wan',
        '  prerouting -100: inet nat pre: policy accept',
        '  input 0: inet nat input: policy drop',
        'dropped by inet nat input: policy drop',
      ].join('\n'),
    );
  });

  test('formatTrace refuses what is no trace', () => {
    const outcome = 'accepted';
    const step = { table: {}, text: '', packet: {}, verdict: 'accept' };
    const refusals: [trace: unknown, message: string][] = [
      [{ steps: [] }, 'trace.outcome: expected one of accepted, dropped, rejected'],
      [{ outcome: 5, steps: [] }, 'trace.outcome: expected one of accepted, dropped, rejected'],
      [{ outcome }, 'trace.steps: expected a list, got undefined'],
      [{ outcome, steps: [null] }, 'trace.steps[0]: expected an object, got null'],
      [{ outcome, steps: [step, {}] }, 'trace.steps[1].table: expected an object, got undefined'],
      [{ outcome, steps: [{ ...step, text: 5 }] }, 'trace.steps[0].text: expected a string, got 5'],
      [{ outcome, steps: [{ ...step, packet: 5 }] }, 'trace.steps[0].packet: expected an object, got 5'],
      [
        { outcome, steps: [{ ...step, verdict: null }] },
        'trace.steps[0].verdict: expected an object, got null',
      ],
    ];
    for (const [wrong, message] of refusals) {
      expect(() => formatTrace(wrong as Parameters<typeof formatTrace>[0])).toThrow(message);
    }
  });

  test('what is no option is refused by its name', async () => {
    await using host = await createNetns();
    const refusals: [unknown, RegExp][] = [
      [undefined, /^options: expected an object/],
      [{}, /^to: an address is a string/],
      [{ to: 'nowhere' }, /^to: expected an address/],
      [{ to: '224.0.0.1' }, /^to: expected the address of one host/],
      [{ to: '::', port: 80 }, /^to: expected the address of one host/],
      [{ to: 'fe80::1' }, /^to: a link-local address is only waited for: give an address as 'from'/],
      [{ to: '10.0.0.1', from: 'fd00::1' }, /^from: expected an IPv4 address/],
      [{ to: '10.0.0.1', from: 5 }, /^from: expected a namespace or an address/],
      [{ to: '10.0.0.1', from: host, send: false }, /^from: of a namespace that sends nothing/],
      [{ to: '10.0.0.1', from: '10.0.0.2', send: true }, /^send: from an address nothing can be sent/],
      [{ to: '10.0.0.1', send: 1 }, /^send: expected true or false/],
      [{ to: '10.0.0.1', port: 0 }, /^port: expected an integer from 1/],
      [{ to: '10.0.0.1', port: '80' }, /^port: expected an integer/],
      [{ to: '10.0.0.1', protocol: 'udp' }, /^port: udp needs one/],
      [{ to: '10.0.0.1', port: 80, protocol: 'icmp' }, /^port: ICMP has no ports/],
      [{ to: '10.0.0.1', sourcePort: 80 }, /^sourcePort: ICMP has no ports/],
      [{ to: '10.0.0.1', port: 80, sourcePort: 70_000 }, /^sourcePort: expected an integer/],
      [{ to: '10.0.0.1', port: 80, protocol: 'quic' }, /^protocol: expected one of tcp, udp, icmp/],
      [{ to: '10.0.0.1', timeout: 0 }, /^timeout: expected milliseconds/],
      [{ to: '10.0.0.1', timeout: '1s' }, /^timeout: expected milliseconds/],
      [{ to: '10.0.0.1', signal: 1 }, /^signal: expected an AbortSignal/],
    ];
    for (const [options, message] of refusals) {
      const error = await failure(trace(host, options as TraceOptions));
      expect(error.message).toMatch(message);
      expect(['TypeError', 'RangeError']).toContain(error.name);
    }
    await using lab = await createLab();
    const server = net.createServer();
    await listen(lab.lan, server, { host: '0.0.0.0', port: 4321 });
    try {
      const taken = await failure(
        trace(lab.host, { from: lab.lan, to: HOST[4], port: 80, sourcePort: 4321 }),
      );
      expect(taken).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind', port: 4321 });
    } finally {
      server.close();
    }
    expect(await tables(lab.host)).toEqual([]);
  });
});
