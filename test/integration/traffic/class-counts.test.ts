// What classes count of their own: listClasses has all that `tc -s class` shows, which prints no JSON of classes (6.1).
import {
  addClass,
  type AddClassOptions,
  addFilter,
  addQdisc,
  type AddQdiscOptions,
  type ClassStatistics,
  createNetns,
  listClasses,
  type Netns,
  removeQdisc,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { run } from '../../support/ip';

const KINDS = 'queueing disciplines of the kinds fq_codel, cake, red and others';

type Text = (counted: ClassStatistics) => string;

/** As tc prints a time of microseconds. */
function time(milliseconds: number): string {
  if (milliseconds >= 1000) return `${Number((milliseconds / 1000).toPrecision(3))}s`;
  if (milliseconds >= 1) return `${Number(milliseconds.toPrecision(3))}ms`;
  return `${Math.round(milliseconds * 1000)}us`;
}

const ticks = (milliseconds: number) => Math.round((milliseconds * 1e6) / 64);
const unlessZero = (name: string, value: number, unit = '') =>
  value === 0 ? '' : `${name} ${value}${unit} `;

/** What tc prints of what a class has counted, but for when the next packet is dropped, which is another time each time. */
const PRINTED: Readonly<Record<string, Text>> = {
  htb: ({ htb }) =>
    ` lended: ${htb!.lent} borrowed: ${htb!.borrowed} giants: 0\n tokens: ${ticks(htb!.tokens)} ctokens: ${ticks(htb!.ceilTokens)}`,
  hfsc: ({ hfsc }) =>
    ` period ${hfsc!.periods} ${unlessZero('work', hfsc!.work, ' bytes')}${unlessZero('rtwork', hfsc!.realTimeWork, ' bytes')}level ${hfsc!.level} `,
  drr: ({ drr }) => ` deficit ${drr!.deficit}b `,
  fq_codel: ({ fq_codel: found }) =>
    `  deficit ${found!.deficit} count ${found!.count} lastcount ${found!.lastCount} ldelay ${time(found!.delay)}` +
    (found!.dropping ? ' dropping' : ''),
  sfq: ({ sfq }) => `  allot ${sfq!.allotment} `,
  cake: ({ cake: found }) =>
    `  deficit ${found!.deficit} count ${found!.count}` +
    (found!.dropping ? ' dropping' : '') +
    ` blue_prob ${Math.round(found!.probability * 1e7) / 1e7}`,
};

const rest = (text: string) =>
  text.replaceAll(/ (drop_next|blue_timer) -?[\d.]+[mu]?s/g, '').replaceAll(/ +$/gm, '');

describe('listClasses', () => {
  let red: Netns;

  beforeAll(async () => {
    red = await createNetns();
    await run(
      red,
      'sh',
      '-ce',
      'ip link add x0 type veth peer name x1; ip link set x1 up; ip link set x0 up; ' +
        'ip addr add 10.0.0.1/24 dev x0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev x0',
    );
  });

  afterAll(() => red.close());

  afterEach(() => removeQdisc(red, 'x0'));

  /** Sends packets that nobody answers. */
  const send = async () =>
    run(red, 'sh', '-c', 'ping -q -c 20 -i 0.005 -s 1000 -W 1 -w 1 10.0.0.2 >/dev/null; true');

  async function compare(kind: string, handle?: string): Promise<ClassStatistics> {
    const printed = await run(red, 'tc', '-s', 'class', 'show', 'dev', 'x0');
    const listed = (await listClasses(red, 'x0')).filter((one) => one.kind === kind);
    const found = listed.find((one) => handle === undefined || one.handle === handle);
    const text = rest(PRINTED[kind]!(found!.statistics));
    const lines = rest(printed);
    expect(lines.slice(lines.indexOf(`class ${kind} ${found!.handle} `))).toContain(text);
    return found!.statistics;
  }

  const OF_CLASSES: readonly AddClassOptions[] = [
    { kind: 'htb', handle: '1:10', rate: 1_000_000 },
    { kind: 'hfsc', handle: '1:10', realTime: { rate: 1_000_000 }, linkShare: { rate: 1_000_000 } },
    { kind: 'drr', handle: '1:10' },
  ];
  for (const options of OF_CLASSES) {
    const { kind } = options;
    testWith(KINDS, `what a class of a ${kind} has counted`, async () => {
      const whole = kind === 'drr' ? {} : { defaultClass: '10' };
      await addQdisc(red, 'x0', { kind, handle: '1:', ...whole } as AddQdiscOptions);
      await addClass(red, 'x0', options);
      if (kind === 'drr')
        await addFilter(red, 'x0', { kind: 'u32', parent: '1:', keys: [], classId: '1:10' });
      await send();
      const counted = await compare(kind, '1:10');
      expect(counted.packets).toBeGreaterThan(0);
      if (kind === 'htb') expect(counted.htb!.lent).toBe(counted.packets);
      if (kind === 'hfsc') expect(counted.hfsc!.work).toBe(counted.bytes);
    });
  }

  for (const kind of ['fq_codel', 'sfq', 'cake'] as const) {
    testWith(KINDS, `what a queue of a ${kind} has counted`, async () => {
      // so slow that the packets stay
      await addQdisc(red, 'x0', { kind: 'tbf', handle: '1:', rate: 8, burst: 2000, limit: 1_000_000 });
      await addQdisc(red, 'x0', { kind, handle: '2:', parent: '1:' } as AddQdiscOptions);
      await send();
      const counted = await compare(kind);
      expect(counted.backlog).toBeGreaterThan(0);
    });
  }
});
