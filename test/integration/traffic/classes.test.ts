import {
  addClass,
  type AddClassOptions,
  addQdisc,
  type AddQdiscOptions,
  createNetns,
  listClasses,
  listQdiscs,
  type Netns,
  removeClass,
  removeQdisc,
  setClass,
  type SetClassOptions,
  setQdisc,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, run } from '../../support/ip';

const HFSC = 'queueing disciplines of the kinds fq_codel, cake, red and others';

/** What tc prints of a class, without the number that the library does not choose: it prints no JSON of classes (6.1). */
async function shown(netns: Netns, device: string, handle: string): Promise<string> {
  const printed = await run(netns, 'tc', '-d', 'class', 'show', 'dev', device);
  return printed.split('\n').find((line) => line.includes(` ${handle} `)) ?? '';
}

const WITH_DEFAULT: ReadonlySet<string> = new Set(['htb', 'hfsc']);

interface Example {
  options: AddClassOptions;
  words: string;
  /** What is listed, where that is not what was given. */
  seen?: object;
}

const EXAMPLES: readonly Example[] = [
  { options: { kind: 'drr', handle: '1:10', quantum: 3000 }, words: 'quantum 3000' },
  { options: { kind: 'drr', handle: '1:10' }, words: '', seen: { quantum: 1514 } },
  { options: { kind: 'qfq', handle: '1:10', weight: 5, maxPacket: 3000 }, words: 'weight 5 maxpkt 3000' },
  // tc sends no options where there are none, which qfq takes since 4.20
  {
    options: { kind: 'qfq', handle: '1:10', weight: 1 },
    words: 'weight 1',
    seen: { weight: 1, maxPacket: 1514 },
  },
  {
    options: { kind: 'htb', handle: '1:10', rate: 1_000_000 },
    words: 'rate 1mbit',
    seen: { rate: 1_000_000, ceil: 1_000_000, burst: 1600, ceilBurst: 1600, priority: 0 },
  },
  {
    options: {
      ...{ kind: 'htb', handle: '1:1a', rate: 1_000_000, ceil: 2_000_000, burst: 3000, ceilBurst: 4000 },
      ...{ quantum: 5000, priority: 3, overhead: 24, mpu: 64 },
    },
    words: 'rate 1mbit ceil 2mbit burst 3000 cburst 4000 quantum 5000 prio 3 overhead 24 mpu 64',
    // 5.10 ignores mpu
    seen: {
      rate: 1_000_000,
      ceil: 2_000_000,
      burst: 3000,
      ceilBurst: 4000,
      quantum: 5000,
      priority: 3,
      overhead: 24,
    },
  },
  {
    options: { kind: 'htb', handle: '1:10', rate: 1_000_000, linkLayer: 'atm', overhead: 10 },
    words: 'rate 1mbit linklayer atm overhead 10',
    seen: { rate: 1_000_000, ceil: 1_000_000, linkLayer: 'atm', overhead: 10 },
  },
  {
    // of such a rate tc makes bursts of 0
    options: { kind: 'htb', handle: '1:20', rate: 40_000_000_000, burst: 0, ceilBurst: 0 },
    words: 'rate 40gbit',
    seen: { rate: 40_000_000_000, burst: 0, ceilBurst: 0 },
  },
  {
    options: { kind: 'htb', handle: '1:20', rate: 40_000_000_000, ceil: 80_000_000_000 },
    words: 'rate 40gbit ceil 80gbit',
    seen: { rate: 40_000_000_000, ceil: 80_000_000_000 },
  },
  {
    options: {
      ...{ kind: 'hfsc', handle: '1:10' },
      realTime: { rate: 500_000, firstRate: 1_000_000, firstTime: 10 },
      linkShare: { rate: 2_000_000, firstRate: 0, firstTime: 0 },
      upperLimit: { rate: 5_000_000, firstRate: 0, firstTime: 0 },
    },
    words: 'rt m1 1mbit d 10ms m2 500kbit ls m2 2mbit ul m2 5mbit',
  },
];

