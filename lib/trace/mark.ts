import { randomBytes } from 'node:crypto';
import { applyNft } from '../nft/apply';
import { match, type Statement } from '../nft/language/match';
import type { TableReference } from '../nft/language/model';
import { addChain, addRule, addTable, deleteTable } from '../nft/language/operations';
import { icmp, icmpv6, ip, ip6, tcp, udp } from '../nft/language/selectors';
import { limit, trace } from '../nft/language/statements';
import { ignoring } from '../netlink/error';
import type { Netns } from '../netns/netns';
import type { TracePlan } from './options';

// A table of our own that has one packet traced, and tells when it has come to the end of its way: chains before all others
// mark it, chains behind all others are only to be seen. The table belongs to the handle's socket (flag 'owner'), so the
// kernel takes it away with that, whatever ends the process.

const PREFIX = 'rtnetns-trace-';

/**
 * Before defragmentation and conntrack, but behind what keeps packets out that br_netfilter has shown already, at INT_MIN;
 * and behind all but what confirms connections, at INT_MAX.
 */
const FIRST = -0x7fffffff;
const LAST = 0x7fffffff - 1;

/**
 * Where the way begins (`marks`), where it ends, and where the packet is to be seen once more, as NAT has left it.
 */
export const CHAINS = {
  prerouting: { hook: 'prerouting', priority: FIRST, marks: true, ends: false },
  prerouted: { hook: 'prerouting', priority: LAST, marks: false, ends: false },
  output: { hook: 'output', priority: FIRST, marks: true, ends: false },
  outgoing: { hook: 'output', priority: LAST, marks: false, ends: false },
  input: { hook: 'input', priority: LAST, marks: false, ends: true },
  postrouting: { hook: 'postrouting', priority: LAST, marks: false, ends: true },
} as const;

export type OwnChain = keyof typeof CHAINS;

export function isOurs({ name }: TableReference): boolean {
  return name.startsWith(PREFIX);
}

const SYN = { mask: 0x12, value: 0x02 }; // without ACK

const MATCHES = {
  4: { saddr: ip.saddr, daddr: ip.daddr, icmp: [match(icmp.type, 'echo-request')], icmpId: icmp.id },
  6: { saddr: ip6.saddr, daddr: ip6.daddr, icmp: [match(icmpv6.type, 'echo-request')], icmpId: icmpv6.id },
} as const;
const PORTS = { tcp, udp } as const;

/** `id` is the identifier of an echo, or the port that is sent from. */
export function matches(plan: TracePlan, id: number | undefined): Statement[] {
  const { family, to, source, protocol, port } = plan;
  const { saddr, daddr, icmp: echo, icmpId } = MATCHES[family];
  const addresses = [match(daddr, to), ...(source === undefined ? [] : [match(saddr, source)])];
  if (protocol === 'icmp') {
    return [...addresses, ...echo, ...(id === undefined ? [] : [match(icmpId, id)])];
  }
  const { sport, dport } = PORTS[protocol];
  return [
    ...addresses,
    ...(port === undefined ? [] : [match(dport, port)]),
    ...(id === undefined ? [] : [match(sport, id)]),
    ...(protocol === 'tcp' ? [match(tcp.flags, SYN)] : []),
  ];
}

/** Only the first is marked, however many come. */
const once = limit({ rate: 1, per: 'week', burst: 1 });

export interface Mark {
  table: TableReference;
  remove(): Promise<void>;
}

/** From now on the next packet of the kind is traced. */
export async function placeMark(host: Netns, statements: readonly Statement[]): Promise<Mark> {
  const name = `${PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`;
  const table = { family: 'inet', name } as const;
  const chains = Object.entries(CHAINS).map(([chain, { hook, priority, marks }]) => ({
    marks,
    definition: { table, name: chain, hook, priority },
  }));
  await applyNft(host, [
    addTable({ ...table, flags: ['owner'] }, { ifExists: 'fail' }),
    ...chains.map(({ definition }) => addChain(definition)),
    ...chains
      .filter(({ marks }) => marks)
      .map(({ definition }) => addRule(definition, [...statements, once, trace()])),
  ]);
  let removed: Promise<unknown> | undefined;
  return {
    table,
    async remove() {
      removed ??= applyNft(host, [deleteTable(table)]).catch(ignoring('ENOENT'));
      await removed;
    },
  };
}
