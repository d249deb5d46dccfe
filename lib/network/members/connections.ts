import { allDone } from '../../common/all-done';
import type { Family } from '../../common/check';
import { ipAddress, cidr } from '../../common/ip-address';
import { coalesceFor } from '../../common/coalesce';
import { Gathering } from '../../common/gathering';
import { deleteMatchingConntrack } from '../../netfilter/conntrack';
import { conntrackQuestions, type ConntrackQuestion } from '../../netfilter/conntrack-filter';
import type { ConntrackEntry } from '../../netfilter/conntrack-view';
import { ignoring } from '../../netlink/error';
import { CT_STATUSES } from '../../netlink/nfnetlink/names';
import type { Netns } from '../../netns/netns';
import { listRoutes } from '../../routes/list-routes';
import { getSysctl } from '../../sysctl/sysctls';
import { ignoreMissing } from '../host';
import type { PlacedElement } from '../table/elements';
import type { Addresses } from './address-book';
import { type PortMapping, toMapping } from '../table/published-ports';

// The kernel goes on translating, or not translating, the packets of a connection that it tracks, whatever the maps hold
// by then. So connections are forgotten when a mapping of theirs comes or goes.

type IsMeant = (entry: ConntrackEntry) => boolean;

/**
 * Deletes conntrack entries of a host, out of those that the questions ask for. All that is asked for while a dump is under way shares
 * the next dump, because the kernel looks through its whole table for each dump, which takes milliseconds.
 */
function sweeper(questions: readonly ConntrackQuestion[]): Gathering<Netns, IsMeant> {
  return new Gathering(async (host, wanted) => {
    const isMeantByOne = (entry: ConntrackEntry) => wanted.some((meant) => meant(entry));
    // a kernel without nf_conntrack_netlink forgets connections in its own time only
    await deleteMatchingConntrack(host, questions, isMeantByOne).catch(ignoring('EINVAL'));
    return new Map();
  });
}

/** A count costs a hundredth of a dump. */
const tracksNothing = coalesceFor(
  async (host: Netns) => (await ignoreMissing(getSysctl(host, 'net/netfilter/nf_conntrack_count'))) === '0',
);

/** Of each family by itself, because the kernel takes a dump for each, and most networks have one of the two. */
const udp: Readonly<Record<Family, Gathering<Netns, IsMeant>>> = {
  4: sweeper(conntrackQuestions({ protocol: 'udp', family: 4 })),
  6: sweeper(conntrackQuestions({ protocol: 'udp', family: 6 })),
};
const all = sweeper(conntrackQuestions({}));
const translated = sweeper([{ status: CT_STATUSES.dnat, statusMask: CT_STATUSES.dnat }]);

/** 5.10 takes no notice of the status that is asked for. */
const isTranslated = ({ status }: ConntrackEntry) => status.includes('dnat');

/**
 * Deletes the entries of UDP flows that began before their port was published: a flow stays untranslated for as long as
 * there is an entry of it. A connection of TCP ends by itself, because the port was not in use.
 */
export async function forgetEarlierFlows(host: Netns, added: readonly PlacedElement[]): Promise<void> {
  const published = added.map(toMapping).filter(({ protocol }) => protocol === 'udp');
  if (published.length === 0 || (await tracksNothing(host))) return;
  const mappings = new Mappings(published);
  const isLocal = await localAddresses(host);
  const isEarlier: IsMeant = (entry) => {
    const mapping = mappings.of(entry);
    if (mapping === undefined || mapping.leads(entry)) return false;
    return mapping.hostAddress !== undefined || isLocal(entry.destination ?? '');
  };
  const families = new Set(published.map(({ family }) => family));
  await allDone([...families].map(async (family) => udp[family].add(host, isEarlier)));
}

/** Deletes the entries of connections that came by ports of a member that are not published any more. */
export async function forgetUnpublished(
  host: Netns,
  removed: readonly PlacedElement[],
  others: readonly PlacedElement[],
): Promise<void> {
  if (removed.length === 0 || (await tracksNothing(host))) return;
  const gone = new Mappings(removed.map(toMapping));
  const left = new Mappings(others.map(toMapping));
  await translated.add(host, (entry) => {
    if (!isTranslated(entry)) return false;
    const mapping = gone.of(entry);
    if (mapping?.leads(entry) !== true) return false;
    // A connection to the one address that a port is still published on did not come by the mapping of all addresses.
    return mapping.hostAddress !== undefined || left.of(entry)?.hostAddress === undefined;
  });
}

/**
 * Deletes the entries of connections that came by published ports of members that are gone, because the kernel would
 * translate further packets of those connections to addresses that other members may have by then.
 */
export async function forgetMembers(
  host: Netns,
  members: readonly { addresses: Addresses; published: readonly unknown[] }[],
): Promise<void> {
  const published = members.filter((member) => member.published.length > 0);
  if (published.length === 0 || (await tracksNothing(host))) return;
  const gone = new Set(published.flatMap(({ addresses }) => Object.values(addresses)));
  await translated.add(host, (entry) => isTranslated(entry) && gone.has(entry.reply.source ?? ''));
}

/** Deletes the entries that are meant: the kernel takes the next packet of such a connection for the first one of another. */
export async function forgetConnections(host: Netns, isMeant: IsMeant): Promise<void> {
  if (!(await tracksNothing(host))) await all.add(host, isMeant);
}

class Mappings {
  readonly #byPort: ReadonlyMap<string, Mapping>;

  constructor(mappings: readonly PortMapping[]) {
    this.#byPort = new Map(mappings.map((mapping) => [keyOf(mapping), new Mapping(mapping)]));
  }

  /** The mapping that a connection's first packet found, or would find now. */
  of({ family, protocol, destination, destinationPort }: ConntrackEntry): Mapping | undefined {
    const at = (hostAddress?: string) =>
      this.#byPort.get(
        keyOf({ family, protocol: String(protocol), hostAddress, hostPort: destinationPort ?? 0 }),
      );
    return at(destination) ?? at();
  }
}

class Mapping {
  readonly hostAddress: string | undefined;

  constructor(private readonly mapping: PortMapping) {
    this.hostAddress = mapping.hostAddress;
  }

  /** Whether a connection was translated by the mapping. */
  leads({ reply }: ConntrackEntry): boolean {
    return reply.source === this.mapping.address && reply.sourcePort === this.mapping.port;
  }
}

interface MappingKey {
  family: number;
  protocol: string;
  hostAddress?: string | undefined;
  hostPort: number;
}

const keyOf = ({ family, protocol, hostAddress = '*', hostPort }: MappingKey) =>
  `${family} ${protocol} ${hostAddress} ${hostPort}`;

/** Whether an address is one of this namespace, as the expression `fib daddr type local` sees it. */
async function localAddresses(host: Netns): Promise<(address: string) => boolean> {
  const routes = await listRoutes(host, { table: 'local' });
  const local = routes.filter(({ type }) => type === 'local').map(({ to }) => to);
  const single = new Set(local.filter((to) => !to.includes('/')));
  const subnets = local.filter((to) => to.includes('/')).map((to) => cidr(to));
  return (address) => {
    if (single.has(address)) return true;
    const parsed = ipAddress(address);
    return subnets.some((subnet) => subnet[0].kind() === parsed.kind() && parsed.match(subnet));
  };
}
