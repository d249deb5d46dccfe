import {
  checksum,
  echoRequest,
  hopLimit,
  readEcho,
  readRefusal,
  replyFilter,
  withoutIpHeader,
} from '../../../lib/packets/ping-echo';
import { addressIn, sockaddr } from '../../../lib/sockets/inet/sockaddr';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('checksum: the example of RFC 1071, and an odd length', () => {
  expect(checksum(hex('0001 f203 f4f5 f6f7'))).toBe(0x220d);
  expect(checksum(hex('0001 f203 f4f5 f6'))).toBe(checksum(hex('0001 f203 f4f5 f600')));
  expect(checksum(Buffer.alloc(0))).toBe(0xffff);
  expect(checksum(Buffer.alloc(65515, 0xff))).toBe(0x00ff);
});

test('a request is laid out as RFC 792 and RFC 4443 say', () => {
  const data = Buffer.from('data');
  const v4 = echoRequest(4, { id: 0x1234, sequence: 7, data });
  expect(v4).toEqual(hex('0800 0d02 1234 0007 64617461'));
  expect(checksum(v4)).toBe(0);
  // the kernel counts in the addresses
  expect(echoRequest(6, { id: 0x1234, sequence: 7, data })).toEqual(hex('8000 0000 1234 0007 64617461'));
});

test('only what is asked for is read', () => {
  const reply = hex('0000 0000 1234 ffff 01');
  expect(readEcho(4, 'reply', reply)).toEqual({ id: 0x1234, sequence: 0xffff, data: hex('01') });
  expect(readEcho(4, 'request', reply)).toBeUndefined();
  expect(readEcho(6, 'reply', reply)).toBeUndefined();
  expect(readEcho(6, 'reply', hex('8100 0000 0001 0002'))).toEqual({ id: 1, sequence: 2, data: hex('') });
  for (let length = 0; length < 8; length++) {
    expect(readEcho(4, 'reply', reply.subarray(0, length))).toBeUndefined();
  }
});

test('an IP header is skipped with its options', () => {
  expect(withoutIpHeader(Buffer.concat([hex('45'), Buffer.alloc(19), hex('0000')]))).toEqual(hex('0000'));
  expect(withoutIpHeader(Buffer.concat([hex('46'), Buffer.alloc(23), hex('0800')]))).toEqual(hex('0800'));
  expect(withoutIpHeader(hex('45'))).toHaveLength(0);
});

test('socket addresses', () => {
  for (const [family, address, length] of [
    [4, '10.0.1.2', 16],
    [6, 'fe80::1', 28],
  ] as const) {
    const written = sockaddr(family, address, 3);
    expect(written).toHaveLength(length);
    expect(addressIn(written)).toBe(address);
  }
  expect(sockaddr(4, '10.0.1.2').subarray(2)).toEqual(hex('0000 0a000102 0000000000000000'));
  expect(sockaddr(6, 'fe80::1', 3).readUInt32LE(24)).toBe(3);
  expect(addressIn(Buffer.alloc(16))).toBeUndefined();
  expect(addressIn(Buffer.alloc(0))).toBeUndefined();
});

test('control messages: who refused, and how far the reply came', () => {
  // struct sock_extended_err as 6.18 gave it for a router's "host unreachable"
  const error = hex('71000000 02 03 01 00 00000000 00000000');
  const router = sockaddr(4, '10.0.1.254');
  const other = [1, 29, Buffer.alloc(16)] as const;
  expect(readRefusal(4, [other, [0, 11, Buffer.concat([error, router])]])).toEqual({
    errno: 113,
    from: '10.0.1.254',
    icmp: { type: 3, code: 1 },
  });
  // this host's own: too large for the device
  expect(readRefusal(6, [[41, 25, hex('5a000000 01 00 00 00 dc050000 00000000 00000000')]])).toEqual({
    errno: 90,
  });
  expect(readRefusal(6, [[0, 11, error]])).toBeUndefined();
  expect(hopLimit(4, [other, [0, 2, hex('40000000')]])).toBe(64);
  expect(hopLimit(6, [[41, 52, hex('ff000000')]])).toBe(255);
});

test('the filter is a program of whole instructions that names the identifier', () => {
  expect(replyFilter(4, 0xabcd)).toHaveLength(7 * 8);
  expect(replyFilter(6, 0xabcd)).toHaveLength(6 * 8);
  expect(replyFilter(6, 0xabcd).includes(hex('cdab0000'))).toBe(true);
});
