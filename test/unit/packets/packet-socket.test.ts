import type { Datagram } from '../../../lib/addon/native';
import { LINKTYPE, linkTypeOf, packetSocket, readPacket } from '../../../lib/packets/packet-socket';
import { pcapHeader, pcapRecord } from '../../../lib/packets/pcap';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const datagram = (data: Buffer, control: Datagram['control'] = []): Datagram => ({
  bytes: data,
  // AF_PACKET, IPv4, device 7, ARPHRD_ETHER, PACKET_OUTGOING, six bytes of address
  from: hex('1100 0800 07000000 0100 04 06 020000000001 0000'),
  flags: 0,
  time: 1,
  epoch: 1_700_000_000_123_456_789n,
  control,
});

/** struct tpacket_auxdata: status, length, captured, offsets, tag. */
const auxdata = (status: string, tag: string): Datagram['control'] => [
  [263, 8, hex(`${status}000000 64000000 0e000000 0000 0000 ${tag}`)],
];

test('how packets begin is told by the sort of the device', () => {
  expect(linkTypeOf(1)).toBe(LINKTYPE.ethernet);
  expect(linkTypeOf(772)).toBe(LINKTYPE.ethernet); // lo
  expect(linkTypeOf(0xfffe)).toBe(LINKTYPE.raw); // tun, WireGuard
  expect(linkTypeOf(778)).toBe(LINKTYPE.sll2); // GRE
  expect(linkTypeOf(undefined)).toBe(LINKTYPE.sll2);
});

describe('the socket', () => {
  const options = { device: 7, linkType: LINKTYPE.ethernet, snaplen: 100, promiscuous: false, buffer: 1 };

  test('is bound to the device, for all protocols', () => {
    const { domain, type, protocol, bind } = packetSocket({ ...options, filter: undefined });
    expect([domain, type, protocol]).toEqual([17, 3, 0]);
    expect(bind).toEqual(hex('1100 0003 07000000 0000 00 00 0000000000000000'));
    expect(packetSocket({ ...options, linkType: LINKTYPE.sll2, filter: undefined }).type).toBe(2);
  });

  test('takes no more of a packet than it is to', () => {
    expect(packetSocket({ ...options, filter: undefined }).filter).toEqual(hex('0600 00 00 64000000'));
    const filter = [
      [0x15, 1, 0, 0xffff],
      [6, 0, 0, 0],
      [6, 0, 0, 50],
      [6, 0, 0, 0xffffffff],
    ] as const;
    expect(packetSocket({ ...options, filter }).filter).toEqual(
      hex('1500 01 00 ffff0000  0600 00 00 00000000  0600 00 00 32000000  0600 00 00 64000000'),
    );
  });
});

describe('a packet', () => {
  const frame = hex('ffffffffffff 020000000001 0800 aabbccdd');

  test('is what the kernel tells of it', () => {
    expect(readPacket(datagram(frame, auxdata('01', '0000 0000')), LINKTYPE.ethernet, 1000)).toEqual({
      time: 1_700_000_000_123_456_789n,
      direction: 'outgoing',
      device: 7,
      protocol: 0x0800,
      data: frame,
      length: 100,
      hardware: 1,
      source: hex('020000000001'),
    });
  });

  test('is cut where the program has not done so', () => {
    const cut = readPacket(datagram(frame), LINKTYPE.ethernet, 14);
    expect(cut).toMatchObject({ data: frame.subarray(0, 14), length: 18 });
  });

  test('is given back its tag, of the kind that it was of', () => {
    const read = (status: string, linkType: 1 | 276 = LINKTYPE.ethernet) =>
      readPacket(datagram(frame, auxdata(status, '0720 a888')), linkType, 1000)!;
    const tagged = (tpid: string) => hex(`ffffffffffff 020000000001 ${tpid} 2007 0800 aabbccdd`);
    expect(read('51')).toMatchObject({ data: tagged('88a8'), length: 104 });
    expect(read('11')).toMatchObject({ data: tagged('8100'), length: 104 });
    expect(read('01')).toMatchObject({ data: frame, length: 100 });
    expect(read('51', LINKTYPE.sll2)).toMatchObject({ data: frame, length: 100 });
  });

  test('that leaves by lo is left out', () => {
    const leaving = datagram(frame);
    leaving.from.writeUInt16LE(772, 8);
    expect(readPacket(leaving, LINKTYPE.ethernet, 100)).toBeUndefined();
    leaving.from.writeUInt8(0, 10);
    expect(readPacket(leaving, LINKTYPE.ethernet, 100)).toMatchObject({ direction: 'host' });
  });
});

test('a file is laid out as pcap-savefile(5) says', () => {
  expect(pcapHeader(LINKTYPE.sll2, 60)).toEqual(
    hex('4d3cb2a1 0200 0400 00000000 00000000 3c000000 14010000'),
  );
  const packet = readPacket(datagram(hex('4500')), LINKTYPE.sll2, 60)!;
  const times = '00f15365 15cd5b07';
  expect(pcapRecord(LINKTYPE.raw, packet)).toEqual(hex(`${times} 02000000 02000000 4500`));
  expect(pcapRecord(LINKTYPE.sll2, packet)).toEqual(
    hex(`${times} 16000000 16000000 0800 0000 00000007 0001 04 06 020000000001 0000 4500`),
  );
});
