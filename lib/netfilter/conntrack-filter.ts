import { checkFamily, type Family, familyNumber, parseSubnet } from '../common/check';
import { defined } from '../common/objects';
import { listOf, oneOf, optionsOf, optionTable } from '../common/options';
import { shown } from '../common/shown';
import { inSubnet } from '../common/subnet';
import { type conntrack, type ConntrackMessage, CTA_FILTER_F } from '../netlink/nfnetlink/conntrack';
import { CT_STATUSES, PROTOCOLS } from '../netlink/nfnetlink/names';
import type {
  ConntrackEntry,
  ConntrackFilter,
  ConntrackProtocol,
  ConntrackTuple,
  ConntrackTupleFilter,
} from './conntrack-view';

const TUPLE = optionTable<ConntrackTupleFilter>({
  source: true,
  destination: true,
  sourcePort: true,
  destinationPort: true,
});

const isStatus = oneOf(Object.keys(CT_STATUSES));
const areStatuses = listOf(isStatus);

/** @internal */
export const CONNTRACK_FILTER = optionTable<ConntrackFilter>({
  ...TUPLE,
  family: checkFamily,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  reply: optionsOf(TUPLE),
  address: true,
  status: (value, path) => (Array.isArray(value) ? areStatuses : isStatus)(value, path),
  mark: true,
});

/** What a dump of connections is limited to. */
export type ConntrackQuestion = Parameters<typeof conntrack.dump>[0];

/**
 * What to ask for: of each family, if it is by what the kernel (6.18) looks for in one family only. It narrows the dump,
 * and decides nothing: kernels before 5.8 ignore it, and later ones the ports of all but TCP and UDP.
 */
export function conntrackQuestions(filter: ConntrackFilter): ConntrackQuestion[] {
  const { reply = {}, mark } = filter;
  const family = filterFamily(filter);
  const number = protocolNumber(filter.protocol);
  const original = tupleQuestion(filter, number, '');
  const answer = tupleQuestion(reply, hasPorts(reply) ? number : undefined, 'reply.');
  const limited = original.flags !== 0 || answer.flags !== 0;
  const families = family === undefined && limited ? ([4, 6] as const) : [family];
  return families.map((one) => ({
    family: familyNumber(one),
    ...(original.flags !== 0 && { original: original.tuple }),
    ...(answer.flags !== 0 && { reply: answer.tuple }),
    ...(limited && { filter: { original: original.flags, reply: answer.flags } }),
    ...defined({ mark }),
  }));
}

/** The family of the addresses, or the one that is asked for. */
function filterFamily({ family, reply = {}, ...original }: ConntrackFilter): Family | undefined {
  const addresses = {
    source: original.source,
    destination: original.destination,
    'reply.source': reply.source,
    'reply.destination': reply.destination,
    address: original.address,
  };
  let found = family;
  for (const [option, address] of Object.entries(addresses)) {
    if (address === undefined) continue;
    const parsed = parseSubnet(address, option, { bare: true });
    if (found !== undefined && parsed.family !== found) {
      throw new RangeError(`${option}: expected an IPv${found} address, got ${shown(address)}`);
    }
    found = parsed.family;
  }
  return found;
}

function protocolNumber(protocol: ConntrackProtocol | undefined): number | undefined {
  if (protocol === undefined || typeof protocol === 'number') return protocol;
  if (!Object.hasOwn(PROTOCOLS, protocol)) {
    const known = Object.keys(PROTOCOLS).join(', ');
    throw new RangeError(`protocol: expected a number, or one of ${known}; got ${shown(protocol)}`);
  }
  return PROTOCOLS[protocol];
}

const hasPorts = ({ sourcePort, destinationPort }: ConntrackTupleFilter) =>
  sourcePort !== undefined || destinationPort !== undefined;

type TupleMessage = NonNullable<ConntrackMessage['original']>;

/** The parts that are asked for, and a bit for each of them. */
function tupleQuestion(
  tuple: ConntrackTupleFilter,
  number: number | undefined,
  option: string,
): { tuple: TupleMessage; flags: number } {
  const { source, destination, sourcePort: srcPort, destinationPort: dstPort } = tuple;
  if (hasPorts(tuple) && number === undefined) {
    throw new TypeError(
      `${option}${srcPort === undefined ? 'destinationPort' : 'sourcePort'}: a port needs a protocol`,
    );
  }
  // The kernel (6.18) compares addresses of IPv6 the wrong way round: it would list all but those that are asked for.
  // It compares whole addresses, no subnets.
  const isFour = (address: string | undefined) => address !== undefined && !/[:/]/.test(address);
  const [src4, dst4] = [source, destination].map((address) => (isFour(address) ? address : undefined));
  const flag = (value: unknown, bit: number) => (value === undefined ? 0 : bit);
  return {
    tuple: {
      addresses: defined({ src4, dst4 }),
      ...(number !== undefined && { protocol: { number, ...defined({ srcPort, dstPort }) } }),
    },
    flags:
      flag(src4, CTA_FILTER_F.src) |
      flag(dst4, CTA_FILTER_F.dst) |
      flag(number, CTA_FILTER_F.protocol) |
      flag(srcPort, CTA_FILTER_F.srcPort) |
      flag(dstPort, CTA_FILTER_F.dstPort),
  };
}

/** Compares connections with a filter. */
export function conntrackMatcher(filter: ConntrackFilter): (entry: ConntrackEntry) => boolean {
  const family = filterFamily(filter);
  const protocol = protocolNumber(filter.protocol);
  const original = tupleMatcher(filter);
  const reply = tupleMatcher(filter.reply ?? {});
  const hasAddress = addressMatcher(filter.address);
  const statuses = [filter.status ?? []].flat();
  return (entry) =>
    original(entry) &&
    reply(entry.reply) &&
    (hasAddress === undefined ||
      [entry, entry.reply].some(
        ({ source, destination }) => hasAddress(source) || hasAddress(destination),
      )) &&
    statuses.every((status) => entry.status.includes(status)) &&
    (family === undefined || entry.family === family) &&
    (protocol === undefined || protocolNumber(entry.protocol) === protocol) &&
    // The kernel reports no mark of 0.
    (filter.mark === undefined || (entry.mark ?? 0) === filter.mark);
}

function tupleMatcher(wanted: ConntrackTupleFilter): (tuple: ConntrackTuple) => boolean {
  const [isSource, isDestination] = [wanted.source, wanted.destination].map(addressMatcher);
  const { sourcePort, destinationPort } = wanted;
  return (tuple) =>
    isSource?.(tuple.source) !== false &&
    isDestination?.(tuple.destination) !== false &&
    (sourcePort === undefined || tuple.sourcePort === sourcePort) &&
    (destinationPort === undefined || tuple.destinationPort === destinationPort);
}

/** Compares with an address or a subnet, which filterFamily has checked. */
function addressMatcher(wanted: string | undefined) {
  if (wanted === undefined) return undefined;
  const isInside = inSubnet(parseSubnet(wanted, 'address', { bare: true }));
  return (address: string | undefined) => address !== undefined && isInside(address);
}
