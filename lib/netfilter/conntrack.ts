import { checkFamily, type Family, familyNumber, parseIp } from '../common/check';
import { defined, flagNames } from '../common/objects';
import { netfilterRequests } from './requests';
import { checkOptions, oneOf, optionsOf, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';
import { conntrack, type ConntrackMessage, CTA_FILTER_F } from '../netlink/nfnetlink/conntrack';
import { FAMILIES } from '../netlink/nfnetlink/message';
import { CT_STATUSES, PROTOCOLS } from '../netlink/nfnetlink/names';

/** A protocol by its name or its number: 'tcp', 'udp', 'icmp', 'sctp', … */
export type ConntrackProtocol = keyof typeof PROTOCOLS | number;

/** One direction of a connection, as its packets look. */
export interface ConntrackTuple {
  source?: string;
  destination?: string;
  sourcePort?: number;
  destinationPort?: number;
}

/** Which connections; without any property, all. */
export interface ConntrackFilter extends ConntrackTuple {
  family?: Family;
  protocol?: ConntrackProtocol;
  /** The addresses and ports of the answers, which differ from the above where NAT translated them. */
  reply?: ConntrackTuple;
  mark?: number;
}

const TUPLE = optionTable<ConntrackTuple>({
  source: true,
  destination: true,
  sourcePort: true,
  destinationPort: true,
});

const FILTER = optionTable<ConntrackFilter>({
  ...TUPLE,
  family: checkFamily,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  reply: optionsOf(TUPLE),
  mark: true,
});

/** A connection that the kernel tracks. */
export interface ConntrackEntry extends ConntrackTuple {
  family: Family;
  protocol: ConntrackProtocol;
  reply: ConntrackTuple;
  /** 'confirmed', 'assured', 'seen-reply', 'snat', 'dnat', … */
  status: string[];
  /** Of TCP: 'established', 'time-wait', … */
  state?: string | number;
  /** Seconds after which it is forgotten, if no packet comes. */
  timeout?: number;
  mark?: number;
  zone?: number;
  /** The kernel's number for it. */
  id: number;
}

const NO_CONNTRACK = 'this kernel has no ctnetlink: CONFIG_NF_CT_NETLINK, module nf_conntrack_netlink';

/**
 * The connections that a namespace tracks. The kernel itself applies the filter. It tracks connections only where a rule of
 * NAT or `ct` needs it.
 *
 * @throws {@link NetlinkError} EPERM
 * @see conntrack(8), `conntrack -L`; linux/netfilter/nfnetlink_conntrack.h
 */
export async function listConntrack(netns: Netns, filter: ConntrackFilter = {}): Promise<ConntrackEntry[]> {
  checkFilter(netns, filter);
  return (await find(netns, filter, 'list connections')).map(toEntry);
}

/**
 * Makes the kernel forget connections: their next packet passes the rules as that of a new connection. So their NAT ends,
 * which is what to do after a mapping was removed.
 *
 * @returns how many there were.
 * @see `conntrack -D`
 */
export async function deleteConntrack(netns: Netns, filter: ConntrackFilter = {}): Promise<number> {
  checkFilter(netns, filter);
  const operation = 'delete connections';
  const found = await find(netns, filter, operation);
  const removals = found.map(({ family, original, zone, id }) =>
    conntrack.remove({ family, ...defined({ original, zone, id }) }, { operation }),
  );
  const results = await Promise.allSettled(netfilterRequests(netns, operation, removals));
  for (const result of results) {
    // one that has ended by itself since
    if (result.status === 'rejected' && (result.reason as { code?: string }).code !== 'ENOENT') {
      throw result.reason;
    }
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

function checkFilter(netns: Netns, filter: ConntrackFilter): void {
  checkNetns(netns);
  checkOptions(filter, FILTER, { whole: 'filter' });
}

async function find(netns: Netns, filter: ConntrackFilter, operation: string): Promise<ConntrackMessage[]> {
  const attempt = { operation, words: { EINVAL: NO_CONNTRACK } };
  const dumps = questions(filter).map((question) => conntrack.dump(question, attempt));
  return (await Promise.all(netfilterRequests(netns, operation, dumps))).flat();
}

/** What to ask for: of each family, if it is by what the kernel (6.18) looks for in one family only. */
function questions(filter: ConntrackFilter): Parameters<typeof conntrack.dump>[0][] {
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
  };
  let found = family;
  for (const [option, address] of Object.entries(addresses)) {
    if (address === undefined) continue;
    const parsed = parseIp(address, option);
    if (found !== undefined && parsed.family !== found) {
      throw new RangeError(`${option}: expected an IPv${found} address, got ${shown(address)}`);
    }
    found = parsed.family;
  }
  return found;
}

function protocolNumber(protocol: ConntrackProtocol | undefined): number | undefined {
  return typeof protocol === 'string' ? PROTOCOLS[protocol] : protocol;
}

const hasPorts = ({ sourcePort, destinationPort }: ConntrackTuple) =>
  sourcePort !== undefined || destinationPort !== undefined;

type TupleMessage = NonNullable<ConntrackMessage['original']>;

/** The parts that are asked for, and a bit for each of them. */
function tupleQuestion(
  tuple: ConntrackTuple,
  number: number | undefined,
  option: string,
): { tuple: TupleMessage; flags: number } {
  const { source, destination, sourcePort: srcPort, destinationPort: dstPort } = tuple;
  if (hasPorts(tuple) && number === undefined) {
    throw new TypeError(
      `${option}${srcPort === undefined ? 'destinationPort' : 'sourcePort'}: a port needs a protocol`,
    );
  }
  const four = [source, destination].some((address) => address !== undefined && !address.includes(':'));
  const flag = (value: unknown, bit: number) => (value === undefined ? 0 : bit);
  return {
    tuple: {
      addresses: defined(four ? { src4: source, dst4: destination } : { src6: source, dst6: destination }),
      ...(number !== undefined && { protocol: { number, ...defined({ srcPort, dstPort }) } }),
    },
    flags:
      flag(source, CTA_FILTER_F.src) |
      flag(destination, CTA_FILTER_F.dst) |
      flag(number, CTA_FILTER_F.protocol) |
      flag(srcPort, CTA_FILTER_F.srcPort) |
      flag(dstPort, CTA_FILTER_F.dstPort),
  };
}

const PROTOCOL_NAMES = new Map<number, ConntrackProtocol>(
  Object.entries(PROTOCOLS).map(([name, number]) => [number, name as ConntrackProtocol]),
);

function toTuple({ addresses = {}, protocol = {} }: TupleMessage = {}): ConntrackTuple {
  return defined({
    source: addresses.src4 ?? addresses.src6,
    destination: addresses.dst4 ?? addresses.dst6,
    sourcePort: protocol.srcPort,
    destinationPort: protocol.dstPort,
  });
}

function toEntry(message: ConntrackMessage): ConntrackEntry {
  const number = message.original?.protocol?.number ?? 0;
  const family = message.family === 'ip6' || message.family === FAMILIES.ip6 ? 6 : 4;
  return {
    family,
    protocol: PROTOCOL_NAMES.get(number) ?? number,
    ...toTuple(message.original),
    reply: toTuple(message.reply),
    status: flagNames(CT_STATUSES, message.status ?? 0),
    ...defined({
      state: message.protocolInfo?.tcp?.state,
      timeout: message.timeout,
      mark: message.mark,
      zone: message.zone,
    }),
    id: message.id ?? 0,
  };
}
