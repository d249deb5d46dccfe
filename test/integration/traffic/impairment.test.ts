import {
  addAddr,
  addQdisc,
  clearImpairment,
  createNetns,
  createVeth,
  type ImpairmentOptions,
  listQdiscs,
  type Netns,
  ping,
  removeQdisc,
  setImpairment,
  setQdisc,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const NETEM = 'queueing disciplines of the kind netem';

/** What tc shows at the root of eth0. */
async function root(netns: Netns): Promise<Json> {
  const printed = await run(netns, 'tc', '-j', 'qdisc', 'show', 'dev', 'eth0', 'root');
  return (JSON.parse(printed) as Json[])[0]!;
}

const handles = async (netns: Netns) =>
  (await listQdiscs(netns, { device: 'eth0' })).map(({ handle }) => handle);

const WRONG: readonly [options: ImpairmentOptions, message: RegExp][] = [
  [{ delay: -1 }, /^delay: expected milliseconds from 0 to/],
  [{ delay: Number.NaN }, /^delay: expected milliseconds from 0 to/],
  [{ delay: '50ms' as never }, /^delay: expected milliseconds .*, got "50ms"$/],
  [{ jitter: 2147.5 }, /^jitter: expected milliseconds from 0 to 2147\.483647, got 2147\.5$/],
  [{ loss: 101 }, /^loss: expected percent from 0 to 100, got 101$/],
  [{ duplicate: -0.1 }, /^duplicate: expected percent from 0 to 100/],
  [{ corrupt: Number.POSITIVE_INFINITY }, /^corrupt: expected percent from 0 to 100/],
  [{ lossCorrelation: 200 }, /^lossCorrelation: expected percent from 0 to 100/],
  [{ rate: -1 }, /^rate: expected bits a second, 0 or from 8 to 9007199254740991, got -1$/],
  [{ rate: 7 }, /^rate: expected bits a second, 0 or from 8 to/],
  [{ rate: '1mbit' as never }, /^rate: expected bits a second, .*, got "1mbit"$/],
  [{ limit: 0 }, /^limit: expected an integer from 1 to 4294967295, got 0$/],
  [{ seed: 2 ** 53 }, /^seed: expected an integer from 0 to/],
  [{ reorder: 5 }, /^reorder: packets overtake only those that are delayed, so 'delay' has to be given$/],
  [{ delay: 5, gap: 5 }, /^gap: it says which packets 'reorder' may choose, which has to be given$/],
  [{ loss: 1, gilbert: { toBad: 1 } }, /^gilbert: it cannot be given together with 'loss'$/],
  [{ gilbert: {} as never }, /^gilbert\.toBad: it has to be given$/],
  [{ slot: { minDelay: 2, maxDelay: 1 } }, /^slot\.maxDelay: it has to be at least slot\.minDelay, got 1$/],
  [{ slot: {} }, /^slot\.minDelay: either 'minDelay' or 'delay' has to be given$/],
  [{ slot: { minDelay: 1, jitter: 1 } }, /^slot\.jitter: it takes 'delay'$/],
  [{ slot: { delay: 1, maxDelay: 2 } }, /^slot\.maxDelay: it takes 'minDelay'$/],
  [{ slot: { delay: 1, distribution: 'normal' } }, /^slot\.jitter: it has to be given with 'delay'$/],
  [{ slot: { delay: 1, jitter: 0, distribution: 'normal' } }, /^slot\.jitter: it has to be more than 0$/],
  [{ delay: 5, delayCorrelation: 5 }, /^delayCorrelation: it does nothing without 'jitter'$/],
  [{ delay: 5, distribution: 'normal' }, /^distribution: it does nothing without 'jitter'$/],
  [{ delay: 5, jitter: 0, distribution: 'pareto' }, /^distribution: it does nothing without 'jitter'$/],
  [{ lossCorrelation: 25 }, /^lossCorrelation: it does nothing without 'loss'$/],
  [{ loss: 0, lossCorrelation: 25 }, /^lossCorrelation: it does nothing without 'loss'$/],
  [{ gilbert: { toBad: 1 }, lossCorrelation: 25 }, /^lossCorrelation: it does nothing without 'loss'$/],
  [{ delay: 5, ecn: true }, /^ecn: it does nothing without 'loss', 'gilbert' or 'fourStates'$/],
  [{ duplicateCorrelation: 3 }, /^duplicateCorrelation: it does nothing without 'duplicate'$/],
  [{ corruptCorrelation: 3 }, /^corruptCorrelation: it does nothing without 'corrupt'$/],
  [{ delay: 5, reorderCorrelation: 3 }, /^reorderCorrelation: it does nothing without 'reorder'$/],
  [{ packetOverhead: 14 }, /^packetOverhead: it does nothing without 'rate'$/],
  [{ packetOverhead: -14, rate: 0 }, /^packetOverhead: it does nothing without 'rate'$/],
  [{ cellSize: 48 }, /^cellSize: it does nothing without 'rate'$/],
  [{ rate: 8000, cellOverhead: 5 }, /^cellOverhead: it does nothing without 'cellSize'$/],
  [{ distribution: 'gauss' as never }, /^distribution: expected one of uniform, normal, pareto/],
];

describe('setImpairment, clearImpairment', () => {
  let red: Netns;
  let blue: Netns;

  beforeAll(async () => {
    [red, blue] = await Promise.all([createNetns(), createNetns()]);
    await createVeth({ netns: red, name: 'eth0', up: true }, { netns: blue, name: 'eth0', up: true });
    await addAddr(red, 'eth0', '10.0.0.1/24');
    await addAddr(blue, 'eth0', '10.0.0.2/24');
  });

  afterAll(() => {
    red.close();
    blue.close();
  });

  afterEach(async () => {
    for (const netns of [red, blue]) await removeQdisc(netns, 'eth0', { ifMissing: 'ignore' });
  });

  testWith(NETEM, 'all is set in one call, and the next call says all anew', async () => {
    await setImpairment(red, 'eth0', {
      ...{
        delay: 50,
        jitter: 5,
        delayCorrelation: 25,
        distribution: 'normal',
        loss: 0.1,
        lossCorrelation: 10,
      },
      ...{ duplicate: 2, duplicateCorrelation: 3, corrupt: 0.5, corruptCorrelation: 4, reorder: 5 },
      ...{ reorderCorrelation: 50, gap: 3, rate: 10_000_000, limit: 500 },
    });
    expect((await root(red))['options']).toMatchObject({
      limit: 500,
      delay: { delay: 0.05, jitter: 0.005, correlation: 0.25 },
      'loss-random': { loss: 0.001, correlation: 0.1 },
      duplicate: { duplicate: 0.02, correlation: 0.03 },
      reorder: { reorder: 0.05, correlation: 0.5 },
      corrupt: { corrupt: 0.005, correlation: 0.04 },
      rate: { rate: 1_250_000 },
      gap: 3,
    });
    const before = await handles(red);
    await setImpairment(red, 'eth0', { loss: 1 });
    await setImpairment(red, 'eth0', { loss: 1 });
    expect((await root(red))['options']).toEqual({
      ...{ limit: 1000, 'loss-random': { loss: 0.01, correlation: 0 }, ecn: false, gap: 0 },
    });
    // it is the same netem
    expect(await handles(red)).toEqual(before);
    await setImpairment(red, 'eth0', { loss: 1, ecn: true });
    expect((await root(red))['options']).toMatchObject({ ecn: true });
    await setImpairment(red, 'eth0', { delay: 7 });
    expect((await root(red))['options']).toMatchObject({ ecn: false });
    await clearImpairment(red, 'eth0');
    await clearImpairment(red, 'eth0');
    expect(await root(red)).toMatchObject({ kind: 'noqueue' });
    const missing = await failure(clearImpairment(red, 'eth0', { ifMissing: 'fail' }));
    expect(missing).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
  });

  testWith(NETEM, 'packets are delayed by so much', async () => {
    await ping(red, '10.0.0.2');
    await setImpairment(red, 'eth0', { delay: 50 });
    const { received, rtt } = await ping(red, '10.0.0.2', { count: 2, interval: 10 });
    expect(received).toBe(2);
    expect(rtt?.min).toBeGreaterThanOrEqual(50);
    await setImpairment(red, 'eth0', { loss: 100 });
    expect(await ping(red, '10.0.0.2', { count: 1, timeout: 100 }).then(({ received }) => received)).toBe(0);
    expect((await listQdiscs(red, { device: 'eth0' }))[0]!.statistics.drops).toBeGreaterThan(0);
  });

  testWith(NETEM, 'each distribution is taken', async () => {
    for (const distribution of ['normal', 'pareto', 'uniform'] as const) {
      await setImpairment(red, 'eth0', { delay: 50, jitter: 5, distribution });
      expect((await root(red))['options']).toMatchObject({ delay: { delay: 0.05, jitter: 0.005 } });
    }
  });

  testWith(NETEM, 'a seed is set, or refused where the kernel would ignore it', async () => {
    await setImpairment(red, 'eth0', { loss: 1 });
    const [found] = await listQdiscs(red, { device: 'eth0' });
    if (found?.netem?.seed !== undefined) {
      await setImpairment(red, 'eth0', { loss: 2, seed: 42 });
      expect((await listQdiscs(red, { device: 'eth0' }))[0]?.netem).toMatchObject({ loss: 2, seed: 42 });
      return;
    }
    const refused = { name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'seed' };
    expect(await failure(setImpairment(red, 'eth0', { loss: 2, seed: 42 }))).toMatchObject(refused);
    expect(await failure(setQdisc(red, 'eth0', { kind: 'netem', seed: 42 }))).toMatchObject(refused);
    expect((await root(red))['options']).toMatchObject({ 'loss-random': { loss: 0.01 } });
    await clearImpairment(red, 'eth0');
    expect(await failure(setImpairment(red, 'eth0', { loss: 2, seed: 42 }))).toMatchObject(refused);
    expect(await failure(addQdisc(red, 'eth0', { kind: 'netem', seed: 42 }))).toMatchObject(refused);
    // nothing is left of it
    expect(await root(red)).toMatchObject({ kind: 'noqueue' });
  });

  testWith(NETEM, 'a change of one option leaves the others', async () => {
    await addQdisc(red, 'eth0', { kind: 'netem', delay: 50, gilbert: { toBad: 1 }, rate: 80e9 });
    await setQdisc(red, 'eth0', { kind: 'netem', loss: 5, reorder: 10 });
    const [found] = await listQdiscs(red, { device: 'eth0' });
    expect(found?.netem).toMatchObject({ delay: 50, loss: 5, reorder: 10, gap: 1, rate: 80e9 });
    expect(found?.netem).not.toHaveProperty('gilbert');
    const early = await failure(setQdisc(red, 'eth0', { kind: 'netem', delay: 0 }));
    expect(early.message).toMatch(/^reorder: packets overtake/);
  });

  testWith(NETEM, 'slots whose delays a table spreads stay where something else is changed', async () => {
    await run(
      red,
      'sh',
      '-c',
      'tc qdisc add dev eth0 root netem delay 10ms slot distribution pareto 5ms 1ms',
    );
    const before = await root(red);
    const [found] = await listQdiscs(red, { device: 'eth0' });
    expect(found?.netem?.slot).toEqual({ delay: 5, jitter: 1, packets: 0, bytes: 0 });
    await setQdisc(red, 'eth0', { kind: 'netem' });
    expect(await root(red)).toEqual(before);
    await setQdisc(red, 'eth0', { kind: 'netem', delay: 20 });
    const { slot } = before['options'] as Json;
    expect((await root(red))['options']).toMatchObject({ delay: { delay: 0.02 }, slot });
    await clearImpairment(red, 'eth0');
    await addQdisc(red, 'eth0', { kind: 'netem', ...found?.netem });
    expect((await root(red))['options']).toEqual(before['options']);
    await setQdisc(red, 'eth0', { kind: 'netem', slot: { delay: 6, jitter: 1 } });
    expect((await root(red))['options']).toMatchObject({ slot: { distribution: 0.006 } });
    for (const distribution of ['pareto', undefined] as const) {
      await clearImpairment(red, 'eth0');
      const slot = { delay: 5, jitter: 1, ...(distribution && { distribution }) };
      await setImpairment(red, 'eth0', { delay: 10, slot });
      expect((await root(red))['options']).toEqual(before['options']);
    }
  });

  test('what somebody else has added is neither replaced nor removed', async () => {
    await addQdisc(red, 'eth0', { kind: 'tbf', handle: '1:', rate: 1e6, burst: 3000, latency: 50 });
    const refused = { name: 'NetlinkError', code: 'EEXIST', device: 'eth0' };
    const error = await failure(setImpairment(red, 'eth0', { delay: 50 }));
    expect(error).toMatchObject(refused);
    expect(error.message).toContain('somebody has added a tbf (1:) at the root, which is not replaced');
    expect(await failure(clearImpairment(red, 'eth0'))).toMatchObject(refused);
    expect(await root(red)).toMatchObject({ kind: 'tbf', handle: '1:' });
  });

  test('a kernel without netem says so, and a device that is not there is named', async () => {
    const none = await failure(setImpairment(red, 'nosuch', { delay: 50 }));
    expect(none).toMatchObject({ name: 'NetlinkError', code: 'ENODEV', device: 'nosuch' });
    if (kernelHas(NETEM)) return;
    const error = await failure(setImpairment(red, 'eth0', { delay: 50 }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
    expect(error.message).toContain('this kernel has no netem');
  });

  test.each(WRONG)('%j is refused before the kernel is asked', async (options, message) => {
    const error = await failure(setImpairment(red, 'nosuch', options));
    expect(['RangeError', 'TypeError']).toContain(error.name.replace('Located', ''));
    expect(error.message).toMatch(message);
  });
});
