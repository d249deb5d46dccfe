import { randomBytes } from 'node:crypto';
import {
  addAddr,
  createLink,
  createNetns,
  createVeth,
  deleteNetns,
  generateWireguardKeys,
  getLink,
  getWireguard,
  listLinks,
  moveLink,
  type Netns,
  ping,
  setLink,
  setWireguard,
  type WireguardPeer,
} from '../../../lib';
import { runExample } from '../../support/cli';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';
import { WIREGUARD_XFRM } from '../../support/link-kinds/words';
import { inWordsOfWg, wgDump } from '../../support/wireguard';

const secret = () => randomBytes(32).toString('base64');

/** Two namespaces with a network between them, 192.0.2.1 and 192.0.2.2. */
async function joined(red: Netns, blue: Netns): Promise<void> {
  await createVeth(
    { netns: red, name: 'eth0', up: true, addrs: ['192.0.2.1/24'] },
    { netns: blue, name: 'eth0', up: true, addrs: ['192.0.2.2/24'] },
  );
}

async function expectAsWg(netns: Netns, device = 'wg0'): Promise<void> {
  const info = await getWireguard(netns, device, { secrets: true });
  expect(inWordsOfWg(info)).toEqual(await wgDump(netns, device));
}

/** A peer with all that can be said of one. */
const wholePeer = (): WireguardPeer => ({
  publicKey: generateWireguardKeys().publicKey,
  presharedKey: secret(),
  endpoint: '[2001:db8::1]:4500',
  persistentKeepalive: 25,
  allowedIps: ['10.1.0.0/16', 'fd00:1::/64', '10.9.0.7/32'],
});

