import { packetSockaddr, readPacketSockaddr } from '../../../lib/sockets/packet-address';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('a socket is bound to a device, for one protocol', () => {
  expect(packetSockaddr({ protocol: 3, device: 7 })).toEqual(
    hex('1100 0003 07000000 0000 00 00 0000000000000000'),
  );
});

test('what is sent has the length of its address', () => {
  const address = Buffer.alloc(6, 0xff);
  expect(packetSockaddr({ protocol: 0x0806, device: 7, address })).toEqual(
    hex('1100 0806 07000000 0000 00 06 ffffffffffff 0000'),
  );
});

test('an address is read as long as it is', () => {
  const head = { protocol: 0x0800, device: 7, hardware: 1, type: 4 };
  expect(readPacketSockaddr(hex('1100 0800 07000000 0100 04 06 020000000001 0000'))).toEqual({
    ...head,
    address: hex('020000000001'),
  });
  const long = '80000048 fe80000000000000 0002c90300a1b2c3';
  expect(readPacketSockaddr(hex(`1100 0800 07000000 2000 04 14 ${long}`))).toEqual({
    ...head,
    hardware: 32,
    address: hex(long),
  });
});
