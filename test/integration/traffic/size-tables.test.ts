// What every queueing discipline may have, of whatever kind: tc shows of ours what it shows of its own.
import {
  addQdisc,
  createNetns,
  listQdiscs,
  type Netns,
  removeQdisc,
  setImpairment,
  setQdisc,
  type SizeTable,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const NETEM = 'queueing disciplines of the kind netem';

describe('addQdisc, setQdisc, listQdiscs', () => {
  let red: Netns;

  beforeAll(async () => {
    // only the packets of ping are to leave
    red = await createNetns(undefined, { ipv6: false });
    await run(red, 'ip', 'link', 'add', 'x0', 'type', 'veth', 'peer', 'name', 'x1');
    await run(
      red,
      'sh',
      '-ce',
      'ip link set x1 up; ip link set x0 up; ip addr add 10.0.0.1/24 dev x0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev x0',
    );
  });

  afterAll(() => red.close());

  afterEach(async () => {
    for (const device of ['x0', 'x1']) {
      for (const parent of ['root', 'ingress']) {
        await removeQdisc(red, device, { parent, ifMissing: 'ignore' });
      }
    }
  });

  async function shown(device: string): Promise<Json> {
    const found = JSON.parse(await run(red, 'tc', '-j', '-d', 'qdisc', 'show', 'dev', device)) as Json[];
    const { dev: _, ...rest } = found.find(({ handle }) => handle !== '0:')!;
    return rest;
  }
  const listed = async (device: string) =>
    (await listQdiscs(red, { device })).find(({ handle }) => handle !== '0:')!;

  const TBF = { kind: 'tbf', handle: '1:', rate: 1_000_000, burst: 3000, limit: 20_000 } as const;
  const TABLES: readonly (readonly [table: SizeTable, words: string, seen?: SizeTable])[] = [
    [{ overhead: 10 }, 'overhead 10 linklayer ethernet', { overhead: 10, linkLayer: 'ethernet', mpu: 0 }],
    [{ overhead: -4 }, 'overhead -4 linklayer ethernet'],
    [
      { linkLayer: 'atm', overhead: 10 },
      'linklayer adsl overhead 10',
      { linkLayer: 'atm', overhead: 10, mpu: 0, mtu: 2047, size: 512 },
    ],
    [{ linkLayer: 'atm', mpu: 64, mtu: 2048, size: 256 }, 'linklayer adsl mpu 64 mtu 2048 tsize 256'],
    [{ mpu: 100, mtu: 100_000, size: 64 }, 'linklayer ethernet mpu 100 mtu 100000 tsize 64'],
  ];
  for (const [sizeTable, words, seen = sizeTable] of TABLES) {
    test(`a table of sizes: ${words}`, async () => {
      await addQdisc(red, 'x0', { ...TBF, sizeTable });
      const all = `qdisc add dev x1 root handle 1: stab ${words} tbf rate 1mbit burst 3000 limit 20000`;
      await run(red, 'tc', ...all.split(' '));
      const theirs = await shown('x1');
      expect(theirs['stab']).toBeDefined();
      expect(await shown('x0')).toEqual(theirs);
      const { linklayer, overhead, mpu, mtu, tsize } = theirs['stab'] as Json;
      const found = (await listed('x1')).sizeTable!;
      expect(found).toMatchObject(seen);
      expect(found.linkLayer).toBe(linklayer);
      expect(found.overhead).toBe(overhead ?? 0);
      expect(found.mpu).toBe(mpu ?? 0);
      expect([found.mtu, found.size]).toEqual([mtu, tsize]);

      // a change leaves it, and what is listed has it
      await setQdisc(red, 'x1', { kind: 'tbf', rate: 2_000_000 });
      expect((await shown('x1'))['stab']).toEqual(theirs['stab']);
      const again = await listed('x0');
      await removeQdisc(red, 'x0', again);
      await addQdisc(red, 'x0', again);
      expect(await shown('x0')).toEqual(theirs);
    });
  }

  test('packets count what the table says, as with the one that tc makes', async () => {
    const sizes: number[] = [];
    for (const ours of [true, false]) {
      const sizeTable = { linkLayer: 'atm', mpu: 300, overhead: 7 } as const;
      if (ours) await addQdisc(red, 'x0', { kind: 'pfifo', handle: '1:', limit: 100, sizeTable });
      else {
        const words = 'qdisc add dev x0 root handle 1: stab linklayer atm mpu 300 overhead 7 pfifo limit 100';
        await run(red, 'tc', ...words.split(' '));
      }
      for (const size of [10, 500, 1400]) {
        const before = (await listed('x0')).statistics;
        await run(red, 'sh', '-c', `ping -q -c 1 -s ${size} -W 1 -w 1 10.0.0.2 >/dev/null; true`);
        const { bytes, packets } = (await listed('x0')).statistics;
        sizes.push((bytes - before.bytes) / (packets - before.packets));
      }
      await removeQdisc(red, 'x0');
    }
    expect(sizes.slice(0, 3)).toEqual(sizes.slice(3));
    expect(sizes[0]).toBeGreaterThan(300);
    expect(sizes[0]! % 53).toBe(0);
  });

  test('setQdisc gives one a table, which a replacement without one takes away', async () => {
    await addQdisc(red, 'x0', TBF);
    expect((await listed('x0')).sizeTable).toBe(undefined);
    await setQdisc(red, 'x0', { kind: 'tbf', sizeTable: { overhead: 5 } });
    expect((await shown('x0'))['stab']).toEqual({ linklayer: 'ethernet', overhead: 5 });
    await addQdisc(red, 'x0', { ...TBF, ifExists: 'replace' });
    expect((await shown('x0'))['stab']).toBe(undefined);
  });

  testWith(NETEM, 'setImpairment leaves the table', async () => {
    await addQdisc(red, 'x0', { kind: 'netem', handle: '1:', delay: 5, sizeTable: { overhead: 5 } });
    await setImpairment(red, 'x0', { delay: 10 });
    expect(await shown('x0')).toMatchObject({ stab: { overhead: 5 }, options: { delay: { delay: 0.01 } } });
  });

  test('blocks of filters that devices share', async () => {
    const blocks = { ingressBlock: 5, egressBlock: 6 };
    await addQdisc(red, 'x0', { kind: 'clsact', ...blocks });
    await run(red, 'tc', ...'qdisc add dev x1 ingress_block 5 egress_block 6 clsact'.split(' '));
    expect(await shown('x0')).toEqual(await shown('x1'));
    expect(await listed('x1')).toMatchObject(blocks);
    const found = await listed('x1');
    await setQdisc(red, 'x1', found);
    const moved = await failure(setQdisc(red, 'x1', { ...found, ingressBlock: 7 }));
    expect(moved).toMatchObject({ code: 'EOPNOTSUPP', option: 'ingressBlock' });
    await removeQdisc(red, 'x1', found);
    await addQdisc(red, 'x1', found);
    expect(await shown('x1')).toMatchObject({ ingress_block: 5, egress_block: 6 });
    const other = failure(addQdisc(red, 'x0', { kind: 'pfifo', handle: '1:', ingressBlock: 5 }));
    expect(await other).toMatchObject({ name: 'NetlinkError' });
    expect((await listQdiscs(red, { device: 'x0' })).map(({ kind }) => kind)).not.toContain('pfifo');
  });

  const WRONG: readonly (readonly [options: object, message: RegExp])[] = [
    [{ sizeTable: 5 }, /^sizeTable: expected an object, got 5/],
    [{ sizeTable: { overhed: 5 } }, /^sizeTable\.overhed: there is no such option; did you mean 'overhead'/],
    [{ sizeTable: { linkLayer: 'adsl' } }, /^sizeTable\.linkLayer: expected one of ethernet, atm/],
    [{ sizeTable: { size: 1 } }, /^sizeTable\.size: expected an integer from 2 to 16384/],
    [{ ingressBlock: 0 }, /^ingressBlock: expected an integer from 1/],
  ];
  test.each(WRONG)('%j is refused before the kernel is asked', async (options, message) => {
    const error = await failure(addQdisc(red, 'nosuch', { kind: 'pfifo', ...options }));
    expect(error.message).toMatch(message);
  });
});
