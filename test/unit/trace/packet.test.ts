import type { nft } from '../../../lib';
import { readHeaders } from '../../../lib/trace/packet';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

// as the kernel (6.18) has told them
const IP = hex('45 00 003c b7b9 4000 40 06 fef7 c0000209 c0000201');
const TCP = hex('c2f4 1f90 c1c5250b 00000000 a002faf0 8439 0000');
const IP6 = hex('60000000 0008 3a 40 20010db8000000000000000000000009 20010db8000000000000000000000001');
const ECHO = hex('80 00 1234 abcd 0001');

const step = (networkHeader?: Buffer, transportHeader?: Buffer): nft.TraceStep => ({
  kind: 'step',
  id: 1,
  type: 'rule',
  table: { family: 'inet', name: 't' },
  chain: 'c',
  ...(networkHeader && { networkHeader }),
  ...(transportHeader && { transportHeader }),
});

test('addresses and ports', () => {
  expect(readHeaders(step(IP, TCP))).toEqual({
    ends: {
      protocol: 'tcp',
      source: '192.0.2.9',
      destination: '192.0.2.1',
      sourcePort: 49_908,
      destinationPort: 8080,
    },
    identification: 0xb7b9,
    sequence: 0xc1c5250b,
  });
  expect(readHeaders(step(IP6, ECHO))).toEqual({
    ends: { protocol: 'icmpv6', source: '2001:db8::9', destination: '2001:db8::1' },
    sequence: 0xabcd0001,
  });
});

test('another protocol by its number, and what is cut off', () => {
  const other = Buffer.from(IP);
  other[9] = 200;
  expect(readHeaders(step(other, TCP))?.ends).toEqual({
    protocol: 200,
    source: '192.0.2.9',
    destination: '192.0.2.1',
  });
  for (const transport of [undefined, TCP.subarray(0, 3)]) {
    expect(readHeaders(step(IP, transport))?.ends).not.toHaveProperty('sourcePort');
  }
  expect(readHeaders(step(IP, TCP.subarray(0, 4)))).toMatchObject({ ends: { destinationPort: 8080 } });
  const none = [undefined, Buffer.alloc(0), IP.subarray(0, 19), IP6.subarray(0, 39), Buffer.alloc(40)];
  for (const network of none) expect(readHeaders(step(network, TCP))).toBeUndefined();
});
