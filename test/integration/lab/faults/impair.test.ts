import { createLab, exec, type Lab, type LabDefinition } from '../../../../lib';
import { kernelHas, testWith } from '../../../support/capabilities';
import { failure, type Json, run } from '../../../support/ip';
import { python } from '../../../support/lab';
import { nftJson } from '../../../support/nft';
import { answered, fastest, reaches, reachesAgain } from '../../../support/reach';

const NETEM = 'queueing disciplines of the kind netem';

const definition = {
  switches: { lan: { subnet: ['10.0.0.0/24', 'fd00::/64'] } },
  nodes: { 'n{1..4}': { ports: 'lan' } },
  links: [{ ends: ['n3', 'n4'] }],
} satisfies LabDefinition;

/** What tc shows at the root of a device. */
async function rootOf(lab: Lab, node: string, device = 'eth0'): Promise<Json | undefined> {
  const printed = await run(lab.node(node), 'tc', '-j', 'qdisc', 'show', 'dev', device, 'root');
  return (JSON.parse(printed) as Json[]).find(({ kind }) => kind !== 'noqueue');
}

/** The answers of 2,000 pings where each is lost by this chance: within five standard deviations, so that one run in a million fails. */
function bounds(count: number, chance: number): [number, number] {
  const [mean, deviation] = [count * (1 - chance), Math.sqrt(count * chance * (1 - chance))];
  return [mean - 5 * deviation, mean + 5 * deviation];
}

const SENDER = `
import socket, sys, time
s = socket.create_connection((sys.argv[1], 9000))
start = time.monotonic()
s.sendall(bytes(250_000))
s.shutdown(socket.SHUT_WR)
s.recv(1)
print(time.monotonic() - start)`;

const RECEIVER = `
import socket
s = socket.create_server(('', 9000))
print('ready', flush=True)
while True:
    c, _ = s.accept()
    while c.recv(65536): pass
    c.close()`;

async function receiver(lab: Lab, node: string) {
  return python(lab.node(node), RECEIVER);
}

