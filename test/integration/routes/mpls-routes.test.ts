// Routes of MPLS, field by field: what `ip` adds is listed, and what is added, `ip` prints.
import {
  addMplsRoute,
  addRoute,
  createNetns,
  getMplsRoute,
  getNeighbor,
  listMplsRoutes,
  listRoutes,
  type MplsRoute,
  type MplsRouteNexthop,
  type MplsRouteOptions,
  type Netns,
  removeMplsRoute,
  setSysctl,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';
import { MPLS_ROUTES } from '../../support/mpls-routes';
import { linked, subnets } from '../../support/namespaces';

const MPLS = 'routes of MPLS';

async function lab(): Promise<Netns> {
  const red = await subnets();
  await setSysctl(red, 'net.mpls.platform_labels', 1000);
  return red;
}

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['link', /^..:..:..:/],
  ['inet6', /:/],
  ['inet', /\./],
];

/** A way of ours in the words of `ip -j`, which has nothing where there is none. */
function wayInWords(
  { via = '', newLabels, index, flags }: MplsRoute | MplsRouteNexthop,
  names: ReadonlyMap<unknown, unknown>,
) {
  const family = FAMILIES.find(([, pattern]) => pattern.test(via))?.[0];
  return {
    ...(newLabels && { to: newLabels.join('/') }),
    ...(family !== undefined && { via: { family, host: via } }),
    ...(index !== undefined && { dev: names.get(index) }),
    flags,
  };
}

function inWordsOfIp(route: MplsRoute, names: ReadonlyMap<unknown, unknown>): Json {
  const { label, protocol, nexthops, ttlPropagate } = route;
  return {
    type: 'unicast',
    dst: String(label),
    ...wayInWords(route, names),
    protocol: String(protocol),
    scope: 'global',
    // so ip spells it
    ...(ttlPropagate !== undefined && { 'ttl-propogate': ttlPropagate }),
    ...(nexthops && { nexthops: nexthops.map((hop) => wayInWords(hop, names)) }),
  };
}

const shown = async (netns: Netns) => ip(netns, '-f', 'mpls', 'route');

