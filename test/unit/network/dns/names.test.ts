import { isName } from '../../../../lib/network/dns-options';
import { lookUp, nameTable } from '../../../../lib/network/dns/names';
import { checkOptions } from '../../../../lib/network/options';

const { subnets } = checkOptions({ name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' });
const db = { aliases: ['db', 'DB.Example', 'db.'], addresses: { 4: '10.1.0.2', 6: 'fd01::2' } };
const web = { aliases: ['web', 'db'], addresses: { 4: '10.1.0.3' } };

test('the names of members and of their addresses', () => {
  const table = nameTable([db, web, { aliases: [], addresses: { 4: '10.1.0.4' } }], undefined);
  expect(Object.fromEntries(table)).toMatchObject({
    db: { A: ['10.1.0.2', '10.1.0.3'], AAAA: ['fd01::2'], PTR: [] },
    'db.example': { A: ['10.1.0.2'], AAAA: ['fd01::2'] },
    web: { A: ['10.1.0.3'], AAAA: [] },
    '2.0.1.10.in-addr.arpa': { A: [], AAAA: [], PTR: ['db', 'db.example'] },
    '3.0.1.10.in-addr.arpa': { PTR: ['web', 'db'] },
  });
  expect(table.size).toBe(6);
  const [six] = [...table.keys()].filter((name) => name.endsWith('.ip6.arpa'));
  expect(table.get(six!)!.PTR).toEqual(['db', 'db.example']);
});

test('in a domain', () => {
  const table = nameTable([web], 'internal');
  expect([...table.keys()].sort()).toEqual([
    '3.0.1.10.in-addr.arpa',
    'db',
    'db.internal',
    'web',
    'web.internal',
  ]);
  expect(table.get('3.0.1.10.in-addr.arpa')!.PTR).toEqual(['web.internal', 'db.internal']);
  const scope = { domain: 'internal', subnets };
  expect(lookUp(table, 'web.internal', scope)).toMatchObject({ A: ['10.1.0.3'] });
  expect(lookUp(table, 'internal', scope)).toMatchObject({ A: [], AAAA: [], PTR: [] });
  expect(lookUp(table, 'nobody.internal', scope)).toBe('unknown');
  expect(lookUp(table, 'nobodyinternal', scope)).toBe('elsewhere');
  expect(lookUp(table, 'nobody', scope)).toBe('elsewhere');
  expect(lookUp(table, '9.0.1.10.in-addr.arpa', scope)).toBe('unknown');
  expect(lookUp(table, '9.0.2.10.in-addr.arpa', scope)).toBe('elsewhere');
});

test('what nobody could ask for is no name', () => {
  const wrong = [
    '',
    '.',
    'a..b',
    'a b',
    'ä',
    `${'x'.repeat(64)}.y`,
    'x.'.repeat(130) + 'x',
    '10.1.0.2',
    'fd01::2',
  ];
  expect(wrong.filter(isName)).toEqual([]);
  expect(['a', '_srv.a', 'a-1.b', '1.2', 'x'.repeat(63)].every(isName)).toBe(true);
  expect(nameTable([{ aliases: wrong, addresses: { 4: '10.1.0.2' } }], undefined).size).toBe(0);
});
