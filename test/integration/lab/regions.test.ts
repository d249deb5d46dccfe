import { createLab, draw, type Lab, type LabDefinition, openLab } from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';
import { fastest, reaches } from '../../support/reach';

const NETEM = 'queueing disciplines of the kind netem';

/** What a busy machine may add to the way there and back. */
const SLACK = 25;

const lan = { subnet: ['10.0.0.0/24', 'fd00::/64'] };

const definition = {
  switches: { lan },
  nodes: { 'web{1..2}': { ports: 'lan' }, db: { ports: 'lan' }, other: { ports: 'lan' } },
  regions: { eu: ['web{1..2}'], us: 'db' },
  latency: [{ between: ['eu', 'us'], delay: 40 }],
} satisfies LabDefinition;

/** The kinds of the queueing disciplines of a node's device, as tc shows them. */
async function kindsOf(lab: Lab, node: string): Promise<string[]> {
  const printed = await run(lab.node(node), 'tc', '-j', 'qdisc', 'show', 'dev', 'eth0');
  return (JSON.parse(printed) as Json[]).map(({ kind }) => String(kind)).filter((kind) => kind !== 'noqueue');
}

/** Expects a ping there and back to take so many milliseconds. */
async function expectAway(lab: Lab, from: string, to: string, milliseconds: number): Promise<void> {
  for (const addr of lab.addrs(to)) {
    const measured = await fastest(lab, from, addr);
    expect(measured).toBeGreaterThanOrEqual(milliseconds);
    expect(measured).toBeLessThan(milliseconds + SLACK);
  }
}

describe('createLab', () => {
  testWith(NETEM, 'nodes of two regions are far from each other, and from no other node', async () => {
    await using lab = await createLab(definition);
    expect(String(await lab.plan(definition))).toBe('');
    await expectAway(lab, 'web1', 'db', 80);
    await expectAway(lab, 'web1', 'web2', 0);
    await expectAway(lab, 'db', 'other', 0);
    expect(await kindsOf(lab, 'other')).toEqual([]);
    expect(await kindsOf(lab, 'db')).toEqual(['htb', 'netem']);
    expect(await draw(lab)).toContain('fd00::3/64 on lan (delay 40 ms to some)');
    expect((await lab.impairments()).map(({ node, to, options }) => [node, to, options.delay])).toEqual([
      ['web1', ['db'], 40],
      ['web2', ['db'], 40],
      ['db', ['web1', 'web2'], 40],
    ]);
  });

  testWith(
    NETEM,
    'a latency that is changed is in the plan, and so is a node that comes to a region',
    async () => {
      await using lab = await createLab(definition);
      const nearer = {
        ...definition,
        latency: [{ between: ['eu', 'us'], delay: 20 }],
      } satisfies LabDefinition;
      expect(String(await lab.plan(nearer))).toContain(
        '~ latency of eth0 of web1: delay to 10.0.0.3, fd00::3 40 → 20',
      );
      await lab.apply(nearer);
      await expectAway(lab, 'web2', 'db', 40);
      const more = { ...nearer, regions: { eu: ['web{1..2}', 'other'], us: 'db' } } satisfies LabDefinition;
      expect((await lab.plan(more)).steps.map(({ action, title }) => `${action} ${title}`).sort()).toEqual([
        'change latency of eth0 of db',
        'create latency of eth0 of other',
      ]);
      await lab.apply(more);
      expect(String(await lab.plan(more))).toBe('');
      await expectAway(lab, 'other', 'db', 40);
      const { regions: _regions, latency: _latency, ...none } = more;
      await lab.apply(none);
      await expectAway(lab, 'other', 'db', 0);
      expect(await kindsOf(lab, 'db')).toEqual([]);
    },
  );

  testWith(NETEM, 'what a router forwards has its latency once', async () => {
    const routed = {
      switches: { lan: { subnet: '10.0.0.0/24' }, wan: { subnet: '10.1.0.0/24' } },
      routers: { r: { ports: ['lan', 'wan'] } },
      nodes: { web: { ports: 'lan' }, db: { ports: 'wan' } },
      regions: { eu: ['web', 'r'], us: 'db' },
      latency: [{ between: ['eu', 'us'], delay: 40 }],
    } satisfies LabDefinition;
    await using lab = await createLab(routed);
    expect(String(await lab.plan(routed))).toBe('');
    await expectAway(lab, 'web', 'db', 80);
    await expectAway(lab, 'r', 'db', 80);
    await expectAway(lab, 'web', 'r', 0);
  });

  testWith(NETEM, 'what a device loses or delays comes on top', async () => {
    const slow = {
      ...definition,
      nodes: { ...definition.nodes, db: { ports: { switch: 'lan', impair: { delay: 30 } } } },
    } satisfies LabDefinition;
    await using lab = await createLab(slow);
    expect(String(await lab.plan(slow))).toBe('');
    await expectAway(lab, 'db', 'web1', 110);
    await expectAway(lab, 'db', 'other', 30);
    await lab.apply(definition);
    expect(String(await lab.plan(definition))).toBe('');
    await expectAway(lab, 'db', 'web1', 80);
    await expectAway(lab, 'db', 'other', 0);
  });

  testWith(NETEM, 'faults leave nodes as far as they are, and so does their end', async () => {
    await using lab = await createLab(definition);
    const all = await lab.impair('web1', { delay: 30 }, { direction: 'out' });
    await expectAway(lab, 'web1', 'db', 110);
    await expectAway(lab, 'web1', 'web2', 30);
    expect(String(await lab.plan(definition))).toMatch(/^~ impairment|^- impairment/);
    await all.undo();
    await expectAway(lab, 'web1', 'db', 80);
    await expectAway(lab, 'web1', 'web2', 0);
    const one = await lab.impair('web1', { delay: 15 }, { direction: 'out', to: 'db' });
    await expectAway(lab, 'web1', 'db', 95);
    await expectAway(lab, 'web2', 'db', 80);
    await one.undo();
    const none = await lab.impair('web1', { loss: 100 }, { direction: 'out' });
    for (const node of ['db', 'web2']) expect(await reaches(lab, 'web1', lab.addr(node))).toBe(false);
    await none.undo();
    await expectAway(lab, 'web1', 'db', 80);
    expect(String(await lab.plan(definition))).toBe('');
  });

  testWith(NETEM, 'another process that heals a lab leaves its latencies', async () => {
    await using lab = await createLab({ ...definition, name: 'regions' });
    await lab.impair('web1', { delay: 30 }, { direction: 'out' });
    const other = await openLab('regions');
    await other.heal();
    other.close();
    await expectAway(lab, 'web1', 'db', 80);
    await expectAway(lab, 'web1', 'web2', 0);
  });

  test('a kernel without netem is named', async () => {
    if (kernelHas(NETEM)) return;
    expect(await failure(createLab(definition))).toMatchObject({
      name: 'LabError',
      code: 'ERR_LAB_NETEM',
      message: expect.stringMatching(/latency of eth0 of .*sch_netem/s) as string,
    });
  });
});
