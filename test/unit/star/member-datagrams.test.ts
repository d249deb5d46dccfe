import fc from 'fast-check';
import { encodedByTables, MemberEncoder } from '../../../lib/star/member-datagrams';
import type { Place, StarHub } from '../../../lib/star/member-requests';
import type { StarMember } from '../../../lib/star/star-member';

const hub = { bridge: 7, common: {} } as unknown as StarHub;

const byte = fc.integer({ min: 0, max: 255 });
const mac = fc.tuple(byte, byte, byte).map((bytes) => `02:00:00:${bytes.map((b) => hex(b)).join(':')}`);
const ipv4 = fc
  .tuple(fc.constantFrom(10, 126, 127, 172, 223), byte, byte)
  .map(([a, b, c]) => `${a}.${b}.${c}.1/${b % 2 === 0 ? 16 : 24}`);
const ipv6 = fc.tuple(fc.constantFrom('fd00', 'fe80', '2001'), byte).map(([a, b]) => `${a}::${hex(b)}/64`);
const member: fc.Arbitrary<StarMember> = fc.record({
  port: fc.record({
    mac,
    name: fc.constantFrom('a', 'port1', 'port2', 'zwölf', 'ñandú5'),
    mtu: fc.constantFrom(1400, 1500),
  }),
  device: fc.record({
    mac,
    addrs: fc.uniqueArray(fc.oneof(ipv4, ipv6), { maxLength: 3, selector: (addr) => addr }),
  }),
  routes: fc.constantFrom([], [{ to: 'default', via: '10.0.0.1' }], [{ to: '10.9.0.0/16', device: 'lo' }]),
});

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** The member again and again, as members of a star come, so that its shape is laid out. */
function repeated(encoder: MemberEncoder, place: Place): void {
  for (let i = 0; i < 16; i++) encoder.encode(place);
}

describe('MemberEncoder', () => {
  test('what is filled into a shape is what the tables encode', () => {
    let filled = 0;
    fc.assert(
      fc.property(fc.array(member, { minLength: 2, maxLength: 8 }), (members) => {
        const encoder = new MemberEncoder(hub);
        for (const [i, one] of members.entries()) repeated(encoder, { member: one, index: 5000 + i });
        for (const [i, one] of members.entries()) {
          const place = { member: one, index: 0x7ff00000 + i };
          const { byTables, ...encoded } = encoder.encode(place);
          if (!byTables) filled++;
          expect(encoded).toEqual(encodedByTables(hub, place));
        }
      }),
      { numRuns: 20 },
    );
    expect(filled).toBeGreaterThan(20);
  });

  test('members that differ in more than their own things are of other shapes', () => {
    const encoder = new MemberEncoder(hub);
    const place = {
      member: { port: { name: 'p1', mac: '02:00:00:00:00:01' }, device: { mtu: 1400 } },
      index: 9,
    };
    repeated(encoder, place);
    expect(encoder.encode(place).byTables).toBe(false);
    for (const device of [{ mtu: 1500 }, { mtu: 1400, addrs: ['10.0.0.2/24'] }, { mtu: 1400, group: 3 }, {}])
      expect(encoder.encode({ ...place, member: { ...place.member, device } }).byTables).toBe(true);
  });

  test('a name of the default is made of the index', () => {
    const encoder = new MemberEncoder(hub);
    for (let i = 0; i < 20; i++) {
      const index = 0x1000000 + i;
      const { datagrams } = encoder.encode({ member: {}, index });
      expect(datagrams.bytes.includes(`veth${index.toString(16)}\0`)).toBe(true);
    }
  });

  test.each(['zz', '02:00:00:00:00', '', 5])(
    'the MAC address %p is refused in a shape that is known',
    (mac) => {
      const encoder = new MemberEncoder(hub);
      repeated(encoder, { member: {}, index: 9 });
      expect(encoder.encode({ member: {}, index: 9 }).byTables).toBe(false);
      const wrong = { mac: mac as string };
      for (const member of [{ device: wrong }, { port: wrong }])
        expect(() => encoder.encode({ member, index: 9 })).toThrow('expected a MAC address');
    },
  );

  test('addresses of loopback are left to the tables, because they have a scope of their own', () => {
    const encoder = new MemberEncoder(hub);
    const place = { member: { device: { addrs: ['127.0.0.9/8'] } }, index: 9 };
    repeated(encoder, place);
    expect(encoder.encode(place).byTables).toBe(true);
  });

  test('two members have MAC addresses of their own', () => {
    const encoder = new MemberEncoder(hub);
    repeated(encoder, { member: {}, index: 9 });
    const [first, second] = [0, 1].map(() => encoder.encode({ member: {}, index: 9 }).datagrams.bytes);
    expect(first).not.toEqual(second);
  });

  test.each([
    [{ device: { addrs: ['10.0.0.1/24'] }, routes: [{ to: 'nowhere' }] }, 'routes[0]: '],
    [{ port: { name: 'port%d' } }, 'port.name: '],
    [{ device: { txQueues: 1n as unknown as number } }, 'txQueues: '],
  ] as [StarMember, string][])(
    'what is wrong in %j is refused by its name, however often',
    (wrong, message) => {
      const encoder = new MemberEncoder(hub);
      for (let i = 0; i < 16; i++) {
        const encode = () => encoder.encode({ member: wrong, index: 9 });
        expect(encode).toThrow(message);
      }
    },
  );
});
