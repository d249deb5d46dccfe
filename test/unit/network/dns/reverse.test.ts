import fc from 'fast-check';
import { placeInSubnets, reverseName } from '../../../../lib/network/dns/reverse';
import { checkOptions } from '../../../../lib/network/options';

const { subnets } = checkOptions({ name: 'red', subnet: '10.200.16.0/20', ipv6: 'fd00:200::/62' });

test('names of addresses, as RFC 1035 and RFC 3596 have them', () => {
  expect(reverseName('10.2.0.52')).toBe('52.0.2.10.in-addr.arpa');
  expect(reverseName('4321:0:1:2:3:4:567:89ab')).toBe(
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
  );
});

test.each([
  ['7.17.200.10.in-addr.arpa', 'address'],
  ['7.31.200.10.in-addr.arpa', 'address'],
  ['7.32.200.10.in-addr.arpa', undefined],
  ['17.200.10.in-addr.arpa', 'part'],
  // more than the subnet is below it
  ['200.10.in-addr.arpa', undefined],
  ['in-addr.arpa', undefined],
  ['.in-addr.arpa', undefined],
  ['7.017.200.10.in-addr.arpa', undefined],
  ['7.256.200.10.in-addr.arpa', undefined],
  ['1.7.17.200.10.in-addr.arpa', undefined],
  ['x.17.200.10.in-addr.arpa', undefined],
  [reverseName('fd00:200:0:3::7'), 'address'],
  [reverseName('fd00:200:0:4::7'), undefined],
  [reverseName('fd00:200:0:3::7').slice(2), 'part'],
  ['3.0.0.0.0.0.0.0.0.0.2.0.0.0.d.f.ip6.arpa', 'part'],
  ['0.0.0.0.0.0.0.0.0.2.0.0.0.d.f.ip6.arpa', undefined],
  ['www.example', undefined],
])('%s is of the subnets: %s', (name, place) => {
  expect(placeInSubnets(name, subnets)).toBe(place);
});

test('each address of a subnet, and no other', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(255), (low, second) => {
      const address = `10.${second}.${low >> 8}.${low & 255}`;
      const inside = second === 200 && ((low >> 8) & 0xf0) === 16;
      expect(placeInSubnets(reverseName(address), subnets)).toBe(inside ? 'address' : undefined);
    }),
  );
});
