import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import {
  createLab,
  createNetns,
  deleteNetns,
  destroyLab,
  type LabDefinition,
  listLabs,
  listNetns,
  openLab,
  ping,
  sweepLabs,
} from '../../../lib';
import { holdName } from '../../../lib/sockets/held-name';
import { failure, ip, names, run } from '../../support/ip';
import { program, start } from '../../support/program';

const definition = {
  name: 'raft',
  switches: { lan: { subnet: '10.0.0.0/24' } },
  nodes: { 'n{1..3}': { ports: 'lan' } },
} satisfies LabDefinition;

const big = {
  name: 'big',
  switches: { one: { subnet: '10.1.0.0/24' }, two: { subnet: '10.2.0.0/24' } },
  routers: { r: { ports: ['one', 'two'] } },
  nodes: { 'a{1..24}': { ports: 'one' }, 'b{1..24}': { ports: ['two', 'one'] } },
  links: [{ ends: ['a1', 'b1'] }],
} satisfies LabDefinition;

const creating = (options: LabDefinition) =>
  program(async ({ rtnetns, tell }, asked) => {
    tell('begun');
    await rtnetns.createLab(asked);
    tell('made');
  }, options);

describe('createLab', () => {
  afterEach(async () => {
    await deleteNetns(await names());
  });

  test('a lab that another process has made is opened, changed and destroyed', async () => {
    const { told, stderr } = await start(creating(definition)).ended;
    expect([told, stderr]).toEqual([['begun', 'made'], '']);
    const lab = await openLab('raft');
    expect([...lab.nodes.keys()].sort()).toEqual(['n1', 'n2', 'n3']);
    expect(lab.addrs('n2')).toEqual(['10.0.0.2']);
    expect(String(await lab.plan(definition))).toBe('');
    await lab.apply({ ...definition, nodes: { 'n{2..4}': { ports: 'lan' } } });
    expect(await names()).toEqual(['raft', 'raft.n2', 'raft.n3', 'raft.n4']);
    expect(lab.addrs('n2')).toEqual(['10.0.0.2']);
    expect(await ping(lab.node('n4'), '10.0.0.3')).toMatchObject({ received: 1 });
    lab.close();
    await destroyLab('raft', { wait: true });
    expect(await names()).toEqual([]);
    expect(await failure(openLab('raft'))).toMatchObject({ name: 'LabError', code: 'ERR_LAB_MISSING' });
    expect(await failure(destroyLab('raft'))).toMatchObject({ code: 'ERR_LAB_MISSING' });
    await destroyLab('raft', { ifMissing: 'ignore' });
  });

  test('a lab that another handle has destroyed is changed no more, also where another one has its name', async () => {
    const lab = await createLab(definition);
    const more = { ...definition, nodes: { 'n{1..4}': { ports: 'lan' } } };
    await destroyLab('raft');
    const isRefused = async () => {
      const left = await names();
      for (const work of [lab.apply(more), lab.plan(more), lab.cut('n1'), lab.heal()])
        expect(await failure(work)).toMatchObject({ name: 'LabError', code: 'ERR_LAB_MISSING', lab: 'raft' });
      expect(await names()).toEqual(left);
    };
    await isRefused();
    await using other = await createLab(definition);
    await isRefused();
    // what is left of it goes, and what has its name stays
    await lab.destroy();
    expect(await names()).toEqual(['raft', 'raft.n1', 'raft.n2', 'raft.n3']);
    expect((await other.plan(definition)).empty).toBe(true);
  });

  test('what is left of a lab whose own namespace was deleted is listed, swept and destroyed', async () => {
    await using other = await createNetns('raft.other');
    await using second = await createNetns('raft');
    await deleteNetns('raft');
    for (const remove of [async () => sweepLabs({ deadOwners: true }), async () => destroyLab('raft')]) {
      const lab = await createLab(definition, { keep: true });
      lab.close();
      await run(second, 'ip', 'netns', 'del', 'raft');
      const left = { name: 'raft', nodes: ['n1', 'n2', 'n3'], owner: 'dead' };
      expect(await listLabs()).toEqual([left]);
      expect(await failure(openLab('raft'))).toMatchObject({ code: 'ERR_LAB_MISSING' });
      // they are in the way, and what was begun is undone
      expect(await failure(createLab(definition))).toMatchObject({ code: 'EEXIST' });
      expect(await listLabs()).toEqual([left]);
      await remove();
      expect(await names()).toEqual(['raft.other']);
    }
    expect(other.open).toBe(true);
  });

  test('namespaces of others are not touched, though they are called alike', async () => {
    await using other = await createNetns('raft.other');
    await using lab = await createLab(definition);
    expect((await openLab('raft')).nodes.has('other')).toBe(false);
    expect(await failure(lab.apply({ ...definition, nodes: { other: {} } }))).toMatchObject({
      code: 'EEXIST',
    });
    expect(String(await lab.plan(definition))).toBe('');
    await lab.destroy();
    expect(await names()).toEqual(['raft.other']);
    expect(other.open).toBe(true);
    await using plain = await createNetns('raft');
    expect(await failure(openLab('raft'))).toMatchObject({ code: 'ERR_LAB_MISSING' });
    expect(await failure(createLab(definition))).toMatchObject({ code: 'EEXIST' });
    expect(await failure(createLab(definition, { ifExists: 'apply' }))).toMatchObject({
      code: 'ERR_LAB_MISSING',
    });
    expect(plain.open).toBe(true);
  });

  test('who owns a lab is known, and sweeping takes the labs whose owners are dead', async () => {
    await using mine = await createLab({ ...definition, name: 'mine' });
    expect((await start(creating({ ...definition, name: 'orphan' })).ended).told).toEqual(['begun', 'made']);
    const kept = await createLab({ ...definition, name: 'kept' }, { keep: true });
    kept.close();
    const nodes = ['n1', 'n2', 'n3'];
    expect(await listLabs()).toEqual([
      { name: 'kept', nodes, owner: 'none' },
      { name: 'mine', nodes, owner: 'alive' },
      { name: 'orphan', nodes, owner: 'dead' },
    ]);
    expect(await sweepLabs({ deadOwners: false })).toEqual([]);
    expect(await sweepLabs({ deadOwners: true })).toEqual(['orphan']);
    expect((await listLabs()).map(({ name }) => name)).toEqual(['kept', 'mine']);
    await destroyLab('kept');
    expect(mine.nodes.size).toBe(3);
  });

  test('while one process changes a lab, another one is refused, and told who it is', async () => {
    await using lab = await createLab(definition);
    const holder = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(b"\\0rtnetns changes this lab")
print("bound", flush=True)
sys.stdin.read()`;
    const child = spawn('nsenter', ['--net=/run/netns/raft', 'python3', '-c', holder]);
    await once(child.stdout, 'data');
    const busy = {
      name: 'LabError',
      code: 'ERR_LAB_BUSY',
      message: expect.stringContaining(`process ${child.pid} changes it`) as string,
    };
    expect(await failure(lab.apply(definition))).toMatchObject(busy);
    expect(await failure(destroyLab('raft'))).toMatchObject(busy);
    expect(await failure(lab.destroy())).toMatchObject(busy);
    expect(String(await lab.plan(definition))).toBe('');
    child.stdin.end();
    await once(child, 'exit');
    const own = await holdName(lab.switches, 'rtnetns changes this lab');
    const message = expect.stringContaining('another handle of this process changes it') as string;
    expect(await failure(lab.apply(definition))).toMatchObject({ ...busy, message });
    own?.close();
    await lab.apply(definition);
  });

  test('a definition with the name of another lab is refused', async () => {
    await using lab = await createLab(definition);
    await using unnamed = await createLab({ nodes: { a: {} } });
    const refused = {
      name: 'LabDefinitionError',
      message: 'name: expected that of this lab, "raft", got "other"',
    };
    expect(await failure(lab.apply({ ...definition, name: 'other' }))).toMatchObject(refused);
    expect(await failure(lab.plan({ ...definition, name: 'other' }))).toMatchObject(refused);
    expect((await failure(unnamed.apply({ name: 'other', nodes: { a: {} } }))).message).toBe(
      'name: expected that of this lab, none, got "other"',
    );
    const { name: _, ...nameless } = definition;
    expect((await lab.apply(nameless)).empty).toBe(true);
  });

  test('two labs at once do not meet; of two processes that make the same one, one is refused', async () => {
    const texts = ['x', 'y', 'x'].map((name) => creating({ ...definition, name }));
    const ended = await Promise.all(texts.map((text) => start(text).ended));
    expect(ended[1]).toMatchObject({ told: ['begun', 'made'], stderr: '' });
    expect([ended[0], ended[2]].map((one) => one?.told.length).sort()).toEqual([1, 2]);
    expect(ended.map(({ stderr }) => stderr).join('')).toMatch(/EEXIST: attach namespace x/);
    expect(await names()).toEqual(['x', 'x.n1', 'x.n2', 'x.n3', 'y', 'y.n1', 'y.n2', 'y.n3']);
    expect(await sweepLabs({ deadOwners: true })).toEqual(['x', 'y']);
  });

  test('what a process that was killed leaves of a port and of a name, the next one puts right', async () => {
    await using lab = await createLab(definition);
    await run(lab.switches, 'ip', 'link', 'set', 'n2', 'down');
    writeFileSync('/run/netns/raft.n4', '');
    writeFileSync('/run/netns/other.n4', '');
    expect(String(await lab.plan(definition))).toBe('~ port eth0 of n2 on lan: up false → true');
    await lab.apply({ ...definition, nodes: { 'n{1..4}': { ports: 'lan' } } });
    expect(await ping(lab.node('n4'), lab.addr('n2'))).toMatchObject({ received: 1 });
    writeFileSync('/run/netns/raft.n5', '');
    await lab.destroy();
    expect(await names()).toEqual(['other.n4']);
  });

  test('killed at thirty random moments, it is completed by the next one, or swept away', async () => {
    for (let i = 0; i < 30; i++) {
      const { child, ended } = start(creating(big));
      await Promise.race([once(child.stdout!, 'data'), ended]);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
      child.kill('SIGKILL');
      await ended;
      // of the lab's own name, only `rtnetns clean` removes a file on which nothing is mounted, and so does this
      await deleteNetns(
        (await listNetns()).flatMap(({ name, stale }) => (stale && name === 'big' ? [name] : [])),
      );
      if (i % 2 === 0) {
        await using lab = await createLab(big, { ifExists: 'apply' });
        expect(String(await lab.plan(big))).toBe('');
        expect(await names()).toHaveLength(50);
        expect(await ping(lab.node('a24'), lab.addr('b24'))).toMatchObject({ received: 1 });
        const bridges = await ip(lab.switches, 'link', 'show', 'type', 'bridge', 'up');
        expect(bridges.map(({ ifname }) => ifname).sort()).toEqual(['one', 'two']);
      } else {
        await sweepLabs({ deadOwners: true });
      }
      expect(await names()).toEqual([]);
    }
    expect(await run(undefined, 'sh', '-c', 'ls /run/netns')).toBe('');
  });
});
