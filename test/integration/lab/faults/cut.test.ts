import { addRoute, createLab, deleteLink, type LabDefinition, spawn } from '../../../../lib';
import { closed } from '../../../support/children';
import { failure, ip, type Json, run, until } from '../../../support/ip';
import { reaches, reachesAgain } from '../../../support/reach';

const definition = {
  switches: { lan: { subnet: ['10.0.0.0/24', 'fd00::/64'] } },
  routers: { r: { ports: 'lan' } },
  nodes: { 'n{1..2}': { ports: 'lan' } },
  links: [{ ends: ['n1', 'n2'], subnet: ['10.9.0.0/24', 'fd09::/64'] }],
} satisfies LabDefinition;

/** What `ip` shows of a node: addresses and routes, without what changes with the carrier. */
async function stateOf(netns: Parameters<typeof ip>[0]): Promise<string[]> {
  const addrs = await ip(netns, 'addr');
  const routes = [...(await ip(netns, '-4', 'route')), ...(await ip(netns, '-6', 'route'))];
  return [
    ...addrs.flatMap(({ ifname, addr_info }) =>
      (addr_info as Json[])
        .filter(({ scope }) => scope !== 'link')
        .map(({ local, prefixlen }) => `${String(ifname)} ${String(local)}/${String(prefixlen)}`),
    ),
    ...routes.map(({ dst, gateway, dev, metric }) => [dst, gateway, dev, metric].join(' ')),
  ].sort();
}

async function carrierOf(netns: Parameters<typeof ip>[0], device: string): Promise<boolean> {
  const [link] = await ip(netns, 'link', 'show', device);
  return (link?.['flags'] as string[]).includes('LOWER_UP');
}

describe('createLab', () => {
  test('a device that somebody has deleted is a refusal of the lab', async () => {
    await using lab = await createLab({ switches: { lan: {} }, nodes: { n1: { ports: 'lan' } } });
    await deleteLink(lab.node('n1'), 'eth0');
    for (const work of [
      lab.cut('n1'),
      lab.impair('n1', { loss: 1 }),
      lab.cut({ node: 'n1', device: 'eth0' }),
    ])
      expect(await failure(work)).toMatchObject({ name: 'LabError', code: 'ENODEV', lab: undefined });
  });

  test('a node on a switch has no carrier, and keeps its addresses and routes', async () => {
    await using lab = await createLab(definition);
    await addRoute(lab.node('n1'), { to: '10.77.0.0/16', via: lab.addr('n2') });
    const before = await stateOf(lab.node('n1'));
    const cut = await lab.cut({ node: 'n1', device: 'eth0' });
    expect(cut.title).toBe('cut of eth0 of n1');
    expect(await carrierOf(lab.node('n1'), 'eth0')).toBe(false);
    expect(await carrierOf(lab.node('n1'), 'eth1')).toBe(true);
    expect(await stateOf(lab.node('n1'))).toEqual(before);
    expect(await reaches(lab, 'r', lab.addr('n1'))).toBe(false);
    expect(String(await lab.plan(definition))).toBe('~ port eth0 of n1 on lan: up false → true');
    await cut.undo();
    expect(await reachesAgain(lab, 'r', lab.addr('n1'))).toBe(true);
    expect(await stateOf(lab.node('n1'))).toEqual(before);
    expect((await lab.plan(definition)).empty).toBe(true);
    expect(await run(lab.switches, 'ip', 'link')).not.toContain('alias');
  });

  test('of a link, both nodes get back what they have lost', async () => {
    await using lab = await createLab(definition);
    await addRoute(lab.node('n2'), { to: '10.77.0.0/16', via: '10.9.0.1' });
    const before = await Promise.all(['n1', 'n2'].map(async (node) => stateOf(lab.node(node))));
    const cut = await lab.cut(['n1', 'n2']);
    for (const node of ['n1', 'n2']) {
      expect(await carrierOf(lab.node(node), 'eth1')).toBe(false);
      expect(await carrierOf(lab.node(node), 'eth0')).toBe(true);
    }
    await cut.undo();
    for (const addr of ['10.9.0.1', 'fd09::1']) expect(await reachesAgain(lab, 'n2', addr)).toBe(true);
    expect(await Promise.all(['n1', 'n2'].map(async (node) => stateOf(lab.node(node))))).toEqual(before);
    expect((await lab.plan(definition)).empty).toBe(true);
  });

  test('of cuts that overlap, each ends by itself; apply ends all', async () => {
    await using lab = await createLab(definition);
    const one = await lab.cut('n1');
    const other = await lab.cut({ node: 'n1', device: 'eth0' });
    await one.undo();
    expect([await carrierOf(lab.node('n1'), 'eth0'), await carrierOf(lab.node('n1'), 'eth1')]).toEqual([
      false,
      true,
    ]);
    await lab.apply(definition);
    expect(await carrierOf(lab.node('n1'), 'eth0')).toBe(true);
    expect([other.active, lab.faults]).toEqual([false, []]);
    expect(await run(lab.switches, 'ip', 'link')).not.toContain('alias');
  });

  test('what is no wire is refused', async () => {
    await using lab = await createLab({ ...definition, nodes: { ...definition.nodes, alone: {} } });
    const refused: [attempt: () => Promise<unknown>, found: object][] = [
      [async () => lab.cut('n9'), { code: 'ERR_LAB_NODE' }],
      [async () => lab.cut('alone'), { code: 'ERR_LAB_DEVICE' }],
      [async () => lab.cut({ node: 'n1', device: 'eth7' }), { code: 'ERR_LAB_DEVICE' }],
      [async () => lab.cut(['n1', 'r']), { code: 'ERR_LAB_DEVICE' }],
      [async () => lab.cut(7 as never), { name: 'TypeError' }],
      [async () => lab.flap('n1', { every: 10, down: 10 }), { name: 'RangeError' }],
      [async () => lab.flap('n1', { every: 10 } as never), { name: 'TypeError' }],
      [async () => lab.cut(['n1', 'n1']), { message: 'target: expected two nodes, got "n1" twice' }],
    ];
    for (const [attempt, found] of refused) expect(await failure(attempt())).toMatchObject(found);
    expect(lab.faults).toEqual([]);
  });

  test('a wire falls again and again, as ip monitor sees it, until it is undone', async () => {
    await using lab = await createLab(definition);
    const child = spawn(lab.node('n1'), 'ip', ['-o', 'monitor', 'link', 'dev', 'eth0']);
    const ended = closed(child);
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
    const states = () => {
      const all = seen
        .split('\n')
        .slice(0, -1)
        .map((line) => !line.includes('NO-CARRIER'));
      return all.filter((state, i) => state !== all[i - 1]);
    };
    const flapping = await lab.flap({ node: 'n1', device: 'eth0' }, { every: 100, down: 40 });
    await until(() => states().length >= 6);
    await flapping.undo();
    expect(await carrierOf(lab.node('n1'), 'eth0')).toBe(true);
    expect(await reaches(lab, 'r', lab.addr('n1'))).toBe(true);
    child.kill();
    await ended;
    expect((await lab.plan(definition)).empty).toBe(true);
  });

  test('a lab that is destroyed flaps no more', async () => {
    const lab = await createLab(definition);
    const flapping = await lab.flap('n1', { every: 20, down: 10 });
    await lab.destroy();
    expect(flapping.active).toBe(false);
    await flapping.undo();
    expect(lab.record.entries.filter(({ kind }) => kind === 'failure')).toEqual([]);
  });
});
