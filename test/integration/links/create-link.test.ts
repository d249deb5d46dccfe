import {
  createBridge,
  createLink,
  type CreateLinkOptions,
  createNetns,
  deleteLink,
  getLink,
  listLinks,
  type Netns,
} from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { failure, ip } from '../../support/ip';

/** What a kernel that has no such kind answers, and that nothing was made. */
async function expectRefused(netns: Netns, options: CreateLinkOptions): Promise<void> {
  const before = await listLinks(netns);
  expect(await failure(createLink(netns, options))).toMatchObject({
    name: 'NetlinkError',
    code: 'EOPNOTSUPP',
    extack: 'Unknown device type',
    message:
      `EOPNOTSUPP: create ${options.kind} ${String(options.name)} in namespace ${netns.toString()}: ` +
      `Unknown device type: this kernel has no links of the kind ${options.kind}: its module is not there ` +
      `(modprobe rtnl-link-${options.kind})`,
  });
  expect(await listLinks(netns)).toEqual(before);
}

const shown = async (netns: Netns, name: string) => (await ip(netns, 'link', 'show', name))[0]!;

describe('createLink', () => {
  test('a veth pair', async () => {
    await using red = await createNetns('red');
    const { index } = await createLink(red, {
      kind: 'veth',
      name: 'a',
      up: true,
      peer: { name: 'b', mtu: 1400 },
    });
    const b = await shown(red, 'b');
    expect(b).toMatchObject({ mtu: 1400, link: 'a', linkinfo: { info_kind: 'veth' } });
    expect(await shown(red, 'a')).toMatchObject({
      ifindex: index,
      link: 'b',
      flags: expect.arrayContaining(['UP']) as string[],
    });
  });

  test('a veth pair, each end with its own MTU, MAC address and queue, or those of the kernel', async () => {
    await using red = await createNetns('red');
    const end = { mtu: 1500, txQueueLength: 500 };
    const peer = {
      name: 'b',
      mtu: 1400,
      txQueueLength: 0,
      txQueues: 5,
      rxQueues: 4,
      mac: '00:12:34:56:78:02',
    };
    await createLink(red, { kind: 'veth', name: 'a', ...end, peer });
    await createLink(red, { kind: 'veth', name: 'c', peer: { name: 'd' } });
    expect(await shown(red, 'a')).toMatchObject({ mtu: 1500, txqlen: 500 });
    const b = await shown(red, 'b');
    expect(b).toMatchObject({ mtu: 1400, address: '00:12:34:56:78:02' });
    // ip leaves out a length of 0
    expect(b).not.toHaveProperty('txqlen');
    expect(await getLink(red, 'b')).toMatchObject({ mtu: 1400, txQueueLength: 0, mac: '00:12:34:56:78:02' });
    for (const name of ['c', 'd']) expect(await shown(red, name)).toMatchObject({ mtu: 1500, txqlen: 1000 });
  });

  test('a link that is gone is found neither by its index nor by its name', async () => {
    await using red = await createNetns('red');
    const { index } = await createLink(red, { kind: 'bridge', name: 'br0' });
    expect((await getLink(red, index)).name).toBe('br0');
    await deleteLink(red, index);
    for (const device of [index, 'br0']) {
      expect(await failure(getLink(red, device))).toMatchObject({
        name: 'NetlinkError',
        code: 'ENODEV',
        device,
      });
    }
  });

  test('a VLAN, where the kernel has them', async () => {
    await using red = await createNetns('red');
    const below = await createBridge(red, 'br0');
    const options = {
      kind: 'vlan',
      name: 'br0.200',
      link: 'br0',
      id: 200,
      protocol: '802.1ad',
      reorderHeader: false,
      looseBinding: true,
      ingressPriorities: [{ from: 1, to: 2 }],
      egressPriorities: [{ from: 3, to: 4 }],
    } as const;
    if (!kernelHas('links of the kind vlan')) {
      await expectRefused(red, options);
      await expectRefused(red, { ...options, link: below.index });
      return;
    }
    const { index } = await createLink(red, options);
    expect(await shown(red, 'br0.200')).toMatchObject({
      ifindex: index,
      link: 'br0',
      linkinfo: {
        info_kind: 'vlan',
        info_data: {
          id: 200,
          protocol: '802.1ad',
          flags: ['LOOSE_BINDING'],
          ingress_qos: [{ from: 1, to: 2 }],
          egress_qos: [{ from: 3, to: 4 }],
        },
      },
    });
    const { kind, name, link: _, ...own } = options;
    expect(await getLink(red, index)).toMatchObject({ kind, name, link: below.index, vlan: own });
  });

  test('a dummy device, where the kernel has them', async () => {
    await using red = await createNetns('red');
    const options = { kind: 'dummy', name: 'd0', mtu: 1400, up: true } as const;
    if (!kernelHas('links of the kind dummy')) {
      await expectRefused(red, options);
      return;
    }
    const { index } = await createLink(red, options);
    expect(await shown(red, 'd0')).toMatchObject({
      ifindex: index,
      mtu: 1400,
      linkinfo: { info_kind: 'dummy' },
    });
    expect(await getLink(red, 'd0')).toMatchObject({ index, kind: 'dummy', up: true });
  });

  test('a kind that this library does not know, with its data in bytes, where the kernel has it', async () => {
    await using red = await createNetns('red');
    const options = { kind: 'vcan', name: 'can0', data: new Uint8Array() } as const;
    if (!kernelHas('links of the kind vcan')) {
      await expectRefused(red, options);
      return;
    }
    const { index } = await createLink(red, options);
    expect(await shown(red, 'can0')).toMatchObject({ ifindex: index, linkinfo: { info_kind: 'vcan' } });
    expect(await getLink(red, 'can0')).toMatchObject({ index, kind: 'vcan' });
  });

  test('the device below is not there', async () => {
    await using red = await createNetns('red');
    expect(await failure(createLink(red, { kind: 'vlan', link: 'nosuch', id: 100 }))).toMatchObject({
      code: 'ENODEV',
      message: 'ENODEV: find link nosuch in namespace red: there is no such device',
    });
  });

  test('what is misspelt is refused, and nothing is made', async () => {
    await using red = await createNetns('red');
    const options = { kind: 'bridge', name: 'br0', prioritty: 7 };
    const error = await failure(createLink(red, options as unknown as CreateLinkOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("prioritty: there is no such option; did you mean 'priority'?");
    const bridge = await failure(createBridge(red, 'br0', { mtuu: 1400 } as object));
    expect(bridge.message).toBe("mtuu: there is no such option; did you mean 'mtu'?");
    expect((await listLinks(red)).map(({ name }) => name)).toEqual(['lo']);
  });
});
