import { createNetns, createVeth, type LinkOptions, setLink } from '../../../lib';
import { ip, type Json, run, settled, withoutCarrier } from '../../support/ip';

const SETTINGS: [LinkOptions, Json][] = [
  [{ up: true }, { flags: expect.arrayContaining(['UP']) as string[] }],
  [{ mac: '02:00:00:AB:cd:ef' }, { address: '02:00:00:ab:cd:ef' }],
  [{ mtu: 9000 }, { mtu: 9000 }],
  [{ alias: 'käse: to the left' }, { ifalias: 'käse: to the left' }],
  [{ txQueueLength: 33 }, { txqlen: 33 }],
  [{ group: 40000 }, { group: '40000' }],
  [{ promiscuous: true }, { promiscuity: 1, flags: expect.arrayContaining(['PROMISC']) as string[] }],
  [{ arp: false }, { flags: expect.arrayContaining(['NOARP']) as string[] }],
  [{ addrGenMode: 'none' }, { inet6_addr_gen_mode: 'none' }],
  [{ addrGenMode: 'random' }, { inet6_addr_gen_mode: 'random' }],
  [{ addrGenMode: 'stable_secret' }, { inet6_addr_gen_mode: 'stable_secret' }],
];

describe('setLink', () => {
  test.each(SETTINGS)('setting %p', async (options, expected) => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1' });
    const [before] = await ip(red, 'link', 'show', 'eth0');
    expect(before).not.toMatchObject(expected);
    if (options.addrGenMode === 'stable_secret') {
      await run(red, 'sysctl', '-qw', 'net.ipv6.conf.eth0.stable_secret=::1');
      await setLink(red, 'eth0', { addrGenMode: 'eui64' });
    }
    await setLink(red, 'eth0', options);
    const [after] = await ip(red, 'link', 'show', 'eth0');
    expect(after).toMatchObject(expected);
    expect((await ip(red, 'link', 'show', 'eth1'))[0]).not.toMatchObject(expected);
  });

  test('what was set is taken back', async () => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: 'eth0', up: true }, { netns: red, name: 'eth1' });
    const before = withoutCarrier(await ip(red, 'link', 'show', 'eth0'));
    await setLink(red, 'eth0', {
      up: false,
      alias: 'x',
      group: 3,
      promiscuous: true,
      arp: false,
      addrGenMode: 'none',
    });
    const [between] = await ip(red, 'link', 'show', 'eth0');
    expect(between).toMatchObject({
      ifalias: 'x',
      group: '3',
      inet6_addr_gen_mode: 'none',
      operstate: 'DOWN',
    });
    expect(between!['flags']).toEqual(expect.arrayContaining(['PROMISC', 'NOARP']));
    expect(between!['flags']).not.toContain('UP');
    await setLink(red, 'eth0', {
      up: true,
      alias: '',
      group: 0,
      promiscuous: false,
      arp: true,
      addrGenMode: 'eui64',
    });
    expect(withoutCarrier(await ip(red, 'link', 'show', 'eth0'))).toEqual(before);
  });

  test('by index, several at once, and nothing at all', async () => {
    await using red = await createNetns();
    const [{ index }] = await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1' });
    await setLink(red, index, { mtu: 1300, alias: 'both' });
    expect((await ip(red, 'link', 'show', 'eth0'))[0]).toMatchObject({ mtu: 1300, ifalias: 'both' });
    const before = await ip(red, 'link');
    await setLink(red, 'eth0', {});
    expect(await ip(red, 'link')).toEqual(before);
  });

  test('addrGenMode is set before the device comes up by the same call', async () => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1', up: true });
    await setLink(red, 'eth0', { up: true, addrGenMode: 'none' });
    await settled(red);
    const addresses = (await ip(red, 'addr')).map(({ ifname, addr_info }) => [
      ifname,
      (addr_info as Json[]).length,
    ]);
    expect(addresses).toEqual([
      ['lo', 0],
      ['eth1', 1],
      ['eth0', 0],
    ]);
  });

  test('lo, brought up, has its addresses', async () => {
    await using red = await createNetns();
    await setLink(red, 'lo', { up: true });
    const [lo] = await ip(red, 'addr', 'show', 'lo');
    expect(lo!['flags']).toEqual(['LOOPBACK', 'UP', 'LOWER_UP']);
    expect(lo!['addr_info']).toMatchObject([
      { local: '127.0.0.1', prefixlen: 8 },
      { local: '::1', prefixlen: 128 },
    ]);
    await run(red, 'ping', '-c1', '-W1', '127.0.0.1');
    await run(red, 'ping', '-c1', '-W1', '::1');
  });
});
