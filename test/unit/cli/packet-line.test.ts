import fc from 'fast-check';
import type { Packet } from '../../../lib';
import { packetLine } from '../../../lib/cli/packet-line';

function packet(data: Buffer, more: Partial<Packet> = {}): Packet {
  const source = Buffer.from('020000000001', 'hex');
  const head = { time: 1_000_000_123_456_789n, direction: 'host', device: 2, hardware: 1 } as const;
  return { ...head, protocol: 0x0800, data, length: data.length, source, ...more };
}

const ETHERNET = '0200000000020200000000010800';
const UDP = '4500002100000000401100000a0000010a000002' + '1f900035000d0000' + '3132333435';

/** Without the time. */
const line = (...args: Parameters<typeof packetLine>) => packetLine(...args).replace(/^\S+ /, '');
const bytes = (hex: string) => Buffer.from(hex, 'hex');

test('the time is that of the kernel, in microseconds', () => {
  expect(packetLine(packet(bytes(UDP)), 'eth0', false)).toMatch(/^\d\d:\d\d:40\.123456 eth0 in /);
});

test('with and without the header of the link layer', () => {
  const expected = 'eth0 in IP 10.0.0.1.8080 > 10.0.0.2.53: UDP, length 5';
  expect(line(packet(bytes(ETHERNET + UDP)), 'eth0', true)).toBe(expected);
  expect(line(packet(bytes(UDP)), 'eth0', false)).toBe(expected);
  expect(line(packet(bytes(UDP), { hardware: 0xfffe }), 'eth0', true)).toBe(expected);
});

test('the tag of a VLAN', () => {
  const tagged = ETHERNET.replace('0800', '8100') + '60070800' + UDP;
  expect(line(packet(bytes(tagged), { protocol: 0x8100 }), 'eth0', true)).toBe(
    'eth0 in vlan 7 IP 10.0.0.1.8080 > 10.0.0.2.53: UDP, length 5',
  );
});

test('fragments, other protocols, and other networks', () => {
  const fragment = UDP.replace('4500002100000000', '4500002100002010');
  expect(line(packet(bytes(fragment)), 'eth0', false)).toBe(
    'eth0 in IP 10.0.0.1 > 10.0.0.2: fragment at 128, length 13',
  );
  expect(line(packet(bytes(UDP.replace('4011', '402f'))), 'eth0', false)).toBe(
    'eth0 in IP 10.0.0.1 > 10.0.0.2: protocol 47, length 13',
  );
  expect(line(packet(bytes('00'), { protocol: 0x88cc, direction: 'multicast' }), 'eth0', false)).toBe(
    'eth0 mcast EtherType 0x88cc from 02:00:00:00:00:01, length 1',
  );
});

test('options of IPv6 are skipped', () => {
  const header = `6000000000103a40${'0'.repeat(31)}1${'0'.repeat(31)}2`.replace('3a40', '0040');
  const options = '3a00050200000100';
  const echo = '8000000000070001';
  expect(line(packet(bytes(header + options + echo), { protocol: 0x86dd }), 'eth0', false)).toBe(
    'eth0 in IP6 ::1 > ::2: ICMP6, echo request, id 7, seq 1, length 8',
  );
});

test('any bytes, cut anywhere, are one line', () => {
  const starts = fc.constantFrom('', ETHERNET, UDP, ETHERNET + UDP, '45', '60', '6000000000000040');
  const protocols = fc.constantFrom(0x0800, 0x86dd, 0x0806, 0x8100, 1);
  fc.assert(
    fc.property(starts, fc.uint8Array(), protocols, fc.boolean(), (start, rest, protocol, ofDevice) => {
      const data = Buffer.concat([bytes(start), rest]);
      expect(line(packet(data, { protocol }), 'eth0', ofDevice)).toMatch(/^eth0 in \S[^\n]*, length -?\d+$/);
    }),
    { numRuns: 2000 },
  );
});
