import fc from 'fast-check';
import { cidr, ipAddress } from '../../../lib/common/ip-address';
import { canonicalIp } from '../../../lib/common/ip-text';

/** The same address in several spellings, '::1.2.3.4' among them, which ipaddr.js would take for another one. */
const spellings = fc
  .array(fc.constantFrom(0, 0, 0, 1, 0xff, 0xffff, 0x102), { minLength: 8, maxLength: 8 })
  .map((groups) => {
    const full = groups.map((group) => group.toString(16)).join(':');
    const octets = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
    const dotted = `${groups
      .slice(0, 6)
      .map((group) => group.toString(16))
      .join(':')}:${octets.join('.')}`;
    const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
    const compatible = `::${octets.join('.')}`;
    return {
      short,
      all: groups.slice(0, 6).every((group) => group === 0) ? [full, dotted, compatible] : [full, dotted],
    };
  });

test('every spelling of an IPv6 address is the same address', () => {
  fc.assert(
    fc.property(spellings, ({ short, all }) => {
      expect(all.map(canonicalIp)).toEqual(all.map(() => short));
    }),
  );
});

test('addresses and prefixes', () => {
  expect(ipAddress('::5.6.7.8').match(...(cidr('::506:0/112') as [never, number]))).toBe(true);
  expect(canonicalIp('10.0.0.1')).toBe('10.0.0.1');
});
