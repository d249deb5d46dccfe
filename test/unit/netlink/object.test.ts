import { Bytes } from '../../../lib/netlink/bytes';
import { encode, type Message, messages } from '../../../lib/netlink/message';
import { address } from '../../../lib/netlink/rtnetlink/address';

const ATTEMPT = { operation: 'test', device: 'eth0' };
const VALUE = { family: 2, index: 7, local: '10.0.0.1' };

const head = (bytes: Buffer) => ({ type: bytes.readUInt16LE(4), flags: bytes.readUInt16LE(6) });

function replies(...indexes: number[]): Message[] {
  return indexes.flatMap((index) => [
    ...messages(new Bytes(encode(20, 0, address.codec, { ...VALUE, index }))),
  ]);
}

// NLM_F_REQUEST 1, ACK 4, ECHO 8, REPLACE and ROOT 0x100, EXCL and MATCH 0x200, CREATE 0x400
test.each([
  ['add', address.add(VALUE, 0x600, ATTEMPT), { type: 20, flags: 0x605 }, { dump: false, replies: false }],
  [
    'addEcho',
    address.addEcho(VALUE, 0x600, ATTEMPT),
    { type: 20, flags: 0x60d },
    { dump: false, replies: true },
  ],
  ['remove', address.remove(VALUE, ATTEMPT), { type: 21, flags: 0x5 }, { dump: false, replies: false }],
  ['get', address.get(VALUE, ATTEMPT), { type: 22, flags: 0x5 }, { dump: false, replies: true }],
  ['dump', address.dump(VALUE, ATTEMPT), { type: 22, flags: 0x301 }, { dump: true, replies: true }],
])('%s', (_, request, expected, kind) => {
  expect(head(request.bytes)).toEqual(expected);
  expect(request).toMatchObject({ ...kind, attempt: ATTEMPT, codec: address.codec });
  const { bytes } = request;
  expect(address.codec.read(new Bytes(bytes), 16, bytes.length)).toMatchObject(VALUE);
});

test('what comes back', () => {
  const parsed: unknown[] = [address.add(VALUE, 0, ATTEMPT), address.remove(VALUE, ATTEMPT)].map((request) =>
    request.parse(replies(1)),
  );
  expect(parsed).toEqual([undefined, undefined]);
  expect(address.get(VALUE, ATTEMPT).parse(replies(1))).toMatchObject({ index: 1 });
  const told = address.reading('label').addEcho(VALUE, 0, ATTEMPT).parse(replies(1));
  expect(told).toMatchObject({ family: 2, index: 1 });
  expect(told).not.toHaveProperty('local');
  expect(address.get(VALUE, ATTEMPT).parse([])).toBeUndefined();
  expect(address.dump({}, ATTEMPT).parse(replies(1, 2))).toMatchObject([{ index: 1 }, { index: 2 }]);
  expect(address.dump({}, ATTEMPT).parse([])).toEqual([]);
});

test('a list takes each reply before the next is read, and leaves out what is undefined', () => {
  const list = address
    .viewing('local')
    .list({}, ATTEMPT, ({ index, local }) => (index === 2 ? undefined : { index, local }));
  expect(head(list.bytes)).toEqual({ type: 22, flags: 0x301 });
  expect(list.parse(replies(1, 2, 3))).toEqual([
    { index: 1, local: '10.0.0.1' },
    { index: 3, local: '10.0.0.1' },
  ]);
});

test('a value that does not fit is refused at once', () => {
  expect(() => address.add({ ...VALUE, local: '10.0.0.1/24' }, 0, ATTEMPT)).toThrow(
    new RangeError('local: expected an IP address, got "10.0.0.1/24"'),
  );
});
