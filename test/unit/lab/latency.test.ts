import type { LabDefinition } from '../../../lib';
import { resolve } from '../../../lib/lab/resolve';
import { combined } from '../../../lib/lab/shaping/combined';
import { thingsOf } from '../../../lib/lab/things';
import { changesOf } from '../../../lib/lab/words';

const lan = { subnet: ['10.0.0.0/24', 'fd00::/64'] };

function latencies(definition: LabDefinition) {
  return [...thingsOf(resolve(definition))].flatMap((thing) => (thing.kind === 'latency' ? [thing] : []));
}

describe('the latencies of a lab', () => {
  test('each device of a node has them, by the addresses of the nodes that are far away', () => {
    const found = latencies({
      switches: { lan },
      nodes: { a: { ports: 'lan' }, b: { ports: 'lan' }, 'c{1..2}': { ports: 'lan' } },
      links: [{ ends: ['a', 'b'] }],
      regions: { eu: 'a', us: ['c{1..2}'], asia: 'b' },
      latency: [
        { between: ['eu', 'us'], delay: 40 },
        { between: ['eu', 'asia'], loss: 1 },
      ],
    });
    const far = { from: [], to: ['10.0.0.3', '10.0.0.4', 'fd00::3', 'fd00::4'], options: { delay: 40 } };
    const asia = { from: [], to: ['10.0.0.2', '198.18.0.1', '2001:2::1', 'fd00::2'], options: { loss: 1 } };
    expect(found.filter(({ node }) => node === 'a')).toEqual([
      { kind: 'latency', node: 'a', device: 'eth0', flows: [far, asia] },
      { kind: 'latency', node: 'a', device: 'eth1', flows: [far, asia] },
    ]);
    expect(found.map(({ node, device }) => `${node} ${device}`).sort()).toEqual([
      'a eth0',
      'a eth1',
      'b eth0',
      'b eth1',
      'c1 eth0',
      'c2 eth0',
    ]);
  });

  test('a node without an address is far from nobody, and a router is known by its own', () => {
    const found = latencies({
      switches: { lan: { subnet: '10.0.0.0/24' } },
      routers: { r: { ports: 'lan' } },
      nodes: { a: { ports: 'lan' }, alone: {} },
      regions: { eu: 'r', us: 'a', asia: 'alone' },
      latency: [
        { between: ['eu', 'us'], delay: 1 },
        { between: ['eu', 'asia'], delay: 2 },
      ],
    });
    expect(found.map(({ node, flows }) => [node, flows])).toEqual([
      ['r', [{ from: ['10.0.0.1'], to: ['10.0.0.2'], options: { delay: 1 } }]],
      ['a', [{ from: [], to: ['10.0.0.1'], options: { delay: 1 } }]],
    ]);
  });

  test('as the kernel reports them they are those that were asked for', () => {
    const thing = (options: object, to = ['10.0.0.1']) =>
      ({ kind: 'latency', node: 'a', device: 'eth0', flows: [{ from: [], to, options }] }) as const;
    const reported = { delay: 30, jitter: 0, loss: 0, limit: 1000, gap: 0, seed: 4711 };
    expect(changesOf(thing(reported), thing({ delay: 30 }))).toEqual({});
    expect(changesOf(thing({ ...reported, loss: 5 }), thing({ delay: 20 }))).toEqual({
      'delay to 10.0.0.1': [30, 20],
      'loss to 10.0.0.1': [5, undefined],
    });
    expect(changesOf(thing(reported), thing({ delay: 30 }, ['10.0.0.1', '10.0.0.2']))).toEqual({
      'delay to 10.0.0.1': [30, undefined],
      'delay to 10.0.0.1, 10.0.0.2': [undefined, 30],
    });
  });
});

describe('impairments that are combined', () => {
  test.each([
    [{ delay: 40 }, undefined, { delay: 40 }],
    [
      { delay: 40, jitter: 2 },
      { delay: 10, jitter: 1 },
      { delay: 50, jitter: 3 },
    ],
    [{ loss: 50 }, { loss: 50, duplicate: 10 }, { loss: 75, duplicate: 10 }],
    [{ rate: 1000 }, { rate: 0 }, { rate: 1000 }],
    [{ rate: 1000 }, { rate: 500, limit: 10 }, { rate: 500, limit: 10 }],
    [{ delay: 40 }, { loss: 100 }, { delay: 40, loss: 100 }],
    [
      { delay: 40, distribution: 'normal' },
      { delay: 10, seed: 7 },
      { delay: 50, distribution: 'normal', seed: 7 },
    ],
    [{ loss: 5 }, { gilbert: { p: 1 } }, { gilbert: { p: 1 } }],
    [{ fourStates: { p13: 1 } }, { loss: 5 }, { fourStates: { p13: 1 } }],
  ])('%j and %j is %j', (first, second, both) => {
    const found = combined(first as object, second as object | undefined);
    expect(found).toEqual({
      ...both,
      ...('duplicate' in both && { duplicate: expect.closeTo(10) as number }),
    });
  });
});
