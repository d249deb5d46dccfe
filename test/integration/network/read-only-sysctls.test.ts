// A container has /proc/sys mounted read-only, and its sysctls are set by whoever starts it.
import { addAddr, createNetns, type Netns, setLink } from '../../../lib';
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

  test.each([
    ['net/ipv4/ip_forward', [], 'it is "0", and was to be "1"'],
    ['net/ipv6/conf/shop/accept_ra', ['ipv4.ip_forward=1'], 'it is "1", and was to be "0"'],
  ])(
    'names %s, which is wrong and cannot be written, and leaves nothing behind',
    async (key, more, state) => {
      await using places = await twoNamespaces();
      const { host } = places;
      await set(host, 'ipv6.conf.default.accept_ra=0');
      if (more.length > 0) await set(host, 'ipv6.conf.default.accept_ra=1', ...more);
      const before = await everything(host);
      const [refused] = await inContainer(
        `say(await told(rtnetns.createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' })));`,
      );
      expect(refused).toEqual({
        name: 'NetnsError',
        code: 'EROFS',
        message:
          `EROFS: write sysctl ${key} of host: /proc/sys is mounted read-only, as in a container; ` +
          `${state} (open)`,
      });
      expect(await everything(host)).toEqual(before);
    },
  );

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
        '/proc/sys is mounted read-only, as in a container; it is "0", and was to be "1" (open)',
      {},
    ]);
    await set(host, 'ipv4.conf.default.route_localnet=1');
    expect(await inContainer(publish)).toEqual([{ value: true }, {}]);
  });
});
