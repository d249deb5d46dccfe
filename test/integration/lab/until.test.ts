import {
  createLab,
  getLink,
  type LabDefinition,
  listAddrs,
  listNeighbors,
  listRoutes,
  ping,
} from '../../../lib';
import { ip } from '../../support/ip';

const lan = { subnet: '10.0.0.0/24' };
const pair: LabDefinition = { switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } };

describe('createLab', () => {
  test('what is so already is not waited for, also with a timeout of 0', async () => {
    await using lab = await createLab(pair);
    let asked = 0;
    expect(await lab.until(() => ++asked, { timeout: 0 })).toBe(1);
    expect(await lab.until(async () => Promise.resolve('yes'), { timeout: 0 })).toBe('yes');
    await expect(lab.until(() => false, { timeout: 0 })).rejects.toThrow('returned false');
  });

  test.each([
    [
      'link',
      ['link', 'set', 'eth0', 'mtu', '1400'],
      async (netns) => (await getLink(netns, 'eth0')).mtu === 1400,
    ],
    [
      'address',
      ['addr', 'add', '10.0.0.77/24', 'dev', 'eth0'],
      async (netns) => (await listAddrs(netns)).some(({ addr }) => addr === '10.0.0.77/24'),
    ],
    [
      'address of IPv6',
      ['addr', 'add', 'fd00::7/64', 'dev', 'eth0', 'nodad'],
      async (netns) => (await listAddrs(netns)).some(({ addr }) => addr === 'fd00::7/64'),
    ],
    [
      'route',
      ['route', 'add', '192.0.2.0/24', 'via', '10.0.0.1'],
      async (netns) => (await listRoutes(netns)).some(({ to }) => to === '192.0.2.0/24'),
    ],
    [
      'neighbour',
      ['neigh', 'add', '10.0.0.99', 'lladdr', '02:00:00:00:00:99', 'dev', 'eth0'],
      async (netns) => (await listNeighbors(netns)).some(({ address }) => address === '10.0.0.99'),
    ],
  ] as const satisfies readonly (readonly [
    string,
    readonly string[],
    (netns: Awaited<ReturnType<typeof createLab>>['switches']) => Promise<boolean>,
  ])[])('a change of %s by somebody else is seen', async (_, command, isThere) => {
    await using lab = await createLab(pair);
    const web2 = lab.node('web2');
    let looked = 0;
    const seen = lab.until(
      async () => {
        looked++;
        return isThere(web2);
      },
      { timeout: 10_000 },
    );
    while (looked < 2) await new Promise(setImmediate); // by then the namespaces are followed
    await ip(web2, ...command);
    expect(await seen).toBe(true);
  });

  test('nodes that come by apply are followed as well', async () => {
    await using lab = await createLab(pair);
    const carrier = lab.until(
      async () => lab.nodes.has('late') && (await getLink(lab.node('late'), 'eth0')).mtu === 1300,
      { timeout: 10_000 },
    );
    await lab.apply({ ...pair, nodes: { ...pair.nodes, late: { ports: 'lan' } } });
    await ip(lab.node('late'), 'link', 'set', 'eth0', 'mtu', '1300');
    expect(await carrier).toBe(true);
    const gone = lab.until(() => !lab.nodes.has('late'), { timeout: 10_000 });
    await lab.apply(pair);
    expect(await gone).toBe(true);
  });

  test('a condition that throws is asked again, and what it threw last is the cause of the timeout', async () => {
    await using lab = await createLab({ ...pair, name: 'waits' });
    const error = new Error('no leader');
    const timeout = lab.until(() => Promise.reject(error), { timeout: 50 });
    await expect(timeout).rejects.toMatchObject({
      name: 'LabError',
      code: 'ERR_LAB_TIMEOUT',
      message: expect.stringMatching(
        /^ERR_LAB_TIMEOUT: wait in lab waits: after 50 ms the condition, called (once|\d+ times), threw Error: no leader$/,
      ) as string,
      cause: error,
    });
    await expect(lab.until(() => new Promise(() => undefined), { timeout: 50 })).rejects.toThrow(
      'had not returned yet',
    );
    let throws = true;
    const met = lab.until(
      () => {
        if (throws) throw error;
        return 'elected';
      },
      { timeout: 10_000 },
    );
    throws = false;
    expect(await ping(lab.node('web1'), lab.addr('web2'))).toMatchObject({ received: 1 }); // changes a neighbour
    expect(await met).toBe('elected');
  });

  test('it ends with the signal, and with the lab', async () => {
    const lab = await createLab(pair);
    const controller = new AbortController();
    const aborted = lab.until(() => false, { signal: controller.signal });
    const ended = lab.until(() => false);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await Promise.all([
      expect(ended).rejects.toMatchObject({ name: 'LabError', code: 'ERR_LAB_CLOSED' }),
      lab.destroy(),
    ]);
    await expect(lab.until(() => false)).rejects.toMatchObject({ code: 'ERR_LAB_CLOSED' });
  });

  test('wrong arguments are refused', async () => {
    await using lab = await createLab(pair);
    await expect(lab.until(true as never)).rejects.toThrow('condition: expected a function, got true');
    await expect(lab.until(() => true, { timeout: -1 })).rejects.toThrow(RangeError);
    await expect(lab.until(() => true, { timeOut: 1 } as never)).rejects.toThrow("did you mean 'timeout'?");
  });

  test('the end of a fault is seen, and what a process of the lab writes', async () => {
    const script = 'trap "echo leader" USR1; echo ready; while :; do sleep 60 & wait; done';
    const web1 = { ports: 'lan', run: { command: ['sh', '-c', script], ready: { log: 'ready' } } };
    await using lab = await createLab({ ...pair, nodes: { web1, web2: { ports: 'lan' } } });
    const partition = await lab.partition('web1', 'web2');
    const reaches = async () =>
      (await ping(lab.node('web1'), lab.addr('web2'), { timeout: 300 })).received === 1;
    let asked = 0;
    const healed = lab.until(async () => {
      asked++;
      return reaches();
    });
    while (asked === 0) await new Promise(setImmediate);
    await partition.undo();
    expect(await healed).toBe(true);
    const elected = lab.until(() => lab.process('web1').output.includes('leader'));
    process.kill(lab.process('web1').pid ?? 0, 'SIGUSR1');
    expect(await elected).toBe(true);
  });

  test('a condition may add to the record', async () => {
    await using lab = await createLab(pair);
    let asked = 0;
    const seen = lab.until(() => {
      asked++;
      lab.record.add('note', 'looked');
      return lab.nodes.size === 3;
    });
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    const before = asked;
    await lab.apply({ ...pair, nodes: { 'web{1..3}': { ports: 'lan' } } });
    expect(await seen).toBe(true);
    expect(before).toBeLessThan(5);
  });
});