async function namesOf(netns: Netns) {
  return new Map((await ip(netns, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
}

describe('addMplsRoute, removeMplsRoute, getMplsRoute, listMplsRoutes', () => {
  testWith(MPLS, 'ip and we read what the other has written', async () => {
    await using red = await lab();
    const names = await namesOf(red);
    for (const [options, words] of MPLS_ROUTES) {
      await run(red, 'ip', '-f', 'mpls', 'route', 'add', ...words.split(' '));
      const theirs = await shown(red);
      const [listed, ...others] = await listMplsRoutes(red);
      expect(others).toEqual([]);
      expect(listed!.unknown).toBeUndefined();
      expect([words, inWordsOfIp(listed!, names)]).toEqual([words, theirs[0]]);
      expect(await getMplsRoute(red, options.label)).toEqual(listed);
      for (const again of [listed!, options]) {
        await removeMplsRoute(red, listed!);
        expect(await shown(red)).toEqual([]);
        await addMplsRoute(red, again);
        expect([words, await shown(red)]).toEqual([words, theirs]);
        expect(await listMplsRoutes(red)).toEqual([listed]);
      }
      await removeMplsRoute(red, { label: options.label });
    }
  });

  testWith(MPLS, 'all of them are listed, beside the routes of IP', async () => {
    await using red = await lab();
    const before = await listRoutes(red, { table: 'all' });
    for (const [options] of MPLS_ROUTES) await addMplsRoute(red, options);
    const labels = async (filter = {}) => (await listMplsRoutes(red, filter)).map(({ label }) => label);
    expect(await labels()).toEqual([16, 100, 101, 102, 103, 999]);
    expect(await labels({ protocol: 'static' })).toEqual([16]);
    expect(await labels({ protocol: 4 })).toEqual([16]);
    expect(await labels({ protocol: 77, device: 'eth1' })).toEqual([999]);
    // that of several ways is found by any of them
    expect(await labels({ device: 'eth0' })).toEqual([100, 102, 103]);
    expect(await labels({ device: 'eth1' })).toEqual([16, 101, 103, 999]);
    // gateways of the link layer are no obstacle to lists of all families
    expect(await listRoutes(red, { table: 'all' })).toEqual(before);
    expect((await failure(listMplsRoutes(red, { device: 'nope' }))).message).toMatch(
      /^ENODEV: .* nope in namespace .*: there is no such device$/,
    );
  });

  testWith(MPLS, 'what is there, and what is not', async () => {
    await using red = await lab();
    const one = { label: 100, via: '10.0.0.2' };
    await addMplsRoute(red, one);
    expect((await failure(addMplsRoute(red, one))).message).toMatch(
      /^EEXIST: add route of label 100 in namespace .*: there is a route for this label already$/,
    );
    await addMplsRoute(red, { ...one, newLabels: [7], ifExists: 'ignore' });
    expect((await getMplsRoute(red, 100)).newLabels).toBeUndefined();
    await addMplsRoute(red, { ...one, newLabels: [7], ifExists: 'replace' });
    expect((await getMplsRoute(red, 100)).newLabels).toEqual([7]);
    await removeMplsRoute(red, one);
    const missing =
      /^(ENETUNREACH: (remove|get) route of label 100 .*: there is no route for this label|EINVAL: (remove|get) route of label 5000 .*platform_labels)$/;
    for (const label of [100, 5000]) {
      expect((await failure(removeMplsRoute(red, { label }))).message).toMatch(missing);
      expect((await failure(getMplsRoute(red, label))).message).toMatch(missing);
      await removeMplsRoute(red, { label, ifMissing: 'ignore' });
    }
    const refusals: [MplsRouteOptions, RegExp][] = [
      [
        { label: 5000, device: 'eth0' },
        /^EINVAL: add route of label 5000 by eth0 in namespace .*platform_labels/,
      ],
      [
        { label: 100, device: 'eth0', newLabels: [3] },
        /^EINVAL: .*Implicit NULL Label.*: option 'newLabels'$/,
      ],
      [
        { label: 100, via: '10.7.0.2' },
        /^ENETUNREACH: .*: no link leads to `via`, so the `device` has to be given/,
      ],
      [{ label: 100 }, /^ENODEV: .*: a device has to be given, unless `via` is an address of IP/],
      [{ label: 100, device: 'nope' }, /^ENODEV: .* nope in namespace .*: there is no such device$/],
    ];
    for (const [options, message] of refusals) {
      expect((await failure(addMplsRoute(red, options))).message).toMatch(message);
    }
    expect(await shown(red)).toEqual([]);
  });

  testWith(MPLS, 'packets get a label, and lose it', async () => {
    await using pair = await linked({ lo: true });
    const { red, blue } = pair;
    await setSysctl(blue, 'net.mpls.platform_labels', 1000);
    await setSysctl(blue, 'net.mpls.conf.eth0.input', 1);
    await run(blue, 'ip', 'addr', 'add', '10.9.0.1/32', 'dev', 'lo');
    await addMplsRoute(blue, { label: 100, device: 'lo' });
    await addRoute(red, { to: '10.9.0.1', via: '10.0.1.2', encap: { type: 'mpls', labels: [100] } });
    expect(await run(red, 'ping', '-c', '1', '-W', '30', '10.9.0.1')).toContain('1 received');
    expect((await getNeighbor(red, 'eth0', '10.0.1.2')).mac).toBeDefined();
    await removeMplsRoute(blue, { label: 100 });
    // the label is what leads there
    await expect(run(red, 'ping', '-c', '1', '-W', '1', '10.9.0.1')).rejects.toThrow();
  });

  test('a kernel without MPLS has no such routes, and says why', async () => {
    if (kernelHas(MPLS)) return;
    await using red = await createNetns();
    expect(await listMplsRoutes(red)).toEqual([]);
    const message =
      /^EOPNOTSUPP: (add|get|remove) route of label 100 (by lo )?in namespace .*: the kernel has no routes of MPLS: CONFIG_MPLS_ROUTING, module mpls_router$/;
    for (const attempt of [
      async () => addMplsRoute(red, { label: 100, device: 'lo' }),
      async () => getMplsRoute(red, 100),
      async () => removeMplsRoute(red, { label: 100 }),
      async () => removeMplsRoute(red, { label: 100, ifMissing: 'ignore' }),
    ])
      expect((await failure(attempt())).message).toMatch(message);
  });

  test.each<[object, string]>([
    [{}, 'label: it has to be given'],
    [{ label: 15 }, 'label: expected an integer from 16 to 1048575, got 15'],
    [{ label: 100, newLabels: [] }, 'newLabels: expected 1 to 30 labels, got 0'],
    [
      { label: 100, newLabels: [0x100000] },
      'newLabels[0]: expected an integer from 0 to 1048575, got 1048576',
    ],
    [{ label: 100, via: 'nobody' }, "via: expected an address like '10.0.1.1' or 'fd00::1', got \"nobody\""],
    [{ label: 100, nexthops: [] }, 'nexthops: expected at least one'],
    [{ label: 100, nexthops: [{ weight: 2 }] }, 'nexthops[0].weight: there is no such option'],
    [
      { label: 100, via: '10.0.0.2', nexthops: [{ device: 'eth0' }] },
      'via: each of the nexthops has its own, got "10.0.0.2"',
    ],
    [{ label: 100, ttlPropagate: 1 }, 'ttlPropagate: expected true or false, got 1'],
    [
      { label: 100, unknown: { 7: '0x00' } },
      'unknown: the route has attributes that no option expresses ("7"): use ip-route(8)',
    ],
  ])('%j is refused', async (options, message) => {
    await using red = await createNetns();
    expect((await failure(addMplsRoute(red, options as MplsRouteOptions))).message).toBe(message);
  });
});
