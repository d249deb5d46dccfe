// What somebody else has put at a device stays: nothing of it is replaced, and only what is meant is removed.
import {
  addClass,
  addQdisc,
  clearImpairment,
  createNetns,
  listClasses,
  listQdiscs,
  type Netns,
  removeQdisc,
  setClass,
  setImpairment,
  setQdisc,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const NETEM: Capability = 'queueing disciplines of the kind netem';

const TBF = { kind: 'tbf', rate: 1_000_000, burst: 3000, limit: 20_000 } as const;

describe('addQdisc, setQdisc, removeQdisc, setImpairment, clearImpairment, setClass', () => {
  let red: Netns;

  beforeAll(async () => {
    red = await createNetns();
    await run(red, 'sh', '-c', 'ip link add x0 type veth peer name x1; ip link set x0 up');
  });

  afterAll(() => red.close());

  afterEach(async () => {
    await removeQdisc(red, 'x0', { ifMissing: 'ignore' });
    await removeQdisc(red, 'x0', { parent: 'ingress', ifMissing: 'ignore' });
  });

  const tc = async (words: string) => run(red, 'tc', ...words.split(' '));
  const shown = async () => tc('qdisc show dev x0');

  /** The kinds and numbers that tc shows. */
  async function kinds(): Promise<unknown[]> {
    const found = JSON.parse(await tc('-j qdisc show dev x0')) as Json[];
    return found.map(({ kind, handle }) => `${String(kind)} ${String(handle)}`);
  }

  test.each([
    ['root', 'root handle 1: htb', { kind: 'pfifo', limit: 5 }],
    ['root', 'root handle 1: htb', { kind: 'pfifo', handle: '2:', limit: 5 }],
    ['root', 'root handle 1: htb', { kind: 'pfifo', handle: '1:', limit: 5 }],
    ['root', 'root handle 1: htb', { kind: 'htb' }],
    ['ingress', 'clsact', { kind: 'ingress' }],
    ['ingress', 'clsact', { kind: 'clsact' }],
    ['ingress', 'ingress', { kind: 'clsact', handle: 'ffff:' }],
  ] as const)('at the %s, %s is not replaced by %j', async (_, theirs, options) => {
    await tc(`qdisc add dev x0 ${theirs}`);
    const before = await shown();
    const refused = { name: 'NetlinkError', code: 'EEXIST', device: 'x0' };
    expect(await failure(addQdisc(red, 'x0', options))).toMatchObject(refused);
    expect(await shown()).toBe(before);
    await addQdisc(red, 'x0', { ...options, ifExists: 'ignore' });
    expect(await shown()).toBe(before);
  });

  test('below a class, too, only what the kernel has put there is replaced', async () => {
    await addQdisc(red, 'x0', { kind: 'htb', handle: '1:' });
    await addClass(red, 'x0', { kind: 'htb', handle: '1:10', rate: 1_000_000 });
    await addQdisc(red, 'x0', { kind: 'bfifo', parent: '1:10', handle: '10:' });
    const error = await failure(addQdisc(red, 'x0', { kind: 'pfifo', parent: '1:10' }));
    expect(error).toMatchObject({ code: 'EEXIST' });
    expect(error.message).toContain('somebody has added a bfifo (10:) at 1:10, which is not replaced');
    expect(await kinds()).toEqual(['htb 1:', 'bfifo 10:']);
  });

  test('where the kernel had its own, nothing is removed that somebody has added since', async () => {
    const [own] = await listQdiscs(red, { device: 'x0' });
    expect(own).toMatchObject({ kind: 'noqueue', handle: '0:' });
    await tc('qdisc add dev x0 root handle 7: htb');
    const missing = { name: 'NetlinkError', code: 'ENOENT', device: 'x0' };
    expect(await failure(removeQdisc(red, 'x0', own))).toMatchObject(missing);
    await removeQdisc(red, 'x0', { ...own, ifMissing: 'ignore' });
    expect(await kinds()).toEqual(['htb 7:']);
    expect(await failure(removeQdisc(red, 'nosuch', own))).toMatchObject({ code: 'ENODEV' });
  });

  test('one of another kind, or with another number, is not removed', async () => {
    await addQdisc(red, 'x0', { ...TBF, handle: '7:' });
    const missing = { name: 'NetlinkError', code: 'ENOENT', device: 'x0' };
    for (const other of [{ kind: 'htb' }, { handle: '8:' }, { kind: 'htb', handle: '7:' }]) {
      expect(await failure(removeQdisc(red, 'x0', other))).toMatchObject(missing);
      await removeQdisc(red, 'x0', { ...other, ifMissing: 'ignore' });
      expect(await kinds()).toEqual(['tbf 7:']);
    }
    await removeQdisc(red, 'x0', { kind: 'tbf', handle: '7:' });
    expect(await kinds()).toEqual(['noqueue 0:']);
    expect(await failure(removeQdisc(red, 'x0', { kind: 'tbf' }))).toMatchObject(missing);
  });

  test('one of the other side of the device is found by its kind', async () => {
    for (const one of [{ kind: 'clsact' }, { kind: 'ingress' }] as const) {
      const { kind } = one;
      const missing = await failure(removeQdisc(red, 'x0', { kind }));
      expect(missing).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
      await addQdisc(red, 'x0', one);
      await removeQdisc(red, 'x0', { kind: kind === 'clsact' ? 'ingress' : 'clsact', ifMissing: 'ignore' });
      expect(await kinds()).toEqual(['noqueue 0:', `${kind} ffff:`]);
      await setQdisc(red, 'x0', one);
      await removeQdisc(red, 'x0', { kind });
      expect(await kinds()).toEqual(['noqueue 0:']);
    }
  });

  testWith(NETEM, 'impairments that are set and cleared at once take place one after the other', async () => {
    await Promise.all([1, 2, 3].map(async (delay) => setImpairment(red, 'x0', { delay })));
    expect((await listQdiscs(red, { device: 'x0' }))[0]?.netem?.delay).toBe(3);
    await Promise.all([
      clearImpairment(red, 'x0'),
      setImpairment(red, 'x0', { delay: 4 }),
      removeQdisc(red, 'x0'),
      setImpairment(red, 'x0', { delay: 5 }),
      setQdisc(red, 'x0', { kind: 'netem', loss: 1 }),
      setQdisc(red, 'x0', { kind: 'netem', duplicate: 2 }),
    ]);
    const [found] = await listQdiscs(red, { device: 'x0' });
    expect(found?.netem).toMatchObject({ delay: 5, loss: 1, duplicate: 2 });
    await Promise.all([setImpairment(red, 'x0', { delay: 6 }), clearImpairment(red, 'x0')]);
    expect(await kinds()).toEqual(['noqueue 0:']);
  });

  test('two are not added at once', async () => {
    const added = await Promise.allSettled([
      addQdisc(red, 'x0', TBF),
      addQdisc(red, 'x0', { kind: 'pfifo' }),
      addQdisc(red, 'x0', { kind: 'bfifo', ifExists: 'ignore' }),
    ]);
    expect(added.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await shown()).toContain('tbf');
  });

  test('changes of one class at once lose nothing', async () => {
    await addQdisc(red, 'x0', { kind: 'htb', handle: '1:' });
    await addClass(red, 'x0', { kind: 'htb', handle: '1:10', rate: 1_000_000 });
    const ten = { kind: 'htb', handle: '1:10' } as const;
    await Promise.all([
      setClass(red, 'x0', { ...ten, rate: 3_000_000, ceil: 4_000_000 }),
      setClass(red, 'x0', { ...ten, priority: 5 }),
      setClass(red, 'x0', { ...ten, quantum: 5000 }),
    ]);
    const [found] = await listClasses(red, 'x0');
    expect(found?.htb).toMatchObject({ rate: 3_000_000, ceil: 4_000_000, priority: 5, quantum: 5000 });
  });
});
