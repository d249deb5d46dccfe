// Kernels before 6.2 do not echo a new link (NLM_F_ECHO). This one seems to be such a kernel: test/support/old-kernel.c.
import { type CreatedLink, createNetns, type Netns } from '../../../lib';
import { ip } from '../../support/ip';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

interface Told {
  red: CreatedLink[];
  blue: CreatedLink[];
  refused: { reason?: { code: string } }[];
}

/** Creates devices in namespaces that are there. */
async function create({ rtnetns: { createLink, createVeth, openNetns }, tell }: Tools) {
  const [red, blue] = [await openNetns('red'), await openNetns('blue')];
  const bridges = [
    await createLink(red, { kind: 'bridge', name: 'br0' }), // nothing is known yet
    await createLink(red, { kind: 'bridge' }),
    await createLink(red, { kind: 'bridge', name: 'port%d', alias: 'set later' }),
  ];
  const [va, peer] = await createVeth({ netns: red, name: 'va' }, { netns: blue, addrs: ['10.0.0.2/24'] });
  const [vb, port] = await createVeth({ netns: blue, name: 'vb' }, { netns: red, bridge: 'br0' });
  const both = await createVeth({ netns: red }, { netns: red });

  const refused = await Promise.allSettled([
    createLink(red, { kind: 'bridge', name: 'br0' }),
    createVeth({ netns: red }, { netns: blue, name: 'vb' }),
    createVeth({ netns: red, addrs: ['10.0.0.1/24', '::1/128'] }, { netns: blue }),
  ]);
  tell({ red: [...bridges, va, port, ...both], blue: [peer, vb], refused });
}

/** All devices but lo, by their names, as `ip` lists them. */
async function devices(netns: Netns): Promise<Record<string, unknown>> {
  const [, ...found] = await ip(netns, 'link');
  return Object.fromEntries(found.map(({ ifname, ifindex }) => [ifname as string, ifindex]));
}

const reported = (links: readonly CreatedLink[]) =>
  Object.fromEntries(links.map(({ name, index }) => [name, index])) as Record<string, unknown>;

describe('createLink, createVeth', () => {
  test('report what the kernel made, and leave nothing of what it refused', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const { told, stderr } = await onOldKernel(program(create));
    expect(stderr).toBe('');
    const [made] = told as [Told];
    expect(made.red[1]!.index).toBeGreaterThanOrEqual(2 ** 24); // it was without an echo indeed
    expect(made.refused.map(({ reason }) => reason?.code)).toEqual(['EEXIST', 'EEXIST', 'EADDRNOTAVAIL']);
    expect(reported(made.red)).toEqual(await devices(red));
    expect(reported(made.blue)).toEqual(await devices(blue));

    expect(Object.keys(await devices(red))).toEqual(
      expect.arrayContaining(['br0', 'bridge0', 'port0', 'va']),
    );
    expect((await ip(red, 'link', 'show', 'master', 'br0')).map(({ ifindex }) => ifindex)).toEqual([
      made.red[4]!.index,
    ]);
    expect(await ip(blue, 'addr', 'show', made.blue[0]!.name)).toMatchObject([
      { addr_info: [{ local: '10.0.0.2' }] },
    ]);
    expect(await ip(red, 'link', 'show', 'port0')).toMatchObject([{ ifalias: 'set later' }]);
  });
});
