import { AF_BRIDGE, AF_MPLS } from '../addon/socket-constants';
import { bytes, type Codec } from './codec';
import { type Message, NLM_F_REQUEST } from './message';
import { batchMarker, NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END } from './nfnetlink/batch';
import { chain } from './nfnetlink/chain';
import { conntrack } from './nfnetlink/conntrack';
import { elements } from './nfnetlink/element';
import { generation } from './nfnetlink/generation';
import { object } from './nfnetlink/object';
import { rule as nftRule } from './nfnetlink/rule';
import { set } from './nfnetlink/set';
import { table } from './nfnetlink/table';
import { trace } from './nfnetlink/trace';
import { address, multicastAddress } from './rtnetlink/address';
import { link, linkProperty } from './rtnetlink/link';
import { bridgeVlans } from './rtnetlink/bridge-vlan';
import { mdb, mdbChange } from './rtnetlink/mdb';
import { mplsRoute } from './rtnetlink/mpls-route';
import { neighbor } from './rtnetlink/neighbor';
import { nexthop, nexthopBucket } from './rtnetlink/nexthop';
import { neighborTable, neighborTableSettings } from './rtnetlink/neighbor-table';
import { nsid } from './rtnetlink/nsid';
import { route } from './rtnetlink/route';
import { rule } from './rtnetlink/rule';
import { chain as filterChain, filter, qdisc, trafficClass } from './rtnetlink/traffic';
import { vlanEntries, vlanEntryDump } from './rtnetlink/vlan-entries';
import { vniEntries } from './rtnetlink/vni-entries';
import { diagAnswer, diagQuery, SOCK_DIAG_BY_FAMILY } from './sock-diag';

/** The netlink family of a socket: only together with it, a message's number has a meaning. */
export type Protocol = 'route' | 'netfilter' | 'diag';

type Verb = 'add' | 'remove' | 'get' | 'destroy';

/** What the kernel's headers call a message, what it does, and how its content lies. */
export interface MessageType {
  readonly name: string;
  readonly verb: Verb;
  readonly codec: Codec<unknown>;
}

interface KnownObject {
  readonly verbs: Readonly<Record<Exclude<Verb, 'destroy'>, number>>;
  readonly destroy?: number | undefined;
  readonly codec: Codec<unknown>;
}

type Names = Readonly<Partial<Record<Verb, string>>>;

const rtm = (noun: string): Names => ({
  remove: `RTM_DEL${noun}`,
  get: `RTM_GET${noun}`,
  add: `RTM_NEW${noun}`,
});

const nft = (noun: string): Names => ({
  destroy: `NFT_MSG_DESTROY${noun}`,
  remove: `NFT_MSG_DEL${noun}`,
  get: `NFT_MSG_GET${noun}`,
  add: `NFT_MSG_NEW${noun}`,
});

/** Every object that is asked for or reported, with the names of its messages. */
const OBJECTS: readonly (readonly [protocol: Protocol, object: KnownObject, names: Names])[] = [
  ['route', link, rtm('LINK')],
  ['route', linkProperty, rtm('LINKPROP')],
  ['route', address, rtm('ADDR')],
  ['route', multicastAddress, rtm('MULTICAST')],
  ['route', route, rtm('ROUTE')],
  // their messages have the numbers of other routes
  ['route', mplsRoute, {}],
  ['route', nexthop, rtm('NEXTHOP')],
  ['route', nexthopBucket, rtm('NEXTHOPBUCKET')],
  ['route', neighbor, rtm('NEIGH')],
  ['route', neighborTable, { get: 'RTM_GETNEIGHTBL', add: 'RTM_NEWNEIGHTBL' }],
  ['route', neighborTableSettings, { add: 'RTM_SETNEIGHTBL' }],
  ['route', rule, rtm('RULE')],
  ['route', nsid, rtm('NSID')],
  ['route', mdb, rtm('MDB')],
  // their messages have the numbers of others, but for one
  ['route', mdbChange, {}],
  ['route', bridgeVlans, { add: 'RTM_SETLINK' }],
  ['route', vlanEntries, rtm('VLAN')],
  ['route', vlanEntryDump, {}],
  ['route', vniEntries, rtm('TUNNEL')],
  ['route', qdisc, rtm('QDISC')],
  ['route', trafficClass, rtm('TCLASS')],
  ['route', filter, rtm('TFILTER')],
  ['route', filterChain, rtm('CHAIN')],
  ['netfilter', table, nft('TABLE')],
  ['netfilter', chain, nft('CHAIN')],
  ['netfilter', nftRule, nft('RULE')],
  ['netfilter', set, nft('SET')],
  ['netfilter', elements, nft('SETELEM')],
  ['netfilter', object, nft('OBJ')],
  ['netfilter', generation, nft('GEN')],
  ['netfilter', trace, { add: 'NFT_MSG_TRACE' }],
  [
    'netfilter',
    conntrack,
    { remove: 'IPCTNL_MSG_CT_DELETE', get: 'IPCTNL_MSG_CT_GET', add: 'IPCTNL_MSG_CT_NEW' },
  ],
];