describe('createLink, getWireguard, setWireguard', () => {
  testWith(WIREGUARD_XFRM, 'a tunnel between two namespaces', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await joined(red, blue);
    const [ofRed, ofBlue] = [generateWireguardKeys(), generateWireguardKeys()];
    const presharedKey = secret();
    const begin = Date.now();
    await createLink(red, {
      ...{ kind: 'wireguard', name: 'wg0', up: true, privateKey: ofRed.privateKey },
      peers: [
        { publicKey: ofBlue.publicKey, presharedKey, endpoint: '192.0.2.2:51820', allowedIps: ['10.9.0.2'] },
      ],
    });
    await createLink(blue, {
      ...{ kind: 'wireguard', name: 'wg0', up: true, privateKey: ofBlue.privateKey, listenPort: 51820 },
      peers: [{ publicKey: ofRed.publicKey, presharedKey, allowedIps: ['10.9.0.1'] }],
    });
    await addAddr(red, 'wg0', '10.9.0.1/24');
    await addAddr(blue, 'wg0', '10.9.0.2/24');
    expect(await ping(red, '10.9.0.2', { count: 1 })).toMatchObject({ received: 1 });
    const [{ listenPort }, found] = [await getWireguard(red, 'wg0'), await getWireguard(blue, 'wg0')];
    expect(found).toMatchObject({ name: 'wg0', publicKey: ofBlue.publicKey, listenPort: 51820, mark: 0 });
    expect(found).not.toHaveProperty('privateKey');
    const { lastHandshake = 0, rxBytes, txBytes, ...peer } = found.peers[0]!;
    expect(peer).toEqual({
      ...{ publicKey: ofRed.publicKey, hasPresharedKey: true, endpoint: `192.0.2.1:${listenPort}` },
      ...{ persistentKeepalive: 0, allowedIps: ['10.9.0.1/32'], protocolVersion: 1 },
    });
    // the kernel rounds the time down, by some milliseconds
    expect(lastHandshake).toBeGreaterThan(begin - 100);
    expect(lastHandshake).toBeLessThanOrEqual(Date.now());
    expect(Math.min(rxBytes, txBytes)).toBeGreaterThan(148);
    await expectAsWg(red);
    await expectAsWg(blue);
  });

  testWith(WIREGUARD_XFRM, 'all that can be set is what wg shows, and the other way around', async () => {
    await using red = await createNetns('red');
    const { privateKey, publicKey } = generateWireguardKeys();
    const [one, two] = [wholePeer(), { publicKey: generateWireguardKeys().publicKey }];
    await createLink(red, { kind: 'wireguard', name: 'wg0' });
    await expectAsWg(red);
    await setWireguard(red, 'wg0', { privateKey, listenPort: 4500, mark: 0xcafe, peers: [one, two] });
    const [own, ...peers] = await wgDump(red);
    expect(own).toEqual([privateKey, publicKey, '4500', '0xcafe']);
    const ofOne = peers.find(([key]) => key === one.publicKey);
    expect(ofOne?.[3]?.split(',').sort()).toEqual([...one.allowedIps!].sort());
    expect(ofOne).toEqual([one.publicKey, one.presharedKey, one.endpoint, ofOne?.[3], '0', '0', '0', '25']);
    expect(peers).toContainEqual([two.publicKey, '(none)', '(none)', '(none)', '0', '0', '0', 'off']);
    await expectAsWg(red);
    await run(
      red,
      'wg',
      'set',
      'wg0',
      'fwmark',
      '7',
      'peer',
      two.publicKey,
      'allowed-ips',
      '::/0',
      'endpoint',
      '192.0.2.9:9',
    );
    await expectAsWg(red);
    expect((await getWireguard(red, 'wg0')).peers).toContainEqual(
      expect.objectContaining({ publicKey: two.publicKey, endpoint: '192.0.2.9:9', allowedIps: ['::/0'] }),
    );
  });

  testWith(WIREGUARD_XFRM, 'what is not given stays; what is taken away is gone', async () => {
    await using red = await createNetns('red');
    const { privateKey } = generateWireguardKeys();
    const [one, two] = [wholePeer(), { ...wholePeer(), allowedIps: ['10.2.0.0/16'] }];
    await createLink(red, {
      kind: 'wireguard',
      name: 'wg0',
      privateKey,
      listenPort: 7,
      mark: 5,
      peers: [one, two],
    });
    const before = await getWireguard(red, 'wg0', { secrets: true });
    await setWireguard(red, 'wg0', {});
    await setWireguard(red, 'wg0', { peers: [{ publicKey: one.publicKey }] });
    expect(await getWireguard(red, 'wg0', { secrets: true })).toEqual(before);

    const { publicKey } = one;
    await setWireguard(red, 'wg0', {
      peers: [{ publicKey, presharedKey: '', persistentKeepalive: 0, allowedIps: [] }],
    });
    const changed = (await getWireguard(red, 'wg0')).peers.find((peer) => peer.publicKey === publicKey);
    expect(changed).toMatchObject({
      hasPresharedKey: false,
      persistentKeepalive: 0,
      allowedIps: [],
      endpoint: one.endpoint,
    });
    // an address goes over to the peer that gets it
    await setWireguard(red, 'wg0', { peers: [{ publicKey, allowedIps: two.allowedIps }] });
    const peers = (await getWireguard(red, 'wg0')).peers.map((peer) => [peer.publicKey, peer.allowedIps]);
    expect(Object.fromEntries(peers)).toEqual({ [one.publicKey]: two.allowedIps, [two.publicKey]: [] });

    await setWireguard(red, 'wg0', { privateKey: '', mark: 0, peers: [{ publicKey, remove: true }] });
    await expectAsWg(red);
    expect(await getWireguard(red, 'wg0', { secrets: true })).toMatchObject({ listenPort: 7, mark: 0 });
    expect((await wgDump(red)).map(([key]) => key)).toEqual(['(none)', two.publicKey]);
    await setWireguard(red, 'wg0', { peers: [one], replacePeers: true });
    expect((await wgDump(red)).slice(1).map(([key]) => key)).toEqual([one.publicKey]);
    await setWireguard(red, 'wg0', { replacePeers: true });
    expect(await wgDump(red)).toHaveLength(1);
  });

  testWith(WIREGUARD_XFRM, 'what was read can be given back', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const { privateKey } = generateWireguardKeys();
    const peers = [wholePeer(), { ...wholePeer(), allowedIps: ['0.0.0.0/0'] }];
    await createLink(red, { kind: 'wireguard', name: 'wg0', privateKey, listenPort: 7, mark: 5, peers });
    const found = await getWireguard(red, 'wg0', { secrets: true });
    await setWireguard(red, 'wg0', found);
    await setWireguard(red, 'wg0', await getWireguard(red, 'wg0'));
    expect(await getWireguard(red, 'wg0', { secrets: true })).toEqual(found);
    const { index: _, ...given } = found;
    await createLink(blue, { kind: 'wireguard', ...given });
    const configurations = await Promise.all([red, blue].map((netns) => run(netns, 'wg', 'showconf', 'wg0')));
    const sections = configurations.map((text) => text.trim().split('\n\n').sort());
    expect(sections[1]).toEqual(sections[0]);
  });

  testWith(WIREGUARD_XFRM, 'thousands of peers and addresses, in several messages', async () => {
    await using red = await createNetns('red');
    const many = Array.from({ length: 1300 }, (_, i) => `10.${1 + (i >> 8)}.${i & 0xff}.0/24`);
    const peers = Array.from({ length: 500 }, (_, i) => ({
      publicKey: secret(),
      allowedIps: i === 350 ? many : [`fd00::${(i + 1).toString(16)}/128`],
    }));
    await createLink(red, { kind: 'wireguard', name: 'wg0', peers });
    const found = await getWireguard(red, 'wg0');
    expect(found.peers).toHaveLength(500);
    const sorted = (list: readonly string[]) => [...list].sort();
    expect(Object.fromEntries(found.peers.map((peer) => [peer.publicKey, sorted(peer.allowedIps)]))).toEqual(
      Object.fromEntries(peers.map((peer) => [peer.publicKey, sorted(peer.allowedIps)])),
    );
    await expectAsWg(red);
    // the first part takes the place of all addresses, and the others add to them
    await setWireguard(red, 'wg0', { peers: [{ ...peers[350]!, allowedIps: many.slice(0, 1100) }] });
    const [changed] = (await getWireguard(red, 'wg0')).peers.filter(
      (peer) => peer.publicKey === peers[350]!.publicKey,
    );
    expect(sorted(changed!.allowedIps)).toEqual(sorted(many.slice(0, 1100)));
  });

  testWith(WIREGUARD_XFRM, 'a namespace whose only way out is a tunnel', async () => {
    await using server = await createNetns('server');
    const host = await createNetns('host');
    await using app = await createNetns('app');
    await joined(host, server);
    const [ofApp, ofServer] = [generateWireguardKeys(), generateWireguardKeys()];
    await createLink(server, {
      ...{ kind: 'wireguard', name: 'wg0', up: true, privateKey: ofServer.privateKey, listenPort: 51820 },
      peers: [{ publicKey: ofApp.publicKey, allowedIps: ['10.9.0.2'] }],
    });
    await addAddr(server, 'wg0', '10.9.0.1/24');
    const peer = { publicKey: ofServer.publicKey, endpoint: '192.0.2.2:51820', allowedIps: ['0.0.0.0/0'] };
    // a device of that name, and of that index, in the namespace of the socket is in nobody's way
    await createLink(host, { kind: 'wireguard', name: 'wg0' });
    const made = await createLink(app, {
      ...{ kind: 'wireguard', name: 'wg0', up: true, mtu: 1300, socketNetns: host },
      ...{ privateKey: ofApp.privateKey, listenPort: 4500, peers: [peer] },
    });
    expect(made).toEqual({ name: 'wg0', index: (await getLink(app, 'wg0')).index });
    await addAddr(app, 'wg0', '10.9.0.2/24');
    expect((await ip(app, 'link')).map(({ ifname, mtu }) => [ifname, mtu])).toEqual([
      ['lo', 65536],
      ['wg0', 1300],
    ]);
    expect(await ping(app, '10.9.0.1', { count: 1 })).toMatchObject({ received: 1 });
    expect((await getWireguard(server, 'wg0')).peers[0]).toMatchObject({ endpoint: '192.0.2.1:4500' });
    const ports = async (netns: Netns) =>
      [...(await run(netns, 'ss', '-Huln')).matchAll(/:(4500)\b/g)].length;
    expect([await ports(host), await ports(app)]).toEqual([2, 0]);

    await deleteNetns(host, { wait: true });
    expect(await failure(setWireguard(app, 'wg0', { mark: 7 }))).toMatchObject({
      code: 'EPERM',
      message: expect.stringContaining('the namespace of its socket is gone') as string,
    });
    expect((await getLink(app, 'wg0')).up).toBe(true);
  });

  testWith(WIREGUARD_XFRM, 'a device that moves leaves its socket where it was', async () => {
    await using host = await createNetns('host');
    await using app = await createNetns('app');
    await createLink(host, { kind: 'wireguard', name: 'wg0', listenPort: 4500 });
    await moveLink(host, 'wg0', app, { name: 'wg1' });
    await setLink(app, 'wg1', { up: true });
    expect(await run(host, 'ss', '-Huln')).toContain(':4500');
    expect(await run(app, 'ss', '-Huln')).toBe('');
    expect(await getWireguard(app, 'wg1')).toMatchObject({ listenPort: 4500 });
  });

  testWith(WIREGUARD_XFRM, 'what fails leaves no device, and changes nothing', async () => {
    await using red = await createNetns('red');
    await using app = await createNetns('app');
    await createLink(red, { kind: 'wireguard', name: 'wg0', up: true, listenPort: 4500 });
    const taken = { kind: 'wireguard', name: 'wg1', up: true, listenPort: 4500 } as const;
    expect(await failure(createLink(red, taken))).toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringMatching(/EADDRINUSE: .* wg1 in namespace red: .*port is taken/) as string,
    });
    expect(await failure(createLink(app, { ...taken, socketNetns: red }))).toMatchObject({
      code: 'EADDRINUSE',
    });
    expect(await listLinks(app)).toMatchObject([{ name: 'lo' }]);
    await createLink(red, { kind: 'wireguard', name: 'wg1', up: true });
    const before = await getWireguard(red, 'wg1');
    expect(await failure(setWireguard(red, 'wg1', { mark: 7, listenPort: 4500 }))).toMatchObject({
      code: 'EADDRINUSE',
      message:
        'EADDRINUSE: set wireguard wg1 in namespace red: the port is taken in the namespace of its socket',
    });
    expect(await getWireguard(red, 'wg1')).toEqual(before);
    expect((await listLinks(red)).map(({ name }) => name)).toEqual(['lo', 'wg0', 'wg1']);

    await createLink(app, { kind: 'wireguard', name: 'wg0' });
    const again = createLink(app, { kind: 'wireguard', name: 'wg0', socketNetns: red });
    expect(await failure(again)).toMatchObject({
      code: 'EEXIST',
      message: expect.stringContaining("a device named 'wg0' exists already in namespace app") as string,
    });
  });

  testWith(WIREGUARD_XFRM, 'a device of another kind, and one that is not there', async () => {
    await using red = await createNetns('red');
    for (const [operation, call] of [
      ['get', getWireguard] as const,
      ['set', (netns: Netns, device: string) => setWireguard(netns, device, { mark: 1 })] as const,
    ]) {
      expect(await failure(call(red, 'lo'))).toMatchObject({
        code: 'EOPNOTSUPP',
        message: `EOPNOTSUPP: ${operation} wireguard lo in namespace red: it is no device of WireGuard`,
      });
      expect(await failure(call(red, 'nope'))).toMatchObject({
        code: 'ENODEV',
        message: `ENODEV: ${operation} wireguard nope in namespace red: there is no such device`,
      });
      expect(await failure(call(red, 'a-name-that-is-longer'))).toMatchObject({ code: 'ENODEV' });
    }
  });

  testWith(WIREGUARD_XFRM, 'examples/wireguard.mjs', () => {
    expect(runExample('wireguard.mjs')).toBe(`\
the devices of app: lo, wg0
UDP sockets of app: 0
10.9.0.1 answers
192.0.2.9 answers by the tunnel
the server knows 10.9.0.2/32 at 192.0.2.1
without the tunnel, 192.0.2.9 does not answer
`);
  });

  test('a kernel without WireGuard is named as one', async () => {
    if (kernelHas(WIREGUARD_XFRM)) return;
    await using red = await createNetns('red');
    const { privateKey } = generateWireguardKeys();
    expect(await failure(createLink(red, { kind: 'wireguard', name: 'wg0', privateKey }))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining('this kernel has no links of the kind wireguard') as string,
    });
    for (const call of [getWireguard(red, 'lo'), setWireguard(red, 'lo', { privateKey })]) {
      expect(await failure(call)).toMatchObject({
        code: 'EOPNOTSUPP',
        message: expect.stringMatching(
          /: this kernel has no WireGuard: CONFIG_WIREGUARD, module wireguard$/,
        ) as string,
      });
    }
    expect(await listLinks(red)).toMatchObject([{ name: 'lo' }]);
  });
});
