import { randomBytes } from 'node:crypto';
import { applyNft, NftError } from '../nft/apply';
import { match, type Statement } from '../nft/language/match';
import type { TableReference } from '../nft/language/model';
import { addChain, addRule, addTable, deleteTable } from '../nft/language/operations';
import { icmp, icmpv6, ip, ip6, tcp, udp } from '../nft/language/selectors';
import { limit, trace } from '../nft/language/statements';
import { ignoring } from '../netlink/error';
import type { Netns } from '../netns/netns';
import type { TracePlan } from './options';

// A trace adds a table of its own. Chains before all others mark one packet to be traced; chains behind all others show in
// the trace when the packet has passed the others. The table belongs to the namespace handle's socket (flag 'owner', since
// 5.12), so the kernel deletes the table when the socket is closed, however the process ends.

const PREFIX = 'rtnetns-trace-';

/**
 * Priorities of the first and the last chain. The first is before defragmentation and conntrack, and behind the kernel's
 * hook at INT_MIN, which skips packets that br_netfilter has passed to netfilter already; the last is before the hook at
 * INT_MAX, which confirms connections.
 */
const FIRST = -0x7fffffff;
const LAST = 0x7fffffff - 1;

/** `marks`: the path of a packet begins here. `ends`: it ends here. The other chains show the packet after NAT. */
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

/** The statements that match the packet. `id` is the identifier of an echo request, or the source port. */
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

/** Matches the first packet only. */
const once = limit({ rate: 1, per: 'week', burst: 1 });

export interface Mark {
  table: TableReference;
  /** Whether the kernel deletes the table with the handle's socket. */
  owned: boolean;
  /** By the handle that placed it, or by another one where the table is not owned. */
  remove(host: Netns): Promise<void>;
}

/** Adds the table. The next packet that the statements match is traced. */
export async function placeMark(host: Netns, statements: readonly Statement[]): Promise<Mark> {
  const name = `${PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`;
  const table = { family: 'inet', name } as const;
  const chains = Object.entries(CHAINS).map(([chain, { hook, priority, marks }]) => ({
    marks,
    definition: { table, name: chain, hook, priority },
  }));
  const place = async (flags: readonly ['owner'] | readonly []) =>
    applyNft(host, [
      addTable({ ...table, flags }, { ifExists: 'fail' }),
      ...chains.map(({ definition }) => addChain(definition)),
      ...chains
        .filter(({ marks }) => marks)
        .map(({ definition }) => addRule(definition, [...statements, once, trace()])),
    ]);
  // The kernel deletes a table of a process that ends, since 5.12. Before, it refuses the flag.
  const owned = await place(['owner']).then(
    () => true,
    async (error: unknown) => {
      const isOfFlags = error instanceof NftError && ['EINVAL', 'EOPNOTSUPP'].includes(error.code);
      if (!isOfFlags || error.index !== 0) throw error;
      await place([]);
      return false;
    },
  );
  let removed: Promise<unknown> | undefined;
  return {
    table,
    owned,
    async remove(by) {
      removed ??= applyNft(by, [deleteTable(table)]).catch(ignoring('ENOENT'));
      try {
        await removed;
      } catch (error) {
        removed = undefined; // the next call tries it again
        throw error;
      }
    },
  };
}