describe('createLab', () => {
  test('packets are lost by chance, with netem and without', async () => {
    await using lab = await createLab(definition);
    const impairment = await lab.impair('n1', { loss: 10 });
    const [least, most] = bounds(2000, 1 - 0.9 * 0.9);
    const received = await answered(lab, 'n1', lab.addr('n2'), 2000);
    expect(received).toBeGreaterThan(least);
    expect(received).toBeLessThan(most);
    expect(
      (await lab.impairments()).map(({ options, ...where }) => [where, Math.round(options.loss!)]),
    ).toEqual([
      [{ node: 'n1', device: 'eth0', direction: 'out' }, 10],
      [{ node: 'n1', device: 'eth0', direction: 'in' }, 10],
    ]);
    await impairment.undo();
    expect(await answered(lab, 'n1', lab.addr('n2'), 200)).toBe(200);
    expect(await lab.impairments()).toEqual([]);
    for (const netns of [lab.switches, ...lab.nodes.values()]) {
      expect(await nftJson(netns)).toEqual([]);
      expect(await run(netns, 'tc', 'qdisc')).not.toMatch(/netem|htb|tbf/);
      expect(await run(netns, 'ip', 'link')).not.toContain('alias');
    }
  });

  test('a node that is deleted and made again loses nothing', async () => {
    await using lab = await createLab(definition);
    const without = { ...definition, nodes: { 'n{1..2}': { ports: 'lan' } }, links: [] };
    await lab.impair('n3', { loss: 100 });
    await lab.apply(without);
    await lab.apply(definition);
    expect(lab.faults).toEqual([]);
    expect(await reachesAgain(lab, 'n1', lab.addr('n3'))).toBe(true);
    expect(await nftJson(lab.switches)).toEqual([]);
  });

  test('only packets to and from single nodes are impaired', async () => {
    await using lab = await createLab(definition);
    await lab.impair('n1', { loss: 100 }, { to: ['n2'] });
    const other = await lab.impair('n1', { loss: 50 }, { to: 'n3', direction: 'out' });
    for (const addr of lab.addrs('n2')) expect(await reaches(lab, 'n1', addr)).toBe(false);
    expect(await reaches(lab, 'n2', lab.addr('n1'))).toBe(false);
    expect(await answered(lab, 'n1', lab.addr('n4'), 200)).toBe(200);
    const [least, most] = bounds(1000, 0.5);
    const received = await answered(lab, 'n1', lab.addr('n3'), 1000);
    expect(received).toBeGreaterThan(least);
    expect(received).toBeLessThan(most);
    expect(
      (await lab.impairments()).map(({ direction, to, options }) => [
        direction,
        to,
        Math.round(options.loss!),
      ]),
    ).toEqual([
      ['out', ['n2'], 100],
      ['out', ['n3'], 50],
      ['in', ['n2'], 100],
    ]);
    await other.undo();
    expect(await answered(lab, 'n1', lab.addr('n3'), 200)).toBe(200);
    expect(await reaches(lab, 'n1', lab.addr('n2'))).toBe(false);
    expect((await lab.plan(definition)).empty).toBe(true);
  });

  test('the two wires of a node are impaired at once, and nothing is left of it', async () => {
    await using lab = await createLab(definition);
    for (const to of [undefined, 'n4', 'n1'])
      for (let i = 0; i < 5; i++) {
        await using impairment = await lab.impair('n3', { loss: 10 }, to === undefined ? {} : { to });
        expect(impairment.active).toBe(true);
      }
    for (const netns of [lab.switches, ...lab.nodes.values()]) {
      expect(await run(netns, 'nft', 'list', 'tables')).toBe('');
      expect(await run(netns, 'tc', 'qdisc')).not.toMatch(/netem|htb|tbf/);
      expect(await run(netns, 'ip', 'link')).not.toMatch(/alias/);
    }
  });

  test('a direction is that of the node', async () => {
    await using lab = await createLab(definition);
    const script = (direction: string) => `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 9000))
${direction === 'send' ? "[s.sendto(b'x', (sys.argv[1], 9001)) for _ in range(100)]" : ''}`;
    // ARP is lost as well
    expect(await reaches(lab, 'n1', lab.addr('n2'))).toBe(true);
    await lab.impair('n1', { loss: 100 }, { direction: 'out' });
    await run(lab.node('n1'), 'python3', '-c', script('send'), lab.addr('n2'));
    await run(lab.node('n2'), 'python3', '-c', script('send'), lab.addr('n1'));
    const datagrams = async (node: string) => {
      const text = await run(lab.node(node), 'nstat', '-az', 'UdpNoPorts');
      return Number(/UdpNoPorts\s+(\d+)/.exec(text)?.[1]);
    };
    expect([await datagrams('n1'), await datagrams('n2')]).toEqual([100, 0]);
  });

  test('an impairment takes the place of another one, and the last one that ends that of the definition', async () => {
    await using lab = await createLab(definition);
    const one = await lab.impair('n1', { loss: 100 });
    const two = await lab.impair('n1', { loss: 0 });
    expect(await reaches(lab, 'n1', lab.addr('n2'))).toBe(true);
    await two.undo();
    expect(await reaches(lab, 'n1', lab.addr('n2'))).toBe(false);
    await one.undo();
    expect(await reachesAgain(lab, 'n1', lab.addr('n2'))).toBe(true);
  });

  testWith(NETEM, 'undo puts back what the definition says', async () => {
    const impaired: LabDefinition = {
      ...definition,
      nodes: { n1: { ports: { switch: 'lan', impair: { delay: 30 } } }, 'n{2..4}': { ports: 'lan' } },
    };
    await using lab = await createLab(impaired);
    const whole = await lab.impair('n1', { delay: 5 });
    expect(await rootOf(lab, 'n1')).toMatchObject({ kind: 'netem', options: { delay: { delay: 0.005 } } });
    expect(String(await lab.plan(impaired))).toMatch(/~ impairment of eth0 of n1: delay 5.* → 30/);
    await lab.impair('n1', { delay: 60 }, { to: 'n2' });
    await whole.undo();
    expect(String(await lab.plan(impaired))).toBe('');
    expect(await fastest(lab, 'n1', lab.addr('n2'))).toBeGreaterThan(120);
    expect(await fastest(lab, 'n1', lab.addr('n3'))).toBeLessThan(60);
    await lab.apply(definition);
    expect(String(await lab.plan(definition))).toBe('');
    expect(await fastest(lab, 'n1', lab.addr('n3'))).toBeLessThan(25);
    expect(await fastest(lab, 'n1', lab.addr('n2'))).toBeGreaterThan(120);
    await lab.heal();
    expect(await rootOf(lab, 'n1')).toBeUndefined();
  });

  testWith(NETEM, 'what is measured is what tc measures by hand', async () => {
    await using lab = await createLab(definition);
    const tc = async (...args: string[]) =>
      run(lab.node('n2'), 'tc', 'qdisc', 'replace', 'dev', 'eth0', 'root', 'netem', ...args);
    await lab.impair('n1', { delay: 40 }, { direction: 'out' });
    await tc('delay', '40ms');
    const [ours, theirs] = [
      await fastest(lab, 'n1', lab.addr('n3')),
      await fastest(lab, 'n2', lab.addr('n3')),
    ];
    // a fifth of the delay, which a busy machine adds to either
    expect(Math.abs(ours - theirs)).toBeLessThan(8);
    expect(ours).toBeGreaterThanOrEqual(40);
    await lab.impair('n1', { rate: 2_000_000 }, { direction: 'out' });
    await tc('rate', '2mbit');
    const seconds = async (node: string) => {
      const { stdout } = await exec(lab.node(node), 'python3', ['-c', SENDER, lab.addr('n3')]);
      return Number(stdout);
    };
    await using server = await receiver(lab, 'n3');
    expect(server.output()).toBe('ready\n');
    const [own, other] = [await seconds('n1'), await seconds('n2')];
    // 250 kB are a second
    expect(own).toBeGreaterThan(0.8);
    expect(Math.abs(own - other)).toBeLessThan(0.3);
  });

  test('what takes netem is refused by its name where there is none', async () => {
    if (kernelHas(NETEM)) return;
    await using lab = await createLab(definition);
    for (const attempt of [
      async () => lab.impair('n1', { delay: 5, loss: 1 }),
      async () => lab.impair('n1', { rate: 1e6 }, { to: 'n2' }),
    ])
      expect(await failure(attempt())).toMatchObject({
        name: 'LabError',
        code: 'ERR_LAB_NETEM',
        message: expect.stringMatching(/sch_netem/) as string,
      });
    expect(lab.faults).toEqual([]);
    for (const netns of [lab.switches, ...lab.nodes.values()]) {
      expect(await nftJson(netns)).toEqual([]);
      expect(await run(netns, 'ip', 'link')).not.toContain('alias');
    }
  });

  test('wrong options are refused', async () => {
    await using lab = await createLab(definition);
    const refused: [attempt: () => Promise<unknown>, found: object][] = [
      [async () => lab.impair('n1', { loss: 101 }), { name: 'RangeError' }],
      [async () => lab.impair('n1', { reorder: 5 }), { name: 'RangeError' }],
      [
        async () => lab.impair('n1', { los: 5 } as never),
        { message: expect.stringMatching(/did you mean 'loss'/) as string },
      ],
      [async () => lab.impair('n1', { loss: 5 }, { to: 'n9' }), { code: 'ERR_LAB_NODE' }],
      [async () => lab.impair('n1', { loss: 5 }, { direction: 'up' as never }), { name: 'RangeError' }],
    ];
    for (const [attempt, found] of refused) expect(await failure(attempt())).toMatchObject(found);
    expect(lab.faults).toEqual([]);
  });
});
