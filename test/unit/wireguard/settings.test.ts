import { createLink, type CreateLinkOptions, setWireguard, type WireguardSettings } from '../../../lib';
import { fakeGenericNetns } from '../support/fake-netns';

const KEY = Buffer.alloc(32, 1).toString('base64');
const OTHER = Buffer.alloc(32, 2).toString('base64');

async function refusal(settings: object): Promise<[name: string, message: string]> {
  const { netns, asked } = fakeGenericNetns();
  const error = await setWireguard(netns, 'wg0', settings as WireguardSettings).then(
    () => new Error('it was taken'),
    (reason: unknown) => reason as Error,
  );
  expect(asked()).toEqual([]);
  return [error.name, error.message];
}

const ofPeer = async (peer: object) => refusal({ peers: [{ publicKey: KEY, ...peer }] });

describe('settings are refused before anything is sent', () => {
  test.each<[settings: object, message: RegExp]>([
    [{ privateKey: 'x' }, /^privateKey: expected a key/],
    [{ listenPort: 65536 }, /^listenPort: expected an integer from 0 to 65535, got 65536$/],
    [{ mark: -1 }, /^mark: expected an integer from 0 to 4294967295, got -1$/],
    [{ fwmark: 1 }, /^fwmark: there is no such option; did you mean 'mark'\?$/],
    [{ socketNetns: 1 }, /^socketNetns: there is no such option$/],
    [{ replacePeers: 1 }, /^replacePeers: expected true or false, got 1$/],
    [{ peers: KEY }, /^peers: expected a list, got /],
    [{ peers: [{}] }, /^peers\[0\]\.publicKey: it has to be given$/],
    [{ peers: [{ publicKey: '' }] }, /^peers\[0\]\.publicKey: expected a key/],
    [
      { peers: [{ publicKey: KEY }, { publicKey: OTHER }, { publicKey: KEY }] },
      /^peers\[2\]\.publicKey: it is peers\[0\]\.publicKey once more, got "AQEB/,
    ],
  ])('%j', async (settings, message) => {
    expect((await refusal(settings))[1]).toMatch(message);
  });

  test.each<[peer: object, message: RegExp]>([
    [{ presharedKey: 'x' }, /^peers\[0\]\.presharedKey: expected a key/],
    [{ persistentKeepalive: 65536 }, /^peers\[0\]\.persistentKeepalive: expected an integer from 0 to 65535/],
    [{ endpoint: 51820 }, /^peers\[0\]\.endpoint: expected an address and a port, like '192\.0\.2\.1:51820'/],
    [{ endpoint: '192.0.2.1' }, /^peers\[0\]\.endpoint: expected an address and a port/],
    [{ endpoint: '192.0.2:1' }, /^peers\[0\]\.endpoint: expected an address and a port/],
    [{ endpoint: '2001:db8::1:51820' }, /^peers\[0\]\.endpoint: expected an address and a port/],
    [{ endpoint: '[192.0.2.1]:51820' }, /^peers\[0\]\.endpoint: expected an address and a port/],
    [{ endpoint: 'vpn.example.com:51820' }, /^peers\[0\]\.endpoint: expected an address and a port/],
    [{ endpoint: '[fe80::1%eth0]:51820' }, /^peers\[0\]\.endpoint: expected an address and a port/],
    [{ endpoint: '[::ffff:192.0.2.1]:51820' }, /^peers\[0\]\.endpoint: an IPv4-mapped address is ambiguous/],
    [{ endpoint: '192.0.2.1:0' }, /^peers\[0\]\.endpoint: port: expected an integer from 1 to 65535, got 0$/],
    [{ endpoint: '192.0.2.1:99999' }, /^peers\[0\]\.endpoint: port: expected an integer from 1 to 65535/],
    [{ endpoint: '[fe80::1%4294967295]:9' }, /^peers\[0\]\.endpoint: zone: expected an integer from 0 to/],
    [{ allowedIps: '10.0.0.0/8' }, /^peers\[0\]\.allowedIps: expected a list/],
    [{ allowedIps: ['10.0.0.1/8'] }, /^peers\[0\]\.allowedIps\[0\]: address bits beyond the prefix length/],
    [{ allowedIps: ['10.0.0.1/33'] }, /^peers\[0\]\.allowedIps\[0\]: the prefix of an IPv4 address/],
    [
      { allowedIps: ['fd00::/64', 'FD00:0::/64'] },
      /^peers\[0\]\.allowedIps\[1\]: it is peers\[0\]\.allowedIps\[0\] once more, got "fd00::\/64"$/,
    ],
  ])('%j', async (peer, message) => {
    expect((await ofPeer(peer))[1]).toMatch(message);
  });

  test('an address of two peers, unless one of them is removed', async () => {
    const allowedIps = ['10.0.0.0/8', '10.9.0.1'];
    const other = { publicKey: OTHER, allowedIps: ['10.9.0.1/32'] };
    expect(await refusal({ peers: [{ publicKey: KEY, allowedIps }, other] })).toEqual([
      'RangeError',
      'peers[1].allowedIps[0]: it is peers[0].allowedIps[1] once more, got "10.9.0.1/32"',
    ]);
    const { netns, asked } = fakeGenericNetns();
    await setWireguard(netns, 'wg0', { peers: [{ publicKey: KEY, allowedIps, remove: true }, other] });
    expect(asked()).toHaveLength(1);
  });

  test('a new device has no peer to remove, and no other options than its kind', async () => {
    const { netns } = fakeGenericNetns();
    const message = async (options: object) =>
      createLink(netns, options as CreateLinkOptions).then(
        () => '',
        (error: unknown) => (error as Error).message,
      );
    const peers = [{ publicKey: KEY, remove: true }];
    expect(await message({ kind: 'wireguard', peers })).toBe('peers[0].remove: there is no such option');
    expect(await message({ kind: 'wireguard', socketNetns: 'red' })).toMatch(
      /^socketNetns: expected a handle of createNetns or openNetns, got "red"/,
    );
    expect(await message({ kind: 'dummy', privateKey: KEY })).toBe('privateKey: there is no such option');
  });
});