const TYPES: Readonly<Record<Protocol, Map<number, MessageType>>> = {
  route: new Map(),
  netfilter: new Map([
    [NFNL_MSG_BATCH_BEGIN, { name: 'NFNL_MSG_BATCH_BEGIN', verb: 'add', codec: batchMarker }],
    [NFNL_MSG_BATCH_END, { name: 'NFNL_MSG_BATCH_END', verb: 'add', codec: batchMarker }],
  ]),
  diag: new Map([[SOCK_DIAG_BY_FAMILY, { name: 'SOCK_DIAG_BY_FAMILY', verb: 'get', codec: diagAnswer }]]),
};

const PROTOCOLS = new Map<Codec<unknown>, Protocol>([
  [batchMarker, 'netfilter'],
  [diagQuery, 'diag'],
]);

for (const [protocol, { verbs, destroy, codec }, names] of OBJECTS) {
  PROTOCOLS.set(codec, protocol);
  const numbers = { ...verbs, destroy };
  for (const verb of Object.keys(names) as Verb[]) {
    const [number, name] = [numbers[verb], names[verb]];
    if (number !== undefined && name !== undefined) TYPES[protocol].set(number, { name, verb, codec });
  }
}

/** The family that a request with this content goes to. */
export function protocolOf(codec: Codec<unknown>): Protocol | undefined {
  return PROTOCOLS.get(codec);
}

/** Messages whose content lies otherwise than that of others with their numbers. */
const OTHERWISE: readonly (readonly [
  others: Codec<unknown>,
  isMeant: (message: Message) => boolean,
  codec: Codec<unknown>,
])[] = [
  [link.codec, isOfFamily(AF_BRIDGE), bridgeVlans.codec],
  [route.codec, isOfFamily(AF_MPLS), mplsRoute.codec],
  [vlanEntries.codec, ({ type }) => type === vlanEntryDump.verbs.get, vlanEntryDump.codec],
  [mdb.codec, ({ flags }) => (flags & NLM_F_REQUEST) !== 0, mdbChange.codec],
];

/** The family is the first byte of the header. */
function isOfFamily(family: number): (message: Message) => boolean {
  return ({ from, start, end }) => end > start && from.buffer[start] === family;
}

/** The type of a message of any origin. */
export function typeOfMessage(protocol: Protocol | undefined, message: Message): MessageType {
  const type = messageType(protocol, message.type);
  const found = OTHERWISE.find(([others, isMeant]) => others === type.codec && isMeant(message));
  return found === undefined ? type : { ...type, codec: found[2] };
}

/** The type of a message by its number; one that is not known has its number for a name, and bytes for its content. */
export function messageType(protocol: Protocol | undefined, type: number): MessageType {
  const known = protocol === undefined ? undefined : TYPES[protocol].get(type);
  return known ?? { name: `type ${type}`, verb: 'add', codec: bytes };
}
