import type { LabDefinition } from '../../../lib';
import type { Nat } from '../../../lib/lab/nat/behavior';
import { behaviorOf, isNat } from '../../../lib/lab/nat/nat-options';
import { readNatText, natText } from '../../../lib/lab/nat/nat-text';
import { NAT_PRESETS } from '../../../lib/lab/nat/presets';
import { LabDefinitionError } from '../../../lib/lab/findings';
import { resolve } from '../../../lib/lab/resolve';
import { asThings, thingsOf } from '../../../lib/lab/things';

const switches = { wan: { subnet: '203.0.113.0/24' }, lan: { subnet: '192.168.1.0/24' } };

function findingsOf(routers: unknown, nodes: unknown = {}): string[] {
  try {
    resolve({ switches, routers, nodes } as LabDefinition);
  } catch (error) {
    if (!(error instanceof LabDefinitionError)) throw error;
    return error.findings.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('the NAT of a router', () => {
  test('what is said goes before the preset, which is home', () => {
    expect(behaviorOf('symmetric')).toEqual({ preset: 'symmetric', ...NAT_PRESETS.symmetric });
    const { timeouts, ...home } = NAT_PRESETS.home;
    expect(behaviorOf({ hairpinning: false, timeouts: { udp: 7 } })).toEqual({
      preset: 'home',
      ...home,
      hairpinning: false,
      timeouts: { ...timeouts, udp: 7 },
    });
  });

  test.each([
    ['office', /^nat: expected one of home, fullCone, restricted, .*, got "office"/],
    [7, /^nat: expected one of home/],
    [{ preset: 'office' }, /^nat\.preset: expected one of home/],
    [{ mapping: 'port' }, /^nat\.mapping: expected one of endpointIndependent, /],
    [{ filtering: null }, /^nat\.filtering: expected one of endpointIndependent, /],
    [{ ports: 'next' }, /^nat\.ports: expected one of preserve, random/],
    [{ ports: { from: 2 } }, /^nat\.ports\.to: it has to be given/],
    [{ ports: { from: 0, to: 2 } }, /^nat\.ports\.from: expected an integer from 1 to 65535, got 0/],
    [{ ports: { from: 3, to: 2 } }, /^nat\.ports: expected a range from low to high, got 3-2/],
    [{ ports: null }, /^nat\.ports: expected /],
    [{ hairpinning: 1 }, /^nat\.hairpinning: expected true or false/],
    [{ timeouts: { udp: 0 } }, /^nat\.timeouts\.udp: expected an integer from 1 to /],
    [{ timeouts: { tcp: 1 } }, /^nat\.timeouts\.tcp: there is no such option/],
    [{ ipv6: 'closed' }, /^nat\.ipv6: expected one of firewall, open/],
    [{ fullcone: true }, /^nat\.fullcone: there is no such option/],
    [[], /^nat: /],
    [null, /^nat: /],
  ])('%j is refused', (nat, message) => {
    expect(() => isNat(nat, 'nat')).toThrow(message);
  });

  test('a definition’s faults are found', () => {
    expect(findingsOf({ r: { ports: ['wan', 'lan'], nat: 'homes' } })).toEqual([
      expect.stringMatching(/^routers\.r\.nat: expected one of home, .*did you mean 'home'\?$/),
    ]);
    expect(findingsOf({ r: { ports: ['wan', 'lan'], nat: 'home', outside: 'wam' } })).toEqual([
      "routers.r.outside: there is no port on 'wam'; did you mean 'wan'?",
    ]);
    expect(findingsOf({ r: { nat: 'home' } })).toEqual([
      'routers.r.nat: expected a port, by which the router leaves its inside',
    ]);
    expect(findingsOf({ r: { ports: 'wan', outside: 'wan' } })).toEqual([
      'routers.r.outside: only a router with nat has an outer side',
    ]);
    const router = { ports: ['wan', 'lan'], nat: 'home' };
    expect(
      findingsOf({
        r: {
          ...router,
          publish: [
            { port: 80, to: 'web2' },
            { port: 0, to: 'web' },
          ],
        },
      }),
    ).toEqual(['routers.r.publish[1].port: expected an integer from 1 to 65535, got 0']);
    const publish = [
      { port: 80, to: 'web2' },
      { port: 80, to: 'web' },
      { port: 80, to: 'web', protocol: 'udp' },
      { port: 81, to: 'out' },
    ];
    expect(
      findingsOf({ r: { ...router, publish } }, { web: { ports: 'lan' }, out: { ports: 'wan' } }),
    ).toEqual([
      "routers.r.publish[0].to: there is no node 'web2'; did you mean 'web'?",
      'routers.r.publish[1].port: tcp 80 is published already',
      'routers.r.publish[3].to: out has no address of IPv4 on a switch inside',
    ]);
    expect(findingsOf({ r: { ports: 'wan', publish: [] } })).toEqual([
      'routers.r.publish: only a router with nat has an outer side',
    ]);
    expect(findingsOf({}, { n: { ports: 'lan', nat: 'home' } })).toEqual([
      'nodes.n.nat: there is no such option',
    ]);
  });

  test('its outer side is that of the first port, or the one that is named, with its address of IPv4', () => {
    const natOf = (router: object) => {
      const topology = resolve({ switches, routers: { r: { nat: 'home', ...router } } });
      const { outside } = topology.nodes.get('r')?.nat ?? {};
      return { outside, ...asThings(thingsOf(topology)).get('nat r') };
    };
    expect(natOf({ ports: ['wan', 'lan'] })).toMatchObject({
      outside: 'wan',
      device: 'eth0',
      addr: '203.0.113.1',
    });
    expect(natOf({ ports: ['wan', 'lan'], outside: 'lan' })).toMatchObject({
      outside: 'lan',
      device: 'eth1',
      addr: '192.168.1.1',
    });
    const six = { switch: 'wan', addrs: ['fd00::1/64'], device: 'up' };
    expect(natOf({ ports: ['lan', six], outside: 'wan' })).toMatchObject({ device: 'up' });
    expect(natOf({ ports: ['lan', six], outside: 'wan' })).not.toHaveProperty('addr');
  });

  test('a switch has no gateway that leads from there into its inside, unless it is named', () => {
    const gatewaysOf = (wan: object, routers: object) =>
      [...resolve({ switches: { ...switches, wan }, routers } as LabDefinition).switches.values()].map(
        ({ gateway }) => gateway,
      );
    const r = { ports: ['wan', 'lan'], nat: 'home' };
    expect(gatewaysOf(switches.wan, { r })).toEqual([undefined, 'r']);
    expect(gatewaysOf({ ...switches.wan, gateway: 'r' }, { r })).toEqual(['r', 'r']);
    expect(gatewaysOf(switches.wan, { r, isp: { ports: 'wan' } })).toEqual(['isp', 'r']);
  });

  const LONGEST: Omit<Nat, 'published'> = {
    preset: 'portRestricted',
    device: 'd'.repeat(15),
    addr: '203.113.111.111',
    mapping: 'endpointIndependent',
    filtering: 'endpointIndependent',
    ports: { from: 10000, to: 65535 },
    hairpinning: true,
    blockUdp: false,
    ipv6: 'firewall',
    lasting: 2 ** 31 - 1,
  };

  test.each<Omit<Nat, 'published'>>([
    LONGEST,
    { ...LONGEST, ports: 'preserve', mapping: 'addressDependent', hairpinning: false },
    { ...LONGEST, ports: 'random', filtering: 'addressAndPortDependent', blockUdp: true, ipv6: 'open' },
    (({ addr: _addr, ...rest }) => rest)(LONGEST),
  ])('its table’s comment says what it is: %j', (nat) => {
    expect(readNatText(natText(nat))).toEqual(nat);
    expect(Buffer.byteLength(natText(nat))).toBeLessThanOrEqual(127);
  });

  test.each([
    '',
    'home',
    'office eth0 - port port random - udp open 120',
    'home eth0 - x port random - udp open 120',
  ])('another comment says nothing: %j', (text) => {
    expect(readNatText(text)).toBeUndefined();
  });
});
