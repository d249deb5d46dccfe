import { type Family, parseIp, refuse } from '../../common/check';
import { canonicalIp } from '../../common/ip-text';
import { checkOptions, oneOf, optionTable, orOptions } from '../../common/options';
import { checkPort } from '../../sockets/inet/endpoint';
import type { PlacedElement } from './elements';
import type { SetName } from './sets';

/** The protocol of a published port. */
export type PublishProtocol = 'tcp' | 'udp' | 'sctp';

/** A port, or a range of ports, both ends included. */
export type PortOrRange = number | { from: number; to: number };

/** A port of the host that is published, or a range of ports. */
export interface PublishOptions {
  /** Port of the host. */
  hostPort: PortOrRange;
  /** Port of the member; the host's port by default. A range has as many ports as the range of the host. */
  port?: PortOrRange | undefined;
  /** 'tcp' by default. */
  protocol?: PublishProtocol | undefined;
  /** An address of the host, '0.0.0.0' for all addresses of IPv4, '::' for all of IPv6; all addresses of both by default. */
  hostAddress?: string | undefined;
}

/** One port of the host that is published, and the member's port that it leads to. */
export interface PublishedPort {
  /** The host's port. */
  hostPort: number;
  /** The member's port. */
  port: number;
  protocol: PublishProtocol;
  /** Undefined: all addresses of the host. */
  hostAddress?: string;
}

export const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp'];
const ANY: Readonly<Record<string, Family>> = { '0.0.0.0': 4, '::': 6 };

const RANGE = optionTable<{ from: number; to: number }>({ from: true, to: true });

const OPTIONS = optionTable<PublishOptions>({
  hostPort: orOptions(RANGE),
  port: orOptions(RANGE),
  protocol: oneOf(PROTOCOLS),
  hostAddress: parseIp,
});

/** Checks the option, and returns each port of a range by itself. */
export function checkPublish(publish: readonly PublishOptions[], option: string): PublishedPort[] {
  if (!Array.isArray(publish)) refuse(option, 'expected a list like [{ hostPort: 8080, port: 80 }]', publish);
  const taken = new Set<string>();
  // `flatMap` would leave out the holes of a list
  return Array.from(publish as readonly PublishOptions[]).flatMap((one, i) => {
    const at = `${option}[${i}]`;
    checkOptions(one, OPTIONS, { path: at });
    const { hostPort, port = hostPort, protocol = 'tcp', hostAddress } = one;
    const outer = toRange(hostPort, `${at}.hostPort`);
    const inner = toRange(port, `${at}.port`);
    const count = outer.to - outer.from;
    if (inner.to - inner.from !== count) {
      throw new RangeError(`${at}.port: expected ${count + 1} ports, as many as those of the host`);
    }
    return Array.from({ length: count + 1 }, (_, n) => {
      const published = {
        hostPort: outer.from + n,
        port: inner.from + n,
        protocol,
        ...(hostAddress !== undefined && { hostAddress: canonicalIp(hostAddress) }),
      };
      const outside = JSON.stringify([protocol, published.hostAddress, published.hostPort]);
      if (taken.has(outside))
        throw new RangeError(
          `${at}.hostPort: port ${published.hostPort} by ${protocol} is in the list already`,
        );
      taken.add(outside);
      return published;
    });
  });
}

/** Of the ports, those that are not among the others, each with the same port of the member. */
export function portsNotAmong(
  ports: readonly PublishedPort[],
  others: readonly PublishedPort[],
): PublishedPort[] {
  const nameOf = ({ protocol, hostAddress, hostPort, port }: PublishedPort) =>
    JSON.stringify([protocol, hostAddress, hostPort, port]);
  const there = new Set(others.map(nameOf));
  return ports.filter((one) => !there.has(nameOf(one)));
}

function toRange(value: unknown, option: string): { from: number; to: number } {
  if (typeof value !== 'object' || value === null) {
    checkPort(value, option, { least: 1 });
    return { from: value, to: value };
  }
  const { from, to } = value as { from?: unknown; to?: unknown };
  checkPort(from, `${option}.from`, { least: 1 });
  checkPort(to, `${option}.to`, { least: 1 });
  if (from > to) throw new RangeError(`${option}: expected a range from low to high, got ${from}-${to}`);
  return { from, to };
}

/** The families that a port is published in, out of the families that the member has. */
export function familiesOf({ hostAddress }: PublishedPort, has: readonly Family[]): Family[] {
  if (hostAddress === undefined) return [...has];
  const family = hostAddress.includes(':') ? 6 : 4;
  return has.includes(family) ? [family] : [];
}

/** The elements that publish a port: one for each family. */
export function portElements(
  published: PublishedPort,
  addresses: Readonly<Partial<Record<Family, string>>>,
  comment: string,
): PlacedElement[] {
  const { hostPort, port, protocol, hostAddress } = published;
  const has = Object.keys(addresses).map(Number) as Family[];
  return familiesOf(published, has).map((family) => {
    const any = hostAddress === undefined || ANY[hostAddress] !== undefined;
    const set: SetName = any ? `ports${family}` : `published${family}`;
    const key = any ? [protocol, hostPort] : [hostAddress, protocol, hostPort];
    return { set, element: { key, value: [addresses[family] ?? '', port], comment } };
  });
}

/** What one element of a published port holds. */
export interface PortMapping {
  family: Family;
  protocol: PublishProtocol;
  /** Undefined: all addresses of the host. */
  hostAddress: string | undefined;
  hostPort: number;
  /** The member's address, and the member's port. */
  address: string;
  port: number;
}

export function toMapping({ set, element }: PlacedElement): PortMapping {
  const key = element.key as readonly (string | number)[];
  const [address, port] = element.value as readonly [string, number];
  return {
    family: set.endsWith('6') ? 6 : 4,
    protocol: key.at(-2) as PublishProtocol,
    hostAddress: key.length === 3 ? String(key[0]) : undefined,
    hostPort: Number(key.at(-1)),
    address,
    port,
  };
}

/** The ports that elements publish. A port that is published in both families is returned once. */
export function publishedPorts(placed: readonly PlacedElement[]): PublishedPort[] {
  const found = new Map<string, PublishedPort & { families: Family[] }>();
  for (const { family, protocol, hostAddress, hostPort, port } of placed.map(toMapping)) {
    const name = `${hostAddress} ${protocol} ${hostPort} ${port}`;
    const one = found.get(name) ?? {
      hostPort,
      port,
      protocol,
      ...(hostAddress && { hostAddress }),
      families: [],
    };
    one.families.push(family);
    found.set(name, one);
  }
  return [...found.values()].map(({ families: _, ...one }) => one);
}
