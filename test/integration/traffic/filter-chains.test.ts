// Chains of filters, made by addFilterChain and by tc: tc shows both alike, and listFilterChains returns all that tc shows.
import {
  addFilter,
  addFilterChain,
  addQdisc,
  createNetns,
  listFilterChains,
  listFilters,
  type Netns,
  removeFilterChain,
  removeQdisc,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const TEMPLATES = 'templates of chains of filters';

const shown = async (netns: Netns, device: string) =>
  run(netns, 'tc', 'chain', 'show', 'dev', device, 'ingress');

describe('addFilterChain, removeFilterChain, listFilterChains', () => {
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

  test('a chain is added, listed and removed', async () => {
    await addFilterChain(red, 'x0', { parent: 'ingress', chain: 20 });
    await run(red, 'tc', ...'chain add dev x1 ingress chain 20'.split(' '));
    const theirs = await shown(red, 'x1');
    expect(theirs).toContain('chain 20');
    expect(await shown(red, 'x0')).toBe(theirs);
    const [found, ...others] = await listFilterChains(red, 'x1');
    expect(others).toEqual([]);
    const said = JSON.parse(await run(red, 'tc', '-j', 'chain', 'show', 'dev', 'x1', 'ingress')) as Json[];
    expect(found).toEqual({
      index: expect.any(Number) as unknown,
      parent: 'ingress',
      chain: said[0]!['chain'],
    });
    expect(await listFilterChains(red, 'x1', { parent: 'egress' })).toEqual([]);

    // what is listed is taken, by removeFilterChain and by addFilterChain
    await removeFilterChain(red, 'x1', found!);
    expect(await shown(red, 'x1')).toBe('');
    await addFilterChain(red, 'x1', found!);
    expect(await shown(red, 'x1')).toBe(theirs);
  });

  testWith(TEMPLATES, 'a template says by what the filters of a chain find packets', async () => {
    const words =
      'chain add dev x1 ingress chain 3 protocol ip flower src_ip 0.0.0.0/8 ip_proto tcp dst_port 0/0xff00';
    await run(red, 'tc', ...words.split(' '));
    const template = {
      ...({ etherType: 'ip', source: '0.0.0.0/8', ipProtocol: 'tcp' } as const),
      destinationPort: { value: 0, mask: 0xff00 },
    };
    await addFilterChain(red, 'x0', { parent: 'ingress', chain: 3, template });
    const theirs = await shown(red, 'x1');
    expect(theirs).toContain('src_ip 0.0.0.0/8');
    expect(await shown(red, 'x0')).toBe(theirs);
    const [found] = await listFilterChains(red, 'x1');
    expect(found).toEqual({ index: found!.index, parent: 'ingress', chain: 3, template });
    await removeFilterChain(red, 'x1', found!);
    await addFilterChain(red, 'x1', found!);
    expect(await shown(red, 'x1')).toBe(theirs);

    const filter = { kind: 'flower', parent: 'ingress', protocol: 'ip', chain: 3 } as const;
    await addFilter(red, 'x0', { ...filter, source: '10.0.0.0/8' });
    const wider = await failure(addFilter(red, 'x0', { ...filter, destination: '10.0.0.1' }));
    expect(wider).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    expect(wider.message).toMatch(/Mask does not fit the template$/);
  });

  test('a chain that its filters have made is listed, and goes with them', async () => {
    const filter = { kind: 'u32', parent: 'egress', keys: [] } as const;
    await addFilter(red, 'x0', { ...filter, chain: 4 });
    await addFilter(red, 'x0', { ...filter, chain: 5 });
    expect(await listFilterChains(red, 'x0')).toMatchObject([
      { parent: 'egress', chain: 4 },
      { parent: 'egress', chain: 5 },
    ]);
    await removeFilterChain(red, 'x0', { parent: 'egress', chain: 4 });
    expect((await listFilters(red, 'x0')).map(({ chain }) => chain)).toEqual([5]);
    expect((await listFilterChains(red, 'x0')).map(({ chain }) => chain)).toEqual([5]);
  });

  test('what the kernel refuses', async () => {
    const five = { parent: 'ingress', chain: 5 };
    await addFilterChain(red, 'x0', five);
    const twice = await failure(addFilterChain(red, 'x0', five));
    expect(twice).toMatchObject({ name: 'NetlinkError', code: 'EEXIST', device: 'x0' });
    await addFilterChain(red, 'x0', { ...five, ifExists: 'ignore' });
    await removeFilterChain(red, 'x0', five);
    const missing = { name: 'NetlinkError', code: 'ENOENT', device: 'x0' };
    expect(await failure(removeFilterChain(red, 'x0', five))).toMatchObject(missing);
    await removeFilterChain(red, 'x0', { ...five, ifMissing: 'ignore' });
    const noPlace = await failure(addFilterChain(red, 'lo', five));
    expect(noPlace).toMatchObject({ code: 'EINVAL', device: 'lo' });
    expect(noPlace.message).toContain("there is no such place: 'ingress' and 'egress' need");
    for (const call of [addFilterChain, removeFilterChain]) {
      expect(await failure(call(red, 'nosuch', five))).toMatchObject({ code: 'ENODEV', device: 'nosuch' });
    }
    expect(await failure(listFilterChains(red, 'nosuch'))).toMatchObject({ code: 'ENODEV' });
  });

  test.each([
    [{ chain: 5 }, /^parent: it has to be given/],
    [{ parent: 'ingress' }, /^chain: it has to be given/],
    [{ parent: 'ingress', chain: -1 }, /^chain: expected an integer from 0/],
    [
      { parent: 'ingress', chain: 5, template: { source: '10.0.0.1' } },
      /^template: source: 'etherType' has to be/,
    ],
    [{ parent: 'ingress', chain: 5, template: { sorce: '10.0.0.1' } }, /^template\.sorce: .*'source'/],
  ])('%j is refused before the kernel is asked', async (options, message) => {
    const error = await failure(addFilterChain(red, 'nosuch', options as never));
    expect(error.message).toMatch(message);
  });
});
