import { tracingChannel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { getWireguard } from '../../../lib';
import { Bytes } from '../../../lib/netlink/bytes';
import { Connection } from '../../../lib/netlink/connection';
import { controller, GENL_ID_CTRL } from '../../../lib/netlink/genetlink/controller';
import { messages } from '../../../lib/netlink/message';
import { replyWords, sentWords } from '../../../lib/netlink/message-words';
import { Secret } from '../../../lib/netlink/secret';
import { messagesFor } from '../../../lib/wireguard/requests';
import { device, type DeviceMessage } from '../../../lib/wireguard/tables';
import { ack, done, FakeKernel, object } from '../support/fake-kernel';
import { netnsOf } from '../support/fake-netns';
import { ATTEMPT } from '../support/requests';

const KEY = Buffer.alloc(32, 0x5a);
const [BASE64, HEX] = [KEY.toString('base64'), KEY.toString('hex')];
const key = (n: number) => Buffer.alloc(32, n).toString('base64');

const NLM_F_MULTI = 2;

describe('what is sent for settings', () => {
  test('nothing but the device where nothing is given', () => {
    expect(messagesFor({})).toEqual([{}]);
  });

  test('a peer as it is given, its addresses in the place of those that it had', () => {
    const peers = [
      { publicKey: key(1) },
      { publicKey: key(2), allowedIps: ['10.0.0.0/8', 'fd00::1'], persistentKeepalive: 0 },
      { publicKey: key(3), allowedIps: [] },
      { publicKey: key(4), allowedIps: ['10.0.0.0/8'], remove: true },
    ];
    expect(messagesFor({ peers, replacePeers: true })).toEqual([
      {
        flags: 1,
        peers: [
          { publicKey: key(1) },
          {
            publicKey: key(2),
            flags: 2,
            persistentKeepalive: 0,
            allowedIps: [
              { family: 2, address: '10.0.0.0', prefixLength: 8 },
              { family: 10, address: 'fd00::1', prefixLength: 128 },
            ],
          },
          { publicKey: key(3), flags: 2 },
          { publicKey: key(4), flags: 1 },
        ],
      },
    ]);
  });

  test('zeros for no key', () => {
    const [{ privateKey, peers } = {}] = messagesFor({
      privateKey: '',
      peers: [{ publicKey: key(1), presharedKey: '' }],
    });
    const zeros = Buffer.alloc(32);
    expect([privateKey?.reveal(), peers?.[0]?.presharedKey?.reveal()]).toEqual([zeros, zeros]);
  });

  test('a port that may be refused goes before the mark, which the kernel would set first', () => {
    const peers = [{ publicKey: key(1) }];
    expect(messagesFor({ listenPort: 7, mark: 5, peers })).toEqual([{ listenPort: 7 }, { mark: 5, peers }]);
    expect(messagesFor({ listenPort: 7, peers })).toEqual([{ listenPort: 7, peers }]);
  });

  test('many peers and addresses in messages that are no longer than attributes can be', () => {
    const many = Array.from({ length: 1200 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    const peers = Array.from({ length: 600 }, (_, i) => ({
      publicKey: Buffer.alloc(32, `${i} `).toString('base64'),
      allowedIps: i === 300 ? many : [`fd00::${i.toString(16)}`],
    }));
    const sent = messagesFor({ mark: 5, peers });
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.map(({ mark }) => mark)).toEqual([5, ...sent.slice(1).map(() => undefined)]);
    for (const message of sent) {
      const { bytes } = device.tell('set', { index: 1, ...message }, ATTEMPT);
      expect(bytes.length).toBeLessThan(33_000);
    }
    const parts = sent.flatMap(({ peers = [] }) => peers);
    const { publicKey } = peers[300]!;
    const ofMany = parts.filter((part) => part.publicKey === publicKey);
    // the first takes the place of all addresses, and the others only add to a peer that is there
    expect(ofMany.map(({ flags, allowedIps }) => [flags, allowedIps?.length])).toEqual([
      [2, 500],
      [4, 500],
      [4, 200],
    ]);
    expect(parts).toHaveLength(602);
  });
});

/** A namespace whose kernel lists these messages for a device. */
function netnsWith(listed: readonly DeviceMessage[]) {
  const kernel = new FakeKernel((request) => {
    if (request.type === GENL_ID_CTRL) {
      const found = { command: 1, version: 2, id: 30, operations: [{ id: 0, flags: 0 }] };
      return Buffer.concat([object(request, controller.codec, found), ack(request)]);
    }
    const parts = listed.map((value) =>
      object(request, device.codec, { command: 'get', version: 1, ...value }, NLM_F_MULTI),
    );
    return Buffer.concat([...parts, done(request)]);
  });
  return netnsOf(new Connection(kernel.transact, 'red'), kernel.transact);
}

const LISTED: readonly DeviceMessage[] = [
  {
    ...{ index: 7, name: 'wg0', privateKey: new Secret(KEY), publicKey: key(9), listenPort: 51820, mark: 0 },
    peers: [
      {
        ...{
          publicKey: key(1),
          presharedKey: new Secret(KEY),
          endpoint: '[fe80::1%3]:51820',
          rxBytes: 1,
          txBytes: 2,
        },
        ...{ persistentKeepalive: 25, lastHandshake: { seconds: 1700000000, nanoseconds: 123_456_789 } },
        ...{ protocolVersion: 1, allowedIps: [{ family: 2, address: '10.0.0.0', prefixLength: 8 }] },
      },
    ],
  },
  {
    peers: [
      { publicKey: key(1), allowedIps: [{ family: 10, address: 'fd00::', prefixLength: 8 }] },
      {
        publicKey: key(2),
        presharedKey: new Secret(Buffer.alloc(32)),
        lastHandshake: { seconds: 0, nanoseconds: 0 },
      },
    ],
  },
];

const FOUND = {
  ...{ index: 7, name: 'wg0', publicKey: key(9), listenPort: 51820, mark: 0 },
  peers: [
    {
      ...{ publicKey: key(1), hasPresharedKey: true, endpoint: '[fe80::1%3]:51820', persistentKeepalive: 25 },
      ...{ allowedIps: ['10.0.0.0/8', 'fd00::/8'], lastHandshake: 1700000000123, rxBytes: 1, txBytes: 2 },
      protocolVersion: 1,
    },
    {
      ...{
        publicKey: key(2),
        hasPresharedKey: false,
        persistentKeepalive: 0,
        allowedIps: [],
        rxBytes: 0,
        txBytes: 0,
      },
      protocolVersion: 0,
    },
  ],
};

describe('what is read', () => {
  test('a peer that goes on in the next message is one, and secrets are left out', async () => {
    expect(await getWireguard(netnsWith(LISTED), 'wg0')).toEqual(FOUND);
  });

  test('secrets are there where somebody asks for them', async () => {
    const [first, second] = FOUND.peers;
    const peers = [{ ...first, presharedKey: BASE64 }, second];
    const found = await getWireguard(netnsWith(LISTED), 'wg0', { secrets: true });
    expect(found).toEqual({ ...FOUND, privateKey: BASE64, peers });
  });

  test('a device without a key', async () => {
    const found = await getWireguard(netnsWith([{ index: 7, name: 'wg0' }]), 'wg0', { secrets: true });
    expect(found).toEqual({ index: 7, name: 'wg0', listenPort: 0, mark: 0, peers: [] });
  });
});

describe('nothing prints a secret', () => {
  const expectHidden = (text: string) => {
    for (const shown of [BASE64, HEX, '5a 5a', '5a5a', '90, 90', '90,90']) expect(text).not.toContain(shown);
  };

  test('a message that is sent, in words', () => {
    const [value] = messagesFor({ privateKey: BASE64, peers: [{ publicKey: key(1), presharedKey: BASE64 }] });
    const words = sentWords(device.tell('set', { index: 7, ...value }, ATTEMPT), 'red');
    expect(words).toBe(
      "→ wireguard seq 0 {command: 'set', version: 1, index: 7, privateKey: (hidden), " +
        `peers: [{publicKey: '${key(1)}', presharedKey: (hidden)}]} in red`,
    );
  });

  test('what is answered, in words', () => {
    const request = device.list('get', { index: 7 }, ATTEMPT);
    const [asked] = messages(new Bytes(request.bytes));
    const bytes = object(asked!, device.codec, { command: 'get', version: 1, ...LISTED[0]! }, NLM_F_MULTI);
    const words = replyWords('red', [request], { bytes, errno: 0 }, 0).join('\n');
    expect(words).toContain("name: 'wg0', privateKey: (hidden), publicKey: ");
    expectHidden(words);
  });

  test('what subscribers of a channel are given', async () => {
    const seen: unknown[] = [];
    const channel = tracingChannel('rtnetns:request');
    const subscriber = { asyncEnd: (context: unknown) => seen.push(context) };
    channel.subscribe(subscriber as never);
    try {
      await getWireguard(netnsWith(LISTED), 'wg0', { secrets: true });
    } finally {
      channel.unsubscribe(subscriber as never);
    }
    expect(seen).toHaveLength(2);
    expectHidden(inspect(seen, { depth: null, showHidden: true, maxArrayLength: null }));
    expectHidden(JSON.stringify(seen));
    expectHidden(String((seen[1] as { result: readonly DeviceMessage[] }).result[0]?.privateKey));
  });
});
