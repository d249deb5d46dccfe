import { parseSubnet } from '../../common/check';
import { integerFrom } from '../../common/options';
import { subnetSpace, textAt } from '../../pool/space';
import { listed } from '../lists';
import { areSubnets } from '../subnets';
import { ANY, forEach, numbers, type Shaped } from './shape';

/** What shapes have with hosts at their edges. */
interface Hosting {
  hosts?: number;
  subnet?: string | readonly string[];
  prefix?: string;
}

export const HOSTING = { ...ANY, hosts: integerFrom(0, 1000), subnet: areSubnets } as const;

export const DEFAULT_HOSTS = 1;

/** A switch for each router: `lan1`, …, with its hosts: `host1-1`, … */
export function withHosts(
  routers: readonly string[],
  { hosts = DEFAULT_HOSTS, subnet = '10.0.0.0/8', prefix = '' }: Hosting,
  path: string,
): Omit<Shaped, 'links'> {
  const lans = routers.map((_, i) => `${prefix}lan${i + 1}`);
  const pieces = listed(subnet).map((base) => piecesOf(base, lans.length, hosts, path));
  const hostsOf = (lan: number) => numbers(hosts).map((i) => `${prefix}host${lan + 1}-${i}`);
  return {
    switches: Object.fromEntries(
      lans.map((lan, i) => [lan, { subnet: pieces.map((ofFamily) => ofFamily[i] ?? '') }]),
    ),
    routers: Object.fromEntries(routers.map((router, i) => [router, { ports: lans[i] ?? '' }])),
    nodes: Object.assign({}, ...lans.map((ports, i) => forEach(hostsOf(i), { ports }))) as Shaped['nodes'],
  };
}

/** The second piece of a subnet and those that follow, so that the third number of 10.0.3.0/24 is that of its switch. */
function piecesOf(base: string, count: number, hosts: number, path: string): string[] {
  const { family, length } = parseSubnet(base, 'subnet');
  // of IPv4 besides the hosts the router, the subnet's own address and that for broadcasts
  const each = family === 6 ? 64 : Math.min(24, 32 - Math.ceil(Math.log2(hosts + 3)));
  if (length > each || 2 ** (each - length) <= count) {
    const whole = path === '' ? 'subnet' : `${path}.subnet`;
    throw new RangeError(`${whole}: expected one with room for ${count + 1} of /${each}, got ${base}`);
  }
  const space = subnetSpace({ base, prefixLength: each });
  return numbers(count).map((i) => textAt(space, BigInt(i)));
}
