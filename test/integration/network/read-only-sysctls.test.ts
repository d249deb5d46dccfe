// A container has /proc/sys mounted read-only, and its sysctls are set by whoever starts it.
import { addAddr, createBridgeNetwork, createNetns, type Netns, setLink } from '../../../lib';
import { everything } from '../../support/lab';
import { node, run } from '../../support/ip';

const READ_ONLY = [
  ...['unshare', '-m', 'sh', '-euc'],
  'mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys; exec "$@"',
  'sh',
];

/** What a script says of the namespaces `host` and `a`, in a process that may not write /proc/sys. */
async function inContainer(source: string): Promise<unknown[]> {
  const opened = `const host = await rtnetns.openNetns('host'); const a = await rtnetns.openNetns('a');`;
  return node(`${opened}\n${source}\nhost.close(); a.close();`, ...READ_ONLY);
}

async function twoNamespaces() {
  const [host, a] = [await createNetns('host'), await createNetns('a')];
  return {
    host,
    async [Symbol.asyncDispose]() {
      for (const netns of [a, host]) await netns[Symbol.asyncDispose]();
    },
  };
}

const set = async (host: Netns, ...settings: string[]) =>
  run(host, 'sysctl', '-qw', ...settings.map((setting) => `net.${setting}`));

const NO_IPV6 = ['ipv6.conf.all.disable_ipv6=1', 'ipv6.conf.default.disable_ipv6=1'];
const ROUTER = ['ipv4.ip_forward=1', 'ipv6.conf.all.forwarding=1'];

/** The whole life of a network: a member reaches its gateway, and a port of it is reached. */
const LIFE = `
const shop = await rtnetns.createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
say(shop.sysctls);
await shop.attach(a, { publish: [{ hostAddress: '192.0.2.1', hostPort: 8080, port: 80 }] });
say((await rtnetns.ping(a, '10.200.0.1')).received);
await shop.detach(a);
say(await told(shop.remove()));`;

describe('createBridgeNetwork', () => {
  test.each([
    ['in a router of both families', ROUTER],
    ['in a router without IPv6', ['ipv4.ip_forward=1', ...NO_IPV6]],
    ['where devices take no router advertisements', ['ipv4.ip_forward=1', 'ipv6.conf.default.accept_ra=0']],
  ])('needs to write no sysctl %s', async (_, settings) => {
    await using places = await twoNamespaces();
    const { host } = places;
    await set(host, ...settings);
    await addAddr(host, 'lo', '192.0.2.1/32');
    await setLink(host, 'lo', { up: true });
    const before = await everything(host);
    expect(await inContainer(LIFE)).toEqual([[], 1, {}]);
    expect(await everything(host)).toEqual(before);
  });

  const FORWARD = 'net.ipv4.ip_forward to 1 (the value is 0)';
  const FORWARD6 = 'net.ipv6.conf.all.forwarding to 1 (the value is 0)';
  const IGNORE = 'net.ipv6.conf.default.accept_ra to 0 (the value is 1)';

  test.each<[string, string, string[]]>([
    ['', FORWARD, ['ipv6.conf.default.accept_ra=0']],
    ['', IGNORE, ['ipv4.ip_forward=1']],
    ['', `${FORWARD} and ${IGNORE}`, []],
    // the port of a router takes no advertisements
    [`ipv6: 'fd00::/64',`, `${FORWARD} and ${FORWARD6}`, []],
    [`ipv6: 'fd00::/64', internal: true,`, IGNORE, []],
  ])('%s names all that has to be set, and leaves nothing behind: %s', async (more, wanted, settings) => {
    await using places = await twoNamespaces();
    const { host } = places;
    await set(host, 'ipv6.conf.default.accept_ra=1', ...settings);
    const before = await everything(host);
    const create = `
      say(await told(rtnetns.createBridgeNetwork(host, { ${more} name: 'shop', subnet: '10.200.0.0/24' })));`;
    expect(await inContainer(create)).toEqual([
      {
        name: 'NetworkError',
        code: 'EROFS',
        message:
          'EROFS: create network shop: /proc/sys is mounted read-only, as in a container: ' +
          `set ${wanted} outside of the container`,
      },
    ]);
    expect(await everything(host)).toEqual(before);
    const named = wanted.matchAll(/net\.(\S+) to (\d)/g);
    await set(host, ...Array.from(named, ([, key, value]) => `${key}=${value}`));
    expect(
      await inContainer(`${create}\nconst shop = await rtnetns.createBridgeNetwork(host, { ${more}
      name: 'shop', subnet: '10.200.0.0/24' }); await shop.remove();`),
    ).toHaveLength(1);
  });

  test('a network that was made outside: a member names the default of new devices', async () => {
    await using places = await twoNamespaces();
    const { host } = places;
    await set(host, 'ipv4.ip_forward=1', 'ipv6.conf.default.accept_ra=1');
    const shop = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
    const attach = `
      const shop = await rtnetns.createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
      say((await told(shop.attach(a))).message ?? true);
      shop.close();`;
    expect(await inContainer(attach)).toEqual([
      'EROFS: attach to network shop: /proc/sys is mounted read-only, as in a container: ' +
        `set ${IGNORE} outside of the container`,
    ]);
    await set(host, 'ipv6.conf.default.accept_ra=0');
    expect(await inContainer(attach)).toEqual([true]);
    await shop.remove();
  });

  test('ports are published at 127.0.0.0/8 only where route_localnet is set', async () => {
    await using places = await twoNamespaces();
    const { host } = places;
    await set(host, ...ROUTER);
    const publish = `
      const shop = await rtnetns.createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
      const attached = await told(shop.attach(a, { publish: [{ hostPort: 8080, port: 80 }] }));
      say(attached.message ?? (await told(shop.detach(a))));
      say(await told(shop.remove()));`;
    expect(await inContainer(publish)).toEqual([
      'EROFS: write sysctl net/ipv4/conf/shop/route_localnet of host: ' +
        '/proc/sys is mounted read-only, as in a container: set the sysctl outside of the container; ' +
        'it is "0", and was to be "1" (open)',
      {},
    ]);
    await set(host, 'ipv4.conf.default.route_localnet=1');
    expect(await inContainer(publish)).toEqual([{ value: true }, {}]);
  });
});