describe('addClass, setClass, removeClass, listClasses', () => {
  let red: Netns;

  beforeAll(async () => {
    red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'x0', 'type', 'veth', 'peer', 'name', 'x1');
  });

  afterAll(() => red.close());

  afterEach(async () => {
    for (const device of ['x0', 'x1']) await removeQdisc(red, device, { ifMissing: 'ignore' });
  });

  async function bothWays({ options, words, seen }: Example): Promise<void> {
    const { kind, handle, ...own } = options;
    for (const device of ['x0', 'x1']) {
      const whole = WITH_DEFAULT.has(kind) ? { defaultClass: '30' } : {};
      await addQdisc(red, device, { kind, handle: '1:', ...whole } as AddQdiscOptions);
      const [found] = await listQdiscs(red, { device });
      expect(found?.[kind] ?? {}).toMatchObject(whole);
    }
    await addClass(red, 'x0', options);
    await run(
      red,
      'tc',
      ...`class add dev x1 parent 1: classid ${handle} ${kind} ${words}`.trim().split(' '),
    );
    const theirs = await shown(red, 'x1', handle);
    expect(theirs).not.toBe('');
    expect(await shown(red, 'x0', handle)).toBe(theirs);
    for (const device of ['x0', 'x1']) {
      const found = (await listClasses(red, device)).find((one) => one.handle === handle);
      expect(found?.[kind]).toMatchObject(seen ?? own);
      expect(found).toMatchObject({ kind, parent: kind === 'hfsc' ? '1:' : 'root' });
      expect(found?.statistics.packets).toBe(0);
    }
    await setClass(red, 'x1', { kind, handle } as SetClassOptions);
    expect(await shown(red, 'x1', handle)).toBe(theirs);
    if (kind === 'htb') {
      // all others are written as they were read
      await setClass(red, 'x1', { kind, handle, priority: options.priority ?? 0 });
    }
    expect(await shown(red, 'x1', handle)).toBe(theirs);
    const found = (await listClasses(red, 'x1')).find((one) => one.handle === handle);
    await setClass(red, 'x1', found!);
    expect(await shown(red, 'x1', handle)).toBe(theirs);
    await removeClass(red, 'x1', found!);
    expect(await shown(red, 'x1', handle)).toBe('');
    await addClass(red, 'x1', found!);
    expect(await shown(red, 'x1', handle)).toBe(theirs);
  }

  for (const example of EXAMPLES) {
    const title = JSON.stringify(example.options);
    testWith(example.options.kind === 'htb' ? undefined : HFSC, title, async () => bothWays(example));
  }

  for (const [kind, own] of [
    ['htb', { rate: 1_000_000 }],
    ['hfsc', { linkShare: { rate: 1_000_000 } }],
  ] as const) {
    testWith(
      kind === 'htb' ? undefined : HFSC,
      `a tree of ${kind} is added again as it is listed`,
      async () => {
        const whole = { kind, handle: '1:', defaultClass: '5' } as AddQdiscOptions;
        await addQdisc(red, 'x0', whole);
        // numbers in an order other than that of the tree
        for (const [minor, above] of [
          ['20', ''],
          ['10', '20'],
          ['30', '10'],
          ['5', '30'],
          ['40', '20'],
        ] as const) {
          const parent = `1:${above}`;
          await addClass(red, 'x0', { kind, handle: `1:${minor}`, parent, ...own } as AddClassOptions);
        }
        const printed = await run(red, 'tc', 'class', 'show', 'dev', 'x0');
        const listed = await listClasses(red, 'x0');
        expect(listed.map(({ handle }) => handle).sort()).toEqual(['1:10', '1:20', '1:30', '1:40', '1:5']);
        await removeQdisc(red, 'x0');
        await addQdisc(red, 'x0', whole);
        for (const one of listed) await addClass(red, 'x0', one);
        const sorted = (text: string) => text.split('\n').sort();
        expect(sorted(await run(red, 'tc', 'class', 'show', 'dev', 'x0'))).toEqual(sorted(printed));
        expect(await listClasses(red, 'x0')).toEqual(listed);
      },
    );
  }

  test('a change leaves what is not given, and packets wait in what is below', async () => {
    await addQdisc(red, 'x0', { kind: 'htb', handle: '1:' });
    await addClass(red, 'x0', { kind: 'htb', handle: '1:1', rate: 10_000_000 });
    await addClass(red, 'x0', {
      kind: 'htb',
      handle: '1:10',
      parent: '1:1',
      rate: 1_000_000,
      ceil: 2_000_000,
    });
    await addQdisc(red, 'x0', { kind: 'pfifo', handle: '10:', parent: '1:10', limit: 50 });
    await setClass(red, 'x0', { kind: 'htb', handle: '1:10', rate: 1_500_000 });
    expect(await shown(red, 'x0', '1:10')).toContain('parent 1:1 leaf 10: prio 0');
    expect(await shown(red, 'x0', '1:10')).toContain('rate 1500Kbit ceil 2Mbit');
    const found = (await listClasses(red, 'x0')).find(({ handle }) => handle === '1:10');
    expect(found).toMatchObject({ parent: '1:1', leaf: '10:', htb: { rate: 1_500_000, ceil: 2_000_000 } });
    const below = { kind: 'pfifo', handle: '10:', parent: '1:10', pfifo: { limit: 50 } };
    expect(await listQdiscs(red, { device: 'x0' })).toContainEqual(expect.objectContaining(below));
    await setQdisc(red, 'x0', { kind: 'pfifo', handle: '10:', limit: 60 });
    expect(await run(red, 'tc', 'qdisc', 'show', 'dev', 'x0')).toContain('pfifo 10: parent 1:10 limit 60p');
    await removeQdisc(red, 'x0', { handle: '10:', parent: '1:10' });
    expect((await listQdiscs(red, { device: 'x0' })).map(({ kind }) => kind)).toEqual(['htb']);
  });

  test('what was listed is changed, but for its parent', async () => {
    await addQdisc(red, 'x0', { kind: 'htb', handle: '1:' });
    await addClass(red, 'x0', { kind: 'htb', handle: '1:1', rate: 1_000_000, priority: 3 });
    await addClass(red, 'x0', { kind: 'htb', handle: '1:10', parent: '1:1', rate: 1_000_000 });
    const found = (await listClasses(red, 'x0')).find(({ handle }) => handle === '1:10')!;
    const { htb = { rate: 0 } } = found;
    await setClass(red, 'x0', { ...found, htb: { ...htb, rate: 2_000_000, ceil: 2_000_000 } });
    expect(await shown(red, 'x0', '1:10')).toMatch(/parent 1:1 .*rate 2Mbit ceil 2Mbit/);
    const moved = await failure(setClass(red, 'x0', { ...found, parent: '1:' }));
    expect(moved).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'parent' });
    expect(moved.message).toMatch(/it can be given at creation only$/);
    // what is there by now counts, and not what was listed
    await setClass(red, 'x0', found);
    expect(await shown(red, 'x0', '1:10')).toMatch(/rate 1Mbit ceil 1Mbit/);
  });

  test('what is below a class goes with the class', async () => {
    await addQdisc(red, 'x0', { kind: 'htb', handle: 'ffff:' });
    await addClass(red, 'x0', { kind: 'htb', handle: 'ffff:2', rate: 5_000_000_000 });
    await addQdisc(red, 'x0', { kind: 'bfifo', handle: '2:', parent: 'ffff:2', limit: 5000 });
    const kinds = async () => (await listQdiscs(red, { device: 'x0' })).map(({ kind }) => kind);
    expect(await kinds()).toEqual(['htb', 'bfifo']);
    await removeClass(red, 'x0', { handle: 'ffff:2' });
    expect(await listClasses(red, 'x0')).toEqual([]);
    expect(await kinds()).toEqual(['htb']);
    expect(await run(red, 'tc', 'class', 'show', 'dev', 'x0')).toBe('');
    expect(await run(red, 'tc', 'qdisc', 'show', 'dev', 'x0')).not.toContain('bfifo');
  });

  test('what the kernel refuses', async () => {
    const ten = { kind: 'htb', handle: '1:10', rate: 1_000_000 } as const;
    expect(await failure(addClass(red, 'x0', ten))).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
    await addQdisc(red, 'x0', { kind: 'htb', handle: '1:' });
    await addClass(red, 'x0', ten);
    expect(await failure(addClass(red, 'x0', ten))).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    await addClass(red, 'x0', { ...ten, ifExists: 'ignore' });
    await addClass(red, 'x0', { ...ten, rate: 3_000_000, ifExists: 'replace' });
    expect(await shown(red, 'x0', '1:10')).toContain('rate 3Mbit ceil 3Mbit');
    await addClass(red, 'x0', { ...ten, handle: '1:11', parent: '1:10' });
    for (const [parent, code, words] of [
      ['5:1', 'ENOENT', /: there is no such parent$/],
      ['1:99', 'ENOENT', /: there is no such parent$/],
      [
        '1:10',
        'EINVAL',
        /: the parent takes none, as a class with classes below, or what is given does not fit$/,
      ],
    ] as const) {
      const error = await failure(addQdisc(red, 'x0', { kind: 'pfifo', parent }));
      expect(error).toMatchObject({ name: 'NetlinkError', code });
      expect(error.message).toMatch(words);
    }
    const otherKind = await failure(addClass(red, 'x0', { kind: 'drr', handle: '1:20', quantum: 1500 }));
    expect(otherKind.message).toMatch(
      /: the queueing discipline is of another kind, or what is given does not fit it$/,
    );
    const orphan = { ...ten, handle: '1:12', parent: '1:99' };
    for (const ifExists of ['fail', 'ignore', 'replace'] as const) {
      expect(await failure(addClass(red, 'x0', { ...orphan, ifExists }))).toMatchObject({ code: 'ENOENT' });
      expect(await shown(red, 'x0', '1:12')).toBe('');
    }
    await addClass(red, 'x0', { ...orphan, parent: '1:10', ifExists: 'replace' });
    await addClass(red, 'x0', { ...orphan, parent: '1:10', rate: 2_000_000, ifExists: 'replace' });
    expect(await shown(red, 'x0', '1:12')).toMatch(/parent 1:10 prio 0 .*rate 2Mbit/);
    expect(await failure(removeClass(red, 'x0', { handle: '1:10' }))).toMatchObject({ code: 'EBUSY' });
    expect(await failure(removeClass(red, 'x0', { handle: '1:99' }))).toMatchObject({ code: 'ENOENT' });
    await removeClass(red, 'x0', { handle: '1:99', ifMissing: 'ignore' });
    const other = await failure(setClass(red, 'x0', { kind: 'htb', handle: '1:99', rate: 5000 }));
    expect(other).toMatchObject({ code: 'ENOENT' });
    expect(await failure(listClasses(red, 'nosuch'))).toMatchObject({ code: 'ENODEV' });
  });
});
