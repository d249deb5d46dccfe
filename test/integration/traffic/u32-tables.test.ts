// Hash tables of u32, made by addFilter and by tc: tc shows both alike, and what is listed adds them again.
import {
  addFilter,
  type AddFilterOptions,
  addQdisc,
  createNetns,
  type Filter,
  listFilters,
  type Netns,
  removeFilter,
  removeQdisc,
  u32Keys,
} from '../../../lib';
import { failure, type Json, run } from '../../support/ip';

const TABLE = 0x00100000;

const IN = { kind: 'u32', parent: 'egress', protocol: 'ip', priority: 5 } as const;

const PARTS: readonly (readonly [options: AddFilterOptions, words: string])[] = [
  [{ ...IN, handle: TABLE, divisor: 16 }, 'handle 1: u32 divisor 16'],
  [
    {
      ...IN,
      ...{ table: TABLE + 0x5000, keys: u32Keys({ source: '10.0.0.5' }) },
      actions: [{ kind: 'mirred', mode: 'redirect', device: 'lo' }],
    },
    'u32 ht 1:5: match ip src 10.0.0.5 action mirred egress redirect dev lo',
  ],
  [
    {
      ...IN,
      ...{ keys: u32Keys({ source: '10.0.0.0/8' }), link: TABLE, hashKey: { mask: 0xff, offset: 12 } },
    },
    'u32 ht 800:: match ip src 10.0.0.0/8 hashkey mask 0x000000ff at 12 link 1:',
  ],
  [
    {
      ...{ ...IN, keys: u32Keys({ ipProtocol: 'tcp' }), link: TABLE },
      nextHeader: { plus: 4, at: 0, mask: 0x0f00, shift: 6, eat: true },
    },
    'u32 ht 800:: match ip protocol 6 0xff offset at 0 mask 0x0f00 shift 6 plus 4 eat link 1:',
  ],
];

async function shown(red: Netns, device: string): Promise<string> {
  const printed = await run(red, 'tc', '-d', 'filter', 'show', 'dev', device, 'egress');
  return printed.replace(/\bindex \d+/g, '');
}

/** The options that add what was listed. */
function again({ parent, kind, protocol, priority, chain, handle, actions, u32 }: Filter): AddFilterOptions {
  const place = { parent, kind, protocol, priority, chain };
  const table = u32!.divisor !== undefined;
  const added = { ...place, ...(table ? { handle } : { handle: handle & 0xfff, actions }), ...u32 };
  return added as unknown as AddFilterOptions;
}

