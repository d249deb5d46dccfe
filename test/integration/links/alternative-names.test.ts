import {
  addAddr,
  addNeighbor,
  addRoute,
  capture,
  createBridge,
  createVeth,
  createNetns,
  createSocket,
  deleteLink,
  enslaveLink,
  getLink,
  getRoute,
  listAddrs,
  listBridgePorts,
  listLinks,
  moveLink,
  type Netns,
  ping,
  releaseLink,
  removeAddr,
  removeRoute,
  renameLink,
  setBridge,
  setBridgePort,
  setLink,
  waitForAddr,
  waitForLink,
} from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';

const LONG = 'enp0s31f6np0-of-the-second-card';
const LONGEST = 'ä'.repeat(63) + 'x';

/** A pair, of which eth0 has alternative names, and a bridge that has one, too. */
async function named(): Promise<Netns> {
  const red = await createNetns();
  await createVeth({ netns: red, name: 'eth0', up: true }, { netns: red, name: 'eth1', up: true });
  await createBridge(red, 'br0');
  await run(red, 'ip', 'link', 'property', 'add', 'dev', 'eth0', 'altname', LONG, 'altname', LONGEST);
  await run(red, 'ip', 'link', 'property', 'add', 'dev', 'eth0', 'altname', 'short', 'altname', 'a:50%');
  await run(red, 'ip', 'link', 'property', 'add', 'dev', 'br0', 'altname', `bridge-of-${LONG}`);
  return red;
}

const shown = async (netns: Netns, device = 'eth0') => (await ip(netns, 'link', 'show', 'dev', device))[0]!;

describe('getLink', () => {
  test('every alternative name that a device has names it', async () => {
    await using red = await named();
    const link = await getLink(red, 'eth0');
    expect(link.altNames.toSorted()).toEqual(['a:50%', LONG, 'short', LONGEST].toSorted());
    for (const name of link.altNames) {
      expect(await getLink(red, name)).toEqual(link);
      expect(await waitForLink(red, name)).toEqual(link);
    }
  });

  test.each([LONG, LONGEST, 'short', 'a:50%'])(
    'a device is changed by its alternative name %s',
    async (name) => {
      await using red = await named();
      await setLink(red, name, { mtu: 1300 });
      expect(await shown(red)).toMatchObject({ mtu: 1300 });
      await addAddr(red, name, '10.0.0.1/24');
      await addRoute(red, { to: '10.9.0.0/16', device: name });
      await addNeighbor(red, name, '10.0.0.7', { mac: '02:00:00:00:00:07' });
      expect(await ip(red, '-4', 'route', 'show', 'dev', 'eth0')).toMatchObject([
        { dst: '10.0.0.0/24' },
        { dst: '10.9.0.0/16' },
      ]);
      expect(await ip(red, 'neigh', 'show', 'dev', 'eth0')).toMatchObject([{ dst: '10.0.0.7' }]);
      expect(await listAddrs(red, { device: name, family: 4 })).toMatchObject([{ addr: '10.0.0.1/24' }]);
      expect(await waitForAddr(red, name, '10.0.0.1')).toMatchObject({ label: 'eth0' });
      expect(await getRoute(red, '10.9.9.9', { outputDevice: name })).toMatchObject({ src: '10.0.0.1' });
      await removeRoute(red, { to: '10.9.0.0/16', device: name });
      await removeAddr(red, name, '10.0.0.1/24');
      expect(await ip(red, '-4', 'addr', 'show', 'dev', 'eth0')).toEqual([]);
      if (!kernelHas('a device that is up is renamed')) await setLink(red, name, { up: false });
      await renameLink(red, name, 'eth7');
      expect(await shown(red, LONG)).toMatchObject({ ifname: 'eth7' });
      await deleteLink(red, name);
      expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'br0']);
    },
  );

  test('bridges and ports are named by them', async () => {
    await using red = await named();
    const bridge = `bridge-of-${LONG}`;
    await setBridge(red, bridge, { maxAge: 1500 });
    expect(await shown(red, 'br0')).toMatchObject({ linkinfo: { info_data: { max_age: 1500 } } });
    await enslaveLink(red, LONG, bridge);
    await setBridgePort(red, LONG, { cost: 77 });
    expect(await shown(red)).toMatchObject({ master: 'br0', linkinfo: { info_slave_data: { cost: 77 } } });
    expect(await listBridgePorts(red, bridge)).toMatchObject([{ name: 'eth0' }]);
    expect(await listLinks(red, { master: bridge })).toMatchObject([{ name: 'eth0' }]);
    await releaseLink(red, LONG);
    expect(await shown(red)).not.toHaveProperty('master');
    await createVeth({ netns: red, name: 'port', bridge }, { netns: red, name: 'end' });
    expect(await shown(red, 'port')).toMatchObject({ master: 'br0' });
  });

  test('sockets, packets and moves take them', async () => {
    await using red = await named();
    await using blue = await createNetns();
    const packets = capture(red, LONG, { count: 1 });
    const captured = packets.next();
    await addAddr(red, LONG, 'fd00::1/64');
    await ping(red, 'fd00::2', { device: LONG, count: 1, timeout: 100 }).catch(() => undefined);
    expect((await captured).value).toMatchObject({ device: (await getLink(red, 'eth0')).index });
    const socket = await createSocket(red, 'udp6', { device: LONG });
    const port = socket.address().port;
    expect(await run(red, 'ss', '-Hlnu')).toContain(`%eth0:${port}`);
    socket.close();
    await moveLink(red, LONG, blue);
    expect(await shown(blue)).toMatchObject({ ifname: 'eth0' });
  });

  test('a name that no device has is looked for, and one that none can have is not', async () => {
    await using red = await named();
    expect(await failure(getLink(red, `${LONG}-x`))).toMatchObject({
      code: 'ENODEV',
      message: expect.stringMatching(/^ENODEV: get link enp0s31f6np0-of-the-second-card-x in /) as string,
    });
    expect(await failure(addAddr(red, `${LONG}-x`, '10.0.0.1/24'))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(getLink(red, `${LONGEST}x`))).toMatchObject({
      name: 'RangeError',
      message: `device: a device name has at most 15 bytes, an alternative name at most 127, got "${LONGEST}x"`,
    });
    expect(await failure(renameLink(red, 'eth0', LONG))).toMatchObject({
      name: 'RangeError',
      message: `name: a device name has at most 15 bytes, got "${LONG}"`,
    });
  });
});
