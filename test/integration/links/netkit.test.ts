// Pairs of netkit. ip (6.1) makes them, but shows of their own nothing: what packets do shows the policies.
import {
  createLink,
  type CreateLinkOptions,
  createNetns,
  addAddr,
  deleteLink,
  getLink,
  moveLink,
  type Netns,
  setLink,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';

const NETKIT = 'links of the kind netkit';

const shownOf = async (netns: Netns, name: string) => (await ip(netns, 'link', 'show', name))[0]!;
const isNetkit = { linkinfo: { info_kind: 'netkit' } };
const pings = async (netns: Netns, address: string) =>
  run(netns, 'ping', '-c1', '-W1', address).then(
    () => true,
    () => false,
  );

describe('createLink, setLink, getLink', () => {
  testWith(NETKIT, 'a pair, whose policies decide what passes', async () => {
    await using red = await createNetns();
    await using blue = await createNetns();
    await createLink(red, { kind: 'netkit', name: 'nk0', peer: { name: 'nk1', mtu: 1400, group: 5 } });
    expect(await shownOf(red, 'nk0')).toMatchObject({ ...isNetkit, mtu: 1500 });
    expect(await shownOf(red, 'nk1')).toMatchObject({ ...isNetkit, mtu: 1400, group: '5' });
    await moveLink(red, 'nk1', blue);
    for (const [netns, name, address] of [
      [red, 'nk0', '10.0.0.1/24'],
      [blue, 'nk1', '10.0.0.2/24'],
    ] as const) {
      await addAddr(netns, name, address);
      await setLink(netns, name, { up: true });
    }
    const policies = async () => [(await getLink(red, 'nk0')).netkit, (await getLink(blue, 'nk1')).netkit];
    expect(await policies()).toMatchObject([
      { primary: true, mode: 'l3', policy: 'pass', peerPolicy: 'pass' },
      { primary: false, mode: 'l3', policy: 'pass', peerPolicy: 'pass' },
    ]);
    expect(await pings(red, '10.0.0.2')).toBe(true);
    await setLink(red, 'nk0', { kind: 'netkit', policy: 'drop' });
    expect(await policies()).toMatchObject([
      { policy: 'drop', peerPolicy: 'pass' },
      { policy: 'pass', peerPolicy: 'drop' },
    ]);
    const sent = async (netns: Netns, name: string) => {
      const [seen] = await ip(netns, '-s', 'link', 'show', name);
      return (seen!['stats64'] as { tx: Json }).tx;
    };
    const before = await sent(red, 'nk0');
    expect(await pings(red, '10.0.0.2')).toBe(false);
    expect((await sent(red, 'nk0'))['dropped']).toBeGreaterThan(before['dropped'] as number);
    await setLink(red, 'nk0', { kind: 'netkit', policy: 'pass', peerPolicy: 'drop' });
    expect(await pings(red, '10.0.0.2')).toBe(false);
    await setLink(red, 'nk0', { kind: 'netkit', peerPolicy: 'pass' });
    expect(await pings(red, '10.0.0.2')).toBe(true);
    const error = await failure(setLink(blue, 'nk1', { kind: 'netkit', policy: 'drop' }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EACCES' });
    await deleteLink(red, 'nk0');
    expect((await ip(blue, 'link')).map(({ ifname }) => ifname)).not.toContain('nk1');
  });

  testWith(NETKIT, 'with the header of Ethernet, MAC addresses and indexes', async () => {
    await using red = await createNetns();
    const made = await createLink(red, {
      ...{ kind: 'netkit', name: 'nk0', mode: 'l2', mac: '02:00:00:00:00:01', index: 70, policy: 'drop' },
      peer: { name: 'nk1', mac: '02:00:00:00:00:02', index: 71 },
    });
    expect(made).toEqual({ index: 70, name: 'nk0' });
    expect(await shownOf(red, 'nk0')).toMatchObject({
      ifindex: 70,
      address: '02:00:00:00:00:01',
      link: 'nk1',
    });
    expect(await shownOf(red, 'nk1')).toMatchObject({ ifindex: 71, address: '02:00:00:00:00:02' });
    expect((await getLink(red, 'nk0')).netkit).toMatchObject({ mode: 'l2', policy: 'drop' });
    const error = await failure(createLink(red, { kind: 'netkit', mac: '02:00:00:00:00:01' }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP' });
    expect(error.message).toContain('a MAC address was given');
    const mode = setLink(red, 'nk0', { kind: 'netkit', mode: 'l3' });
    await expect(mode).rejects.toThrow('mode: it can be given at creation only');
  });

  testWith(NETKIT, 'one that ip has made', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'type', 'netkit');
    const found = await Promise.all(['nk0', 'nk1'].map(async (name) => getLink(red, name)));
    for (const { kind, netkit } of found) {
      expect(kind).toBe('netkit');
      expect(netkit).toMatchObject({ mode: 'l3', policy: 'pass', peerPolicy: 'pass' });
    }
    expect(found.map(({ netkit }) => netkit?.primary).sort()).toEqual([false, true]);
  });

  testWith(NETKIT, 'what newer kernels have is there, or refused', async () => {
    await using red = await createNetns();
    const options = [{ scrub: 'none' }, { peerScrub: 'none' }, { headroom: 100 }, { tailroom: 50 }] as const;
    await createLink(red, { kind: 'netkit', name: 'first' });
    const known = (await getLink(red, 'first')).netkit ?? {};
    await deleteLink(red, 'first');
    for (const option of [...options, { pairing: 'single' }]) {
      const creating = createLink(red, { kind: 'netkit', name: 'x0', ...option } as CreateLinkOptions);
      const [name] = Object.keys(option);
      if (name !== undefined && name in known) {
        await creating;
        expect((await getLink(red, 'x0')).netkit).toMatchObject(option);
        await deleteLink(red, 'x0');
      } else {
        expect(await failure(creating)).toMatchObject({ code: 'EOPNOTSUPP', option: name });
      }
      expect((await ip(red, 'link')).map(({ ifname }) => ifname)).not.toContain('x0');
    }
  });

  test('a kernel without it says so', async () => {
    await using red = await createNetns();
    const creating = createLink(red, { kind: 'netkit', name: 'nk0', peer: { name: 'nk1' } });
    if (kernelHas(NETKIT)) {
      await creating;
      return;
    }
    const error = await failure(creating);
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP' });
    expect(error.message).toContain('no links of the kind netkit');
  });
});
