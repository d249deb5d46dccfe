import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getWireguard, type WireguardSettings } from '../../../lib';
import { Bytes } from '../../../lib/netlink/bytes';
import { written } from '../../../lib/netlink/codec';
import { Connection } from '../../../lib/netlink/connection';
import { controller, GENL_ID_CTRL } from '../../../lib/netlink/genetlink/controller';
import { messages, NLM_F_ACK, setSequence, setType } from '../../../lib/netlink/message';
import { Secret } from '../../../lib/netlink/secret';
import { messagesFor } from '../../../lib/wireguard/requests';
import { device } from '../../../lib/wireguard/tables';
import { inWordsOfWg } from '../../support/wireguard';
import { ack, done, FakeKernel, object } from '../support/fake-kernel';
import { netnsOf } from '../support/fake-netns';
import { ATTEMPT } from '../support/requests';

// What wg (1.0.20210914) and the kernel (6.1) say to each other, captured by test/golden/capture-wireguard.mjs.

interface Captured {
  command: string;
  request: string;
  reply?: string[];
  printed?: string;
}

const CAPTURED = JSON.parse(
  readFileSync(join(__dirname, '../../golden/wireguard.json'), 'utf8'),
) as readonly Captured[];

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const [ONE, TWO] = [key(1), key(2)];

/** The same in our words, in the order of the commands; none of a list. */
const SETTINGS: readonly (WireguardSettings | undefined)[] = [
  { privateKey: key(0x41), listenPort: 51820 },
  { mark: 0xcafe },
  {
    peers: [
      {
        publicKey: ONE,
        presharedKey: key(0x42),
        endpoint: '192.0.2.1:51820',
        persistentKeepalive: 25,
        allowedIps: ['10.9.0.2', 'fd00::/64'],
      },
    ],
  },
  { peers: [{ publicKey: TWO, endpoint: '[fe80::1%1]:9', allowedIps: ['0.0.0.0/0'] }] },
  { peers: [{ publicKey: TWO, endpoint: '[2001:db8::1]:9' }] },
  undefined,
  { peers: [{ publicKey: ONE, remove: true }] },
  { privateKey: '' },
];

const messageOf = (bytes: Buffer) => [...messages(new Bytes(bytes))][0]!;

/** What a message holds, with its secrets. */
function contentOf(bytes: Buffer): unknown {
  const { from, start, end } = messageOf(bytes);
  return revealed(device.codec.read(from, start, end));
}

function revealed(value: unknown): unknown {
  if (value instanceof Secret) return Buffer.from(value.reveal()).toString('base64');
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revealed(inner)]));
}

const CASES = CAPTURED.map((one, i) => ({ ...one, settings: SETTINGS[i] }));

test('each command has its call, or is a list', () => {
  expect(SETTINGS).toHaveLength(CAPTURED.length);
});

test.each(CASES)('$command', ({ request, settings }) => {
  const theirs = Buffer.from(request, 'hex');
  const { from, start, end, flags } = messageOf(theirs);
  const value = device.codec.read(from, start, end);
  expect(JSON.stringify(value)).not.toContain('unknown');
  expect(written(device.codec, value).equals(theirs.subarray(start, end))).toBe(true);

  const header = { name: 'wg0' };
  const ours =
    settings === undefined
      ? [device.list('get', header, ATTEMPT)]
      : messagesFor(settings).map((message) => device.tell('set', { ...header, ...message }, ATTEMPT));
  expect(ours.map(({ bytes }) => contentOf(bytes))).toEqual([contentOf(theirs)]);
  expect(messageOf(ours[0]!.bytes).flags | NLM_F_ACK).toBe(flags | NLM_F_ACK);
});

test('what the kernel answers is read as wg prints it', async () => {
  const { reply = [], printed = '' } = CAPTURED.find((one) => one.reply !== undefined)!;
  const kernel = new FakeKernel((request) => {
    if (request.type === GENL_ID_CTRL) {
      const found = { command: 1, version: 2, id: 30, operations: [{ id: 0, flags: 0 }] };
      return Buffer.concat([object(request, controller.codec, found), ack(request)]);
    }
    const parts = reply.map((hex) => {
      const bytes = Buffer.from(hex, 'hex');
      setSequence(bytes, request.sequence);
      setType(bytes, request.type);
      return bytes;
    });
    return Buffer.concat([...parts, done(request)]);
  });
  const netns = netnsOf(new Connection(kernel.transact, 'red'), kernel.transact);
  const lines = printed.trim().split('\n');
  const info = await getWireguard(netns, 'wg0', { secrets: true });
  expect(inWordsOfWg(info)).toEqual(lines.map((line) => line.split('\t')));
});