describe('addFilter, removeFilter, listFilters', () => {
  let red: Netns;

  beforeAll(async () => {
    red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'x0', 'type', 'veth', 'peer', 'name', 'x1');
  });

  afterAll(() => red.close());

  beforeEach(async () => {
    for (const device of ['x0', 'x1']) await addQdisc(red, device, { kind: 'clsact' });
  });

  afterEach(async () => {
    for (const device of ['x0', 'x1']) await removeQdisc(red, device, { parent: 'ingress' });
  });

  test('a table, a filter in a bucket of it, and filters that lead there', async () => {
    for (const [options, words] of PARTS) {
      await addFilter(red, 'x0', options);
      const command = `filter add dev x1 egress protocol ip prio 5 ${words}`;
      await run(red, 'tc', ...command.split(' '));
    }
    const theirs = await shown(red, 'x1');
    expect(theirs).toContain('ht divisor 16');
    expect(theirs).toContain('link 1:');
    expect(await shown(red, 'x0')).toBe(theirs);

    const listed = await listFilters(red, 'x1');
    expect(listed.map(({ handle }) => handle.toString(16))).toEqual([
      '100000',
      '105800',
      '80000800',
      '80000801',
    ]);
    expect(listed.map(({ u32 }) => u32)).toMatchObject([
      { divisor: 16, keys: [], table: 0 },
      { table: TABLE + 0x5000, keys: u32Keys({ source: '10.0.0.5' }) },
      { table: 0x80000000, link: TABLE, hashKey: { mask: 0xff, offset: 12 } },
      { table: 0x80000000, link: TABLE, nextHeader: { plus: 4, at: 0, mask: 0x0f00, shift: 6, eat: true } },
    ]);
    const json = await run(red, 'tc', '-j', '-d', 'filter', 'show', 'dev', 'x1', 'egress');
    // the words of what follows a header are no names and values: tc 6.1
    const mended = json.replaceAll('"    offset ",', '').replaceAll('," eat "', '');
    const said = (JSON.parse(mended) as Json[]).flatMap(({ options }) =>
      options === undefined ? [] : [options as Json],
    );
    expect(said.filter(({ fh }) => fh !== '800:')).toMatchObject([
      { fh: '1:', ht_divisor: 16 },
      { fh: '1:5:800', key_ht: '1', bkt: '5' },
      { link: '1:', hash_mask: 'ff', hash_off: 12 },
      { link: '1:', offset_mask: 'f00', offset_shift: 6, offset_off: 0, plus: 4 },
    ]);

    // a table goes with the last filter of its priority
    for (const one of [...listed].reverse()) await removeFilter(red, 'x1', { ...one, ifMissing: 'ignore' });
    expect(await listFilters(red, 'x1')).toEqual([]);
    for (const one of listed) await addFilter(red, 'x1', again(one));
    expect(await shown(red, 'x1')).toBe(theirs);
  });

  test('filters of tables that the kernel has numbered are added again in their buckets', async () => {
    await run(
      red,
      'tc',
      ...'filter add dev x1 egress protocol ip prio 4 u32 match u32 0 0 flowid 1:1'.split(' '),
    );
    await run(red, 'tc', ...'filter add dev x1 egress protocol ip prio 5 u32 divisor 4'.split(' '));
    const [, table] = await listFilters(red, 'x1');
    expect(table).toMatchObject({ u32: { divisor: 4 } });
    expect(table!.handle).toBeGreaterThan(0x80000000);
    const in5 = { kind: 'u32', parent: 'egress', protocol: 'ip', priority: 5, keys: [] } as const;
    for (const bucket of [0, 2]) {
      await addFilter(red, 'x1', { ...in5, table: table!.handle + bucket * 0x1000, classId: '1:2' });
    }
    await addFilter(red, 'x1', { ...in5, classId: '1:3' });
    const theirs = await shown(red, 'x1');
    const listed = await listFilters(red, 'x1');
    expect(listed).toHaveLength(5);
    for (const one of [...listed].reverse()) await removeFilter(red, 'x1', { ...one, ifMissing: 'ignore' });
    for (const one of listed) await addFilter(red, 'x1', one);
    expect(await shown(red, 'x1')).toBe(theirs);
    expect(await listFilters(red, 'x1')).toEqual(listed);
  });

  test('packets go by the bucket that their address names', async () => {
    await run(red, 'sh', '-c', 'ip link set lo up; tc qdisc add dev lo clsact');
    const mirror = [{ kind: 'mirred', mode: 'mirror', device: 'x0' }] as const;
    await addFilter(red, 'lo', { ...IN, handle: TABLE, divisor: 256 });
    for (const bucket of [5, 6]) {
      await addFilter(red, 'lo', { ...IN, table: TABLE + bucket * 0x1000, keys: [], actions: mirror });
    }
    await addFilter(red, 'lo', { ...IN, keys: [], link: TABLE, hashKey: { mask: 0xff, offset: 16 } });
    await run(red, 'ping', '-c', '1', '-I', '127.0.0.1', '127.0.0.5');
    const found = (await listFilters(red, 'lo')).filter(({ actions }) => actions.length > 0);
    expect(found.map(({ actions }) => actions[0]!.use.statistics.packets)).toEqual([1, 0]);
    await removeQdisc(red, 'lo', { parent: 'ingress' });
  });

  test('what is there is not added again, and is left or replaced, by its whole number and by the last part of it', async () => {
    // the first table of another priority has a number before it
    await addFilter(red, 'x0', { ...IN, priority: 4, keys: [], handle: 0x801, classId: '1:4' });
    await addFilter(red, 'x0', { ...IN, handle: TABLE, divisor: 16 });
    await addFilter(red, 'x0', { ...IN, keys: [], handle: 0x801, classId: '1:1' });
    await addFilter(red, 'x0', { ...IN, keys: [], table: TABLE + 0x5000, handle: 0x802, classId: '1:1' });
    const [, , inTable, inFirst] = await listFilters(red, 'x0');
    const before = await shown(red, 'x0');
    for (const [one, short] of [
      [inTable!, { table: TABLE + 0x5000, handle: 0x802 }],
      [inFirst!, { handle: 0x801 }],
    ] as const) {
      const byParts = { ...IN, keys: [], ...short, classId: '1:1' };
      const whole = { ...byParts, handle: one.handle };
      for (const options of [byParts, whole, one]) {
        expect(await failure(addFilter(red, 'x0', options))).toMatchObject({
          name: 'NetlinkError',
          code: 'EEXIST',
        });
        await addFilter(red, 'x0', { ...options, ifExists: 'ignore' });
        expect(await shown(red, 'x0')).toBe(before);
      }
      for (const [i, options] of [byParts, whole, one].entries()) {
        const classId = `1:2${i}`;
        await addFilter(red, 'x0', { ...options, ifExists: 'replace', classId });
        const classes = (await listFilters(red, 'x0')).map((each) => each.classId ?? 'none');
        expect(classes.filter((each) => each === classId)).toEqual([classId]);
        expect(classes.length).toBe(4);
        expect(await shown(red, 'x0')).toContain(`flowid ${classId}`);
      }
      await addFilter(red, 'x0', { ...one, ifExists: 'replace' });
      expect(await shown(red, 'x0')).toBe(before);
    }
  });

  test('many replace the same one at once', async () => {
    const classes = Array.from({ length: 50 }, (_, i) => `1:${(i + 1).toString(16)}`);
    const one = { ...IN, keys: [], handle: 1, ifExists: 'replace' } as const;
    await Promise.all(classes.map(async (classId) => addFilter(red, 'x0', { ...one, classId })));
    const [found, ...others] = await listFilters(red, 'x0');
    expect(others).toEqual([]);
    expect(classes).toContain(found!.classId);
  });

  test('what the kernel refuses', async () => {
    const inNone = { ...IN, table: TABLE, keys: [] };
    expect(await failure(addFilter(red, 'x0', inNone))).toMatchObject({
      name: 'NetlinkError',
      code: 'EINVAL',
    });
    await addFilter(red, 'x0', { ...IN, handle: TABLE, divisor: 4 });
    expect(await failure(addFilter(red, 'x0', { ...IN, handle: TABLE, divisor: 4 }))).toMatchObject({
      code: 'EEXIST',
    });
    expect(await failure(addFilter(red, 'x0', { ...IN, table: TABLE + 0x4000, keys: [] }))).toMatchObject({
      code: 'EINVAL',
    });
    await addFilter(red, 'x0', { ...IN, keys: [], link: TABLE });
    const place = { parent: 'egress', priority: 5, protocol: 'ip', kind: 'u32', handle: TABLE } as const;
    expect(await failure(removeFilter(red, 'x0', place))).toMatchObject({
      name: 'NetlinkError',
      code: 'EBUSY',
    });
  });
});
