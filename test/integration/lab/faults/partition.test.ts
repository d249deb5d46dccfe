import { once } from 'node:events';
import net from 'node:net';
import { connect, createLab, destroyLab, type LabDefinition, listen, openLab } from '../../../../lib';
import { failure, names, run, until } from '../../../support/ip';
import { nftJson } from '../../../support/nft';
import { program, start } from '../../../support/program';
import { reaches, reachesAgain } from '../../../support/reach';

const lan = { subnet: ['10.0.0.0/24', 'fd00::/64'] };

const definition = {
  switches: { lan },
  nodes: { 'n{1..4}': { ports: 'lan' } },
} satisfies LabDefinition;

/** An echo server in a node, and a connection to it from another one. */
async function conversation(lab: Awaited<ReturnType<typeof createLab>>, from: string, to: string) {
  const server = await listen(
    lab.node(to),
    net.createServer((socket) => socket.pipe(socket)),
    { port: 7 },
  );
  const socket = await connect(lab.node(from), { host: lab.addr(to), port: 7 });
  return {
    socket,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function echo(socket: net.Socket, word: string): Promise<string> {
  const answer = once(socket, 'data');
  socket.write(word);
  return String((await answer)[0]);
}

describe('createLab', () => {
  test('nothing passes between the groups, of IPv4 and IPv6, until it is undone', async () => {
    await using lab = await createLab(definition);
    const partition = await lab.partition(['n1'], ['n2', 'n3']);
    expect(partition).toMatchObject({
      kind: 'partition',
      title: 'partition of n1 from n2 and n3',
      active: true,
    });
    expect(lab.faults).toEqual([partition]);
    for (const [from, to] of [
      ['n1', 'n2'],
      ['n2', 'n1'],
      ['n3', 'n1'],
    ] as const) {
      for (const addr of lab.addrs(to)) expect([addr, await reaches(lab, from, addr)]).toEqual([addr, false]);
    }
    for (const [from, to] of [
      ['n2', 'n3'],
      ['n1', 'n4'],
      ['n4', 'n2'],
      ['n1', 'n1'],
    ] as const) {
      for (const addr of lab.addrs(to)) expect([addr, await reaches(lab, from, addr)]).toEqual([addr, true]);
    }
    await partition.undo();
    await partition.undo();
    expect([partition.active, lab.faults]).toEqual([false, []]);
    for (const addr of lab.addrs('n2')) expect(await reaches(lab, 'n1', addr)).toBe(true);
    for (const netns of lab.nodes.values()) expect(await nftJson(netns)).toEqual([]);
    expect(lab.record.entries.map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
      'create: create the lab',
      'partition: partition of n1 from n2 and n3',
      'undo: partition of n1 from n2 and n3',
    ]);
  });

  test('a connection that is there stalls, and goes on after heal', async () => {
    await using lab = await createLab(definition);
    await using talk = await conversation(lab, 'n1', 'n2');
    expect(await echo(talk.socket, 'before')).toBe('before');
    await lab.partition('n1', 'n2');
    const answer = echo(talk.socket, 'during');
    await until(async () =>
      /retrans:\d+\/[1-9]/.test(await run(lab.node('n1'), 'ss', '-tin', 'dport', '= 7')),
    );
    expect(talk.socket.bytesRead).toBe('before'.length);
    await lab.heal();
    expect(await answer).toBe('during');
  });

  test('what is sent over UDP is lost in silence', async () => {
    await using lab = await createLab(definition);
    await lab.partition('n1', 'n2');
    await lab.isolate('n3');
    const script = `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(20): s.sendto(b'x', (sys.argv[1], 9))`;
    for (const from of ['n1', 'n3'])
      expect(await run(lab.node(from), 'python3', '-c', script, lab.addr('n2'))).toBe('');
  });

  test('of partitions that overlap, each ends by itself', async () => {
    await using lab = await createLab(definition);
    const one = await lab.partition(['n1', 'n2'], ['n3', 'n4']);
    const other = await lab.partition(['n1', 'n3'], ['n2', 'n4']);
    const reach = async () =>
      Promise.all(['n2', 'n3', 'n4'].map(async (to) => reaches(lab, 'n1', lab.addr(to))));
    expect(await reach()).toEqual([false, false, false]);
    await one.undo();
    expect(await reach()).toEqual([false, true, false]);
    await other.undo();
    expect(await reach()).toEqual([true, true, true]);
  });

  test('addresses and nodes that apply adds are in the partition', async () => {
    await using lab = await createLab(definition);
    await lab.partition('n1', ['n2', 'n3']);
    const next = {
      ...definition,
      nodes: {
        n1: { ports: 'lan' },
        n2: { ports: { switch: 'lan', addrs: ['10.0.0.2/24', '10.0.0.99/24'] } },
        'n{3..5}': { ports: 'lan' },
      },
    } satisfies LabDefinition;
    expect((await lab.plan(definition)).empty).toBe(true);
    await lab.apply(next);
    expect(await reaches(lab, 'n1', '10.0.0.99')).toBe(false);
    expect(await reaches(lab, 'n1', lab.addr('n3'))).toBe(false);
    expect(await reaches(lab, 'n4', '10.0.0.99')).toBe(true);
    expect((await lab.plan(next)).empty).toBe(true);
    // a node that is made anew
    await lab.apply({ ...next, nodes: { n1: next.nodes.n1, 'n{3..5}': { ports: 'lan' } } });
    await lab.apply(next);
    expect(await reaches(lab, 'n1', '10.0.0.99')).toBe(false);
  });

  test('behind a NAT, a node is in a partition by its own addresses', async () => {
    await using lab = await createLab({
      switches: {
        wan: { subnet: '203.0.113.0/24' },
        home: { subnet: '192.168.1.0/24' },
        other: { subnet: '192.168.1.0/24' },
      },
      routers: { r1: { ports: ['wan', 'home'], nat: 'home' }, r2: { ports: ['wan', 'other'], nat: 'home' } },
      nodes: {
        server: { ports: 'wan' },
        alice: { ports: 'home' },
        bob: { ports: 'other' },
        carol: { ports: 'home' },
      },
    });
    await lab.partition('alice', 'server');
    expect(await reaches(lab, 'alice', lab.addr('server'))).toBe(false);
    // bob has the address of alice, at home
    expect(lab.addr('bob')).toBe(lab.addr('alice'));
    expect(await reaches(lab, 'bob', lab.addr('server'))).toBe(true);
    expect(await reaches(lab, 'carol', lab.addr('server'))).toBe(true);
    expect(await reaches(lab, 'alice', lab.addr('carol'))).toBe(true);
  });

  test('what fails at one node is undone at the others', async () => {
    await using lab = await createLab(definition);
    await run(lab.node('n3'), 'nft', 'add table inet lab-faults');
    expect(await failure(lab.partition('n1', ['n2', 'n3']))).toMatchObject({
      ...{ name: 'LabError', code: 'EEXIST', operation: 'partition of n1 from n2 and n3' },
    });
    expect(await run(lab.node('n3'), 'nft', 'list ruleset')).toMatch(/^table inet lab-faults \{\s*\}\s*$/);
    for (const node of ['n1', 'n2']) expect(await nftJson(lab.node(node))).toEqual([]);
    expect(lab.faults).toEqual([]);
  });

  test('wrong groups are refused', async () => {
    await using lab = await createLab(definition);
    const refused: [attempt: () => Promise<unknown>, message: RegExp][] = [
      [async () => lab.partition('n1', 'n9'), /there is no node 'n9'/],
      [async () => lab.partition(['n1', 'n2'], ['n2']), /^groupB: 'n2' is in both groups$/],
      [async () => lab.partition([], ['n2']), /^groupA: expected at least one node$/],
      [async () => lab.partition('n1', [7 as never]), /^groupB\[0\]: expected a string, got 7$/],
    ];
    for (const [attempt, message] of refused) expect((await failure(attempt())).message).toMatch(message);
  });

  test('a router that is isolated forwards nothing, and reaches itself', async () => {
    await using lab = await createLab({
      switches: { left: { subnet: '10.0.0.0/24' }, right: { subnet: '10.1.0.0/24' } },
      routers: { r: { ports: ['left', 'right'] } },
      nodes: { 'l{1..2}': { ports: 'left' }, r1: { ports: 'right' } },
      links: [{ ends: ['r', 'l2'] }],
    });
    expect(await reaches(lab, 'l1', lab.addr('r1'))).toBe(true);
    const isolation = await lab.isolate('r');
    for (const [from, to] of [
      ['l1', lab.addr('r1')],
      ['l1', lab.addr('r')],
      ['r', lab.addr('l1')],
      ['r', '198.18.0.1'],
    ] as const)
      expect([from, to, await reaches(lab, from, to)]).toEqual([from, to, false]);
    expect(await reaches(lab, 'r', lab.addr('r'))).toBe(true);
    expect(await reaches(lab, 'l1', lab.addr('l2'))).toBe(true);
    await isolation.undo();
    expect(await reachesAgain(lab, 'l1', lab.addr('r1'))).toBe(true);
    for (const netns of [lab.switches, ...lab.nodes.values()]) expect(await nftJson(netns)).toEqual([]);
  });

  test('nothing leaves a node, not even what is for all', async () => {
    await using lab = await createLab(definition);
    await lab.isolate('n1');
    const arping = await run(
      lab.node('n1'),
      'sh',
      '-c',
      'ip neigh flush all; ping -c 1 -W 0.3 10.0.0.2 >/dev/null; ip neigh',
    );
    expect(arping).toMatch(/FAILED|INCOMPLETE/);
  });

  test('what a process has left that was killed is ended by another one', async () => {
    const { child, ended } = start(
      program(
        async ({ rtnetns, tell }, asked) => {
          const lab = await rtnetns.createLab(asked, { keep: true });
          await lab.partition('n1', 'n2');
          await lab.isolate('n3');
          await lab.cut('n4');
          tell('broken');
          setInterval(() => undefined, 1000);
        },
        { ...definition, name: 'raft' },
      ),
    );
    await once(child.stdout!, 'data');
    child.kill('SIGKILL');
    await ended;
    const lab = await openLab('raft');
    expect(lab.faults).toEqual([]);
    expect(await reaches(lab, 'n1', lab.addr('n2'))).toBe(false);
    await lab.heal();
    for (const to of ['n2', 'n3', 'n4']) expect(await reachesAgain(lab, 'n1', lab.addr(to))).toBe(true);
    for (const netns of [lab.switches, ...lab.nodes.values()]) expect(await nftJson(netns)).toEqual([]);
    expect((await lab.plan({ ...definition, name: 'raft' })).empty).toBe(true);
    lab.close();
    await destroyLab('raft', { wait: true });
    expect(await names()).toEqual([]);
  });
});
