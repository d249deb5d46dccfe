// Each kind of queueing discipline, made by addQdisc and by tc: tc shows both alike, and listQdiscs returns all that tc shows.
import {
  addQdisc,
  type AddQdiscOptions,
  createNetns,
  listQdiscs,
  type Netns,
  type Qdisc,
  removeQdisc,
  setQdisc,
  type SetQdiscOptions,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';
import { seenCounts } from './counted';
import { AT_INGRESS, type Example, EXAMPLES, WITHOUT_CHANGE } from './examples';
import { SHOWN } from './shown';

const OTHERS = 'queueing disciplines of the kinds fq_codel, cake, red and others';

/** What tc shows of what was added to a device. */
async function shown(netns: Netns, device: string, ...flags: string[]): Promise<Json> {
  const printed = await run(netns, 'tc', '-j', ...flags, 'qdisc', 'show', 'dev', device);
  // what tc 6.1 prints of a multiq is no JSON
  const json = printed.replace(/\{bands (\d+)\/(\d+) \}/, '{"bands":$1,"max_bands":$2}');
  const [found] = (JSON.parse(json) as Json[]).filter(({ handle }) => handle !== '0:');
  if (found === undefined) throw new Error(`tc shows none: ${printed}`);
  const { dev: _, ...rest } = found;
  return rest;
}

async function listed(netns: Netns, device: string): Promise<Qdisc | undefined> {
  return (await listQdiscs(netns, { device })).find(({ handle }) => handle !== '0:');
}

const ownOf = (found: Qdisc | undefined): Readonly<Record<string, never>> =>
  (found as unknown as Readonly<Record<string, Readonly<Record<string, never>>>>)[found!.kind] ?? {};

const placeOf = (kind: string) => (AT_INGRESS.has(kind) ? {} : { handle: '1:' });

/** Compares the statistics with what tc says. */
function seenAll({ kind, handle, statistics }: Qdisc, said: Json): void {
  const { bytes, packets, drops, overlimits, requeues, backlog, qlen, ...own } = statistics;
  const common = { kind, handle, bytes, packets, drops, overlimits, requeues, backlog, qlen };
  expect(said).toMatchObject(common);
  const place = ['root', 'parent', 'refcnt', 'options'];
  const others = Object.entries(said).filter(([name]) => !(name in common) && !place.includes(name));
  seenCounts(kind, own, Object.fromEntries(others));
}

/** All that is to be said of an example, in one namespace: on some kernels a namespace takes longer than all the rest. */
async function bothWays(red: Netns, { kind, own, words, seen = own, otherwise }: Example): Promise<void> {
  const place = placeOf(kind);
  await addQdisc(red, 'x0', { kind, ...place, ...own } as unknown as AddQdiscOptions);
  const where = AT_INGRESS.has(kind) ? '' : 'root handle 1:';
  await run(red, 'tc', ...`qdisc add dev x1 ${where} ${kind} ${words}`.trim().split(/ +/));
  const theirs = await shown(red, 'x1', '-d');
  expect(await shown(red, 'x0', '-d')).toEqual(theirs);

  const said = await shown(red, 'x1', '-s');
  const found = await listed(red, 'x1');
  const view = ownOf(found);
  expect(view).toMatchObject(seen);
  const fields = SHOWN[kind] as Readonly<Record<string, (seen: typeof view) => unknown>>;
  for (const [name, value] of Object.entries(said['options'] as Json)) {
    // a field that is not in the table is one that listQdiscs does not return
    const field = fields[name];
    expect([name, field === undefined ? 'missing' : field(view)]).toEqual([name, value]);
  }
  seenAll(found!, said);
  const { parent } = found!;
  expect(parent).toBe(said['root'] === true ? 'root' : 'ingress');

  if (!WITHOUT_CHANGE.has(kind)) {
    await setQdisc(red, 'x1', { kind } as unknown as SetQdiscOptions);
    if (otherwise === undefined) expect(await shown(red, 'x1', '-d')).toEqual(theirs);
  }
  const before = await shown(red, 'x1', '-d');
  await setQdisc(red, 'x1', found!);
  expect(await shown(red, 'x1', '-d')).toEqual(before);
  await removeQdisc(red, 'x1', found);
  expect(await listed(red, 'x1')).toBe(undefined);
  await addQdisc(red, 'x1', found!);
  if (otherwise === undefined) expect(await shown(red, 'x1', '-d')).toEqual(theirs);
}

describe('addQdisc, setQdisc, removeQdisc, listQdiscs', () => {
  let red: Netns;

  beforeAll(async () => {
    red = await createNetns();
    const queues = ['numtxqueues', '4'];
    await run(red, 'ip', 'link', 'add', 'x0', ...queues, 'type', 'veth', 'peer', 'name', 'x1', ...queues);
  });

  afterAll(() => red.close());

  afterEach(async () => {
    for (const device of ['x0', 'x1']) {
      const found = await listed(red, device);
      if (found !== undefined) await removeQdisc(red, device, found);
    }
  });

  test('a tbf has either a limit or a latency, and the kernel changes no htb', async () => {
    const both = { kind: 'tbf', rate: 1_000_000, burst: 3000, limit: 9000, latency: 5 } as const;
    const error = await failure(addQdisc(red, 'nosuch', both));
    expect(error.message).toBe("latency: it cannot be given together with 'limit'");
    await addQdisc(red, 'x0', { kind: 'htb', handle: '1:' });
    await setQdisc(red, 'x0', { kind: 'htb' });
    const refused = await failure(setQdisc(red, 'x0', { kind: 'htb', directQueueLength: 5 }));
    expect(refused).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
  });

  test('what was listed is changed, and what the kernel gave a device stays', async () => {
    await addQdisc(red, 'x0', { kind: 'tbf', rate: 1_000_000, burst: 3000, limit: 20_000 });
    const found = (await listed(red, 'x0'))!;
    await setQdisc(red, 'x0', { ...found, tbf: { ...found.tbf!, rate: 2_000_000 } });
    expect((await shown(red, 'x0'))['options']).toMatchObject({ rate: 250_000 });
    // its device is the one that is named
    const other = await failure(setQdisc(red, 'x1', found));
    expect(other).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
    for (const given of await listQdiscs(red)) await setQdisc(red, given.index, given);
    const clsact = { kind: 'clsact', parent: 'ingress', index: 1 } as unknown as Qdisc;
    expect(await failure(setQdisc(red, 'x0', clsact))).toMatchObject({ code: 'ENOENT' });
  });

  testWith(OTHERS, 'what can be given at creation only is taken as it was listed', async () => {
    await addQdisc(red, 'x0', { kind: 'fq_codel', flows: 512 });
    const found = (await listed(red, 'x0'))!;
    await setQdisc(red, 'x0', { ...found, fq_codel: { ...found.fq_codel, limit: 500 } });
    expect((await shown(red, 'x0'))['options']).toMatchObject({ flows: 512, limit: 500 });
    const more = failure(setQdisc(red, 'x0', { ...found, fq_codel: { ...found.fq_codel, flows: 256 } }));
    expect(await more).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'flows' });
  });

  for (const example of EXAMPLES) {
    const { kind, own, needs } = example;
    const title = `${kind} ${JSON.stringify(own)}`;
    testWith(needs, title, async () => bothWays(red, example));
  }

  testWith(OTHERS, 'a plug keeps what comes, and sends it when it is told to', async () => {
    await run(red, 'ip', 'link', 'set', 'lo', 'up');
    await addQdisc(red, 'lo', { kind: 'plug', handle: '1:' });
    const send = () => run(red, 'sh', '-c', 'ping -q -c 3 -i 0.02 -w 1 -W 1 127.0.0.1 >/dev/null; true');
    const waiting = async () => {
      const { statistics } = (await listed(red, 'lo'))!;
      expect((await shown(red, 'lo', '-s'))['qlen']).toBe(statistics.qlen);
      return statistics.qlen;
    };
    await send();
    expect(await waiting()).toBeGreaterThan(0);
    await setQdisc(red, 'lo', { kind: 'plug', action: 'releaseOne' });
    // the first plug is behind nothing
    await setQdisc(red, 'lo', { kind: 'plug', action: 'release' });
    await send();
    expect(await waiting()).toBe(0);
    await setQdisc(red, 'lo', { kind: 'plug', action: 'buffer' });
    await send();
    expect(await waiting()).toBeGreaterThan(0);
    const both = await failure(setQdisc(red, 'lo', { kind: 'plug', limit: 1, action: 'buffer' }));
    expect(both.message).toMatch(/^action: it cannot be given together with 'limit'/);
    await setQdisc(red, 'lo', { kind: 'plug', limit: 1 });
    const { qlen: before, drops } = (await listed(red, 'lo'))!.statistics;
    await send();
    const after = (await listed(red, 'lo'))!.statistics;
    expect(after.qlen).toBe(before);
    expect(after.drops).toBeGreaterThan(drops);
    await removeQdisc(red, 'lo');
  });

  const WRONG: readonly (readonly [options: object, message: RegExp])[] = [
    [{ kind: 'plug', action: 'buffer' }, /^action: it can be given in a change only/],
    [{ kind: 'plug', action: 'open' }, /^action: expected one of buffer, releaseOne, release/],
    [{ kind: 'choke' }, /^limit: it has to be given/],
    [{ kind: 'choke', limit: 2 }, /^limit: expected more, or 'min' with it, got 2/],
    [{ kind: 'choke', limit: 100, max: 200 }, /^max: it has to be at most 'limit', got 200/],
    [{ kind: 'choke', limit: 100, min: 50, max: 50 }, /^min: it has to be less than 'max', got 50/],
    [{ kind: 'ets' }, /^bands: either 'bands', 'strict' or 'quanta' has to be given/],
    [{ kind: 'ets', bands: 2, strict: 3 }, /^bands: fewer than 'strict' and 'quanta' name, got 2/],
    [{ kind: 'ets', strict: 16, quanta: [1] }, /^bands: there are at most 16, got 17/],
    [{ kind: 'ets', strict: 2, priorityMap: [2] }, /^priorityMap\[0\]: there are 2 bands from 0 on, got 2/],
    [{ kind: 'ets', strict: 1, priorityMap: Array(17).fill(0) }, /^priorityMap: expected at most 16 numbers/],
    [{ kind: 'mqprio' }, /^queues: it has to be given/],
    [{ kind: 'mqprio', queues: [] }, /^queues: expected 1 to 16 items, got 0/],
    [{ kind: 'mqprio', queues: [{ first: 0 }] }, /^queues\[0\]\.count: it has to be given/],
    [
      { kind: 'mqprio', queues: [{ first: 0, count: 1 }], priorityMap: [1] },
      /^priorityMap\[0\]: there are 1 classes from 0 on, got 1/,
    ],
    [{ kind: 'etf', delta: -1 }, /^delta: expected milliseconds from 0 to 2147.483647, got -1/],
    [{ kind: 'cbs', sendSlope: -3e12 }, /^sendSlope: expected an integer from/],
    [{ kind: 'cbs', idleSlope: 1500 }, /^idleSlope: expected whole thousands of bits a second, got 1500$/],
    [{ kind: 'cbs', sendSlope: -1500 }, /^sendSlope: expected whole thousands of bits a second, got -1500$/],
  ];
  test.each(WRONG)('%j is refused before the kernel is asked', async (options, message) => {
    const error = await failure(addQdisc(red, 'nosuch', options as unknown as AddQdiscOptions));
    expect(error.message).toMatch(message);
  });

  for (const kind of ['cake', 'codel', 'fq', 'fq_codel', 'hhf', 'pie', 'sfb']) {
    testWith(OTHERS, `what a ${kind} has counted`, async () => {
      await run(red, 'ip', 'link', 'set', 'lo', 'up');
      await addQdisc(red, 'lo', { kind, handle: '1:' } as unknown as AddQdiscOptions);
      await run(red, 'ping', '-c', '5', '-i', '0.02', '-s', '1000', '127.0.0.1');
      const said = await shown(red, 'lo', '-s');
      const found = await listed(red, 'lo');
      seenAll(found!, said);
      expect(found!.statistics.packets).toBe(10);
      await removeQdisc(red, 'lo');
    });
  }

  testWith(
    OTHERS,
    'a new hhf knows as many connections as it is told, which tc adds in a change',
    async () => {
      for (const place of [{ handle: '1:' }, {}]) {
        await addQdisc(red, 'x0', { kind: 'hhf', ...place, largeFlows: 100 });
        expect((await shown(red, 'x0'))['options']).toMatchObject({ hh_limit: 100 });
        const found = await listed(red, 'x0');
        await removeQdisc(red, 'x0');
        await addQdisc(red, 'x0', found!);
        expect(await listed(red, 'x0')).toEqual(found);
        await setQdisc(red, 'x0', { kind: 'hhf', largeFlows: 200 });
        expect((await shown(red, 'x0'))['options']).toMatchObject({ hh_limit: 200 });
        await removeQdisc(red, 'x0');
      }
      await run(red, 'tc', ...'qdisc add dev x0 root hhf hh_limit 100'.split(' '));
      expect((await shown(red, 'x0'))['options']).toMatchObject({ hh_limit: 2048 });
    },
  );

  const AGAIN = [
    { kind: 'fq_codel', flows: 512, limit: 500 },
    { kind: 'pie', target: 1.5 },
    { kind: 'pie', target: 1.504 },
    { kind: 'pie', target: 20.001 },
  ] as const;
  for (const own of AGAIN) {
    testWith(
      OTHERS,
      `what is listed of ${JSON.stringify(own)} takes its place, and is listed again`,
      async () => {
        await addQdisc(red, 'x0', own);
        const first = await shown(red, 'x0', '-d');
        for (let i = 0; i < 3; i++) {
          const found = await listed(red, 'x0');
          await addQdisc(red, 'x0', { ...found!, ifExists: 'replace' });
          expect(await shown(red, 'x0', '-d')).toEqual(first);
          expect(await listed(red, 'x0')).toEqual(found);
        }
      },
    );
  }

  testWith(OTHERS, 'what the kernel takes at creation only is refused where it is another', async () => {
    await addQdisc(red, 'x0', { kind: 'fq_codel', flows: 512 });
    const other = failure(addQdisc(red, 'x0', { kind: 'fq_codel', flows: 256, ifExists: 'replace' }));
    expect(await other).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    await addQdisc(red, 'x0', { kind: 'fq_codel', handle: '5:', flows: 256, ifExists: 'replace' });
    expect((await shown(red, 'x0'))['options']).toMatchObject({ flows: 256 });
  });

  test('one takes the place of another one, or is changed, as tc qdisc replace does', async () => {
    const options = {
      kind: 'tbf',
      rate: 1_000_000,
      burst: 3000,
      limit: 20_000,
      ifExists: 'replace',
    } as const;
    for (const part of [
      'handle 1: pfifo limit 50',
      // with the handle of one of another kind, the kernel refuses
      'handle 2: tbf rate 2mbit burst 3000 limit 20000',
      'handle 2: tbf rate 1mbit burst 3000 limit 20000',
    ]) {
      await run(red, 'tc', ...`qdisc replace dev x1 root ${part}`.split(' '));
    }
    await addQdisc(red, 'x0', { kind: 'pfifo', limit: 50, handle: '1:', ifExists: 'replace' });
    await addQdisc(red, 'x0', { ...options, handle: '2:', rate: 2_000_000 });
    await addQdisc(red, 'x0', { ...options, handle: '2:' });
    expect(await shown(red, 'x0', '-d')).toEqual(await shown(red, 'x1', '-d'));
    await addQdisc(red, 'x0', { kind: 'htb', handle: '3:', defaultClass: '10', ifExists: 'replace' });
    expect(await shown(red, 'x0')).toMatchObject({ kind: 'htb', handle: '3:' });
    const again = failure(addQdisc(red, 'x0', { kind: 'htb', defaultClass: '20', ifExists: 'replace' }));
    expect(await again).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    expect(await shown(red, 'x0')).toMatchObject({ kind: 'htb', handle: '3:', options: { default: '0x10' } });
  });
});
