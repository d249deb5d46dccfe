import { checkDevice, checkFamily, familyNumber, parseSubnet } from '../common/check';
import { type OptionCheck, isText, oneOf, optionTable, optionsOf, trueOrFalse } from '../common/options';
import { inSubnet } from '../common/subnet';
import type { Family } from '../common/check';
import { ADDRESS_PROTOCOLS, IFA_F, SCOPES } from '../netlink/rtnetlink/address';
import { IFF, linkHeader, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { type Addr, type AddrFlag, type AddrProtocol, type Scope, shownAddr, toAddr } from './addr-view';

/** Which addresses are meant: those for which all of this is so. */
export interface AddrFilter {
  /** Those of this device. */
  device?: Device;
  /** Those of this family. */
  family?: Family;
  /** Those that are valid so far. */
  scope?: Scope;
  /** IPv4: those of this label, in which `*` stands for any characters: 'eth0:*'. */
  label?: string;
  /** Those of devices that are up, or with false, of those that are down. */
  up?: boolean;
  /** Those in this subnet: '10.0.0.0/8'. */
  to?: string;
  /** Those that have a flag, or with false, lack it: `{ permanent: false }` are those whose lifetime ends. */
  flags?: Partial<Record<AddrFlag, boolean>>;
  /** Those that this one has added. */
  protocol?: AddrProtocol;
}

const isSubnet: OptionCheck = (value, path) => void parseSubnet(value, path, { bare: true });

const FLAGS = Object.fromEntries(Object.keys(IFA_F).map((name) => [name, trueOrFalse]));

/** @internal */
export const ADDR_FILTER = optionTable<AddrFilter>({
  device: checkDevice,
  family: checkFamily,
  scope: oneOf(Object.keys(SCOPES), { number: true }),
  label: isText,
  up: trueOrFalse,
  to: isSubnet,
  flags: optionsOf(optionTable<Partial<Record<AddrFlag, boolean>>>(FLAGS as Record<AddrFlag, OptionCheck>)),
  protocol: oneOf(Object.keys(ADDRESS_PROTOCOLS), { number: true }),
});

/** @internal Those of a namespace that the filter means, or of another one by the number that it has in this one. */
export async function findAddrs(
  netns: Netns,
  filter: AddrFilter,
  verb: 'list' | 'flush',
  targetNsid?: number,
): Promise<Addr[]> {
  const { device, family, up } = filter;
  const operation = device === undefined ? `${verb} addresses` : `${verb} addresses of`;
  const attempt = { operation, device };
  const elsewhere = targetNsid === undefined ? {} : { targetNsid };
  const index = device === undefined ? {} : { index: await indexOf(netns, device, attempt) };
  const request = shownAddr.dump({ family: familyNumber(family), ...index, ...elsewhere }, attempt);
  const [replies, links] = await Promise.all([
    netns.request(request),
    up === undefined
      ? undefined
      : netns.request(linkHeader.dump({ extMask: RTEXT_FILTER_SKIP_STATS, ...elsewhere }, attempt)),
  ]);
  const isMeant = matcher(filter);
  const inState = links && new Set(links.filter(isUp(up)).map(({ index: one }) => one));
  return replies.map(toAddr).filter((addr) => isMeant(addr) && inState?.has(addr.index) !== false);
}

const isUp =
  (up: boolean | undefined) =>
  ({ flags }: { flags: number }) =>
    ((flags & IFF.up) !== 0) === up;

/** The device is the kernel's to compare, and whether that is up, the caller's. */
function matcher({ family, scope, label, to, flags, protocol }: AddrFilter): (addr: Addr) => boolean {
  const tests: ((addr: Addr) => boolean)[] = [];
  // a kernel without IPv6 lists those of all families where it is asked for those of IPv6
  if (family !== undefined) tests.push((addr) => addr.family === family);
  if (scope !== undefined) tests.push(valueTest(SCOPES, scope, (addr) => addr.scope));
  if (protocol !== undefined)
    tests.push(valueTest(ADDRESS_PROTOCOLS, protocol, (addr) => addr.protocol ?? 'unspec'));
  if (label !== undefined) tests.push(labelTest(label));
  if (to !== undefined) {
    const isInside = inSubnet(parseSubnet(to, 'to', { bare: true }));
    tests.push(({ addr }) => isInside(addr.slice(0, addr.indexOf('/'))));
  }
  for (const [flag, has] of Object.entries(flags ?? {})) {
    tests.push((addr) => addr.flags.includes(flag) === has);
  }
  return (addr) => tests.every((test) => test(addr));
}

/** A value with a name may be given by its number, too. */
function valueTest(
  numbers: Readonly<Record<string, number>>,
  wanted: string | number,
  of: (addr: Addr) => string | number,
): (addr: Addr) => boolean {
  const number = (value: string | number) => (typeof value === 'number' ? value : numbers[value]);
  return (addr) => number(of(addr)) === number(wanted);
}

function labelTest(pattern: string): (addr: Addr) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return ({ label }) => label !== undefined && expression.test(label);
}
