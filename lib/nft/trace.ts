import type { EventQueue } from '../common/event-queue';
import { defined } from '../common/objects';
import { netfilterEvents } from '../netfilter/events';
import type { Netns } from '../netns/netns';
import { generation } from '../netlink/nfnetlink/generation';
import { NFT_MSG_TRACE, trace } from '../netlink/nfnetlink/trace';
import { toVerdict } from './language/key';
import type { NftFamily, TableReference, Verdict } from './language/model';
import { NFNLGRP_NFTABLES, NFNLGRP_NFTRACE } from '../netlink/nfnetlink/groups';

const OPERATION = 'watch nftrace';

/** One step of a packet through the ruleset. */
export interface TraceStep {
  kind: 'step';
  /** The same for all steps of one packet, and of no other for a while. */
  id: number;
  /** A rule matched; a chain came to its end; a chain returned; or the policy of a base chain decided. */
  type: 'rule' | 'end' | 'return' | 'policy';
  table: TableReference;
  chain: string;
  /** Handle of the rule. */
  rule?: number;
  /** Of a rule; of a chain's end and a policy, what they come to. */
  verdict?: Verdict;
  mark?: number;
  /** Indexes of the devices. */
  iif?: number;
  oif?: number;
  /** 'ip' or 'ip6', in tables of more than one. */
  protocol?: string | number;
  /** The beginning of each header: in the first step of a packet in each chain that has a hook, as it is by then. */
  linkHeader?: Buffer;
  networkHeader?: Buffer;
  transportHeader?: Buffer;
}

export type TraceEvent =
  /** From now on, no step is missed. */
  | { kind: 'ready' }
  | TraceStep
  /** Some steps did not fit the socket's buffer. */
  | { kind: 'lost' };

/**
 * Tells what happens to the packets that have nftrace set, by the statement `trace()`: every rule that matches, each
 * chain that ends, each policy that decides. It begins with the first `next()`, so with the loop, whose first event is
 * 'ready', and ends when the loop is left, when the signal is aborted or the handle is closed.
 *
 * @throws {@link NetlinkError} what the kernel refuses; {@link NetnsError} ERR_NETNS_CLOSED; the signal's reason.
 * @see nft(8), `nft monitor trace`
 */
export function watchTrace(netns: Netns, { signal }: { signal?: AbortSignal } = {}): EventQueue<TraceEvent> {
  const options = { operation: OPERATION, groups: [NFNLGRP_NFTRACE], signal };
  return netfilterEvents<TraceEvent>(netns, options, (push) => ({
    opened: () => push({ kind: 'ready' }),
    lost: () => push({ kind: 'lost' }),
    message(message) {
      if (message.type === NFT_MSG_TRACE) push(toStep(trace.read(message)));
    },
  }));
}

/** The generation that a transaction made. All that was traced before it has been told before. */
export interface GenerationEvent {
  kind: 'generation';
  generation: number;
}

/** @internal The same, with the transactions of anybody in one line with it. */
export function watchTraceAndGenerations(
  netns: Netns,
  signal: AbortSignal | undefined,
): EventQueue<TraceEvent | GenerationEvent> {
  const options = { operation: OPERATION, groups: [NFNLGRP_NFTRACE, NFNLGRP_NFTABLES], signal };
  return netfilterEvents<TraceEvent | GenerationEvent>(netns, options, (push) => ({
    opened: () => push({ kind: 'ready' }),
    lost: () => push({ kind: 'lost' }),
    message(message) {
      if (message.type === NFT_MSG_TRACE) push(toStep(trace.read(message)));
      if (message.type !== generation.verbs.add) return;
      push({ kind: 'generation', generation: generation.read(message).id ?? 0 });
    },
  }));
}

function toStep(message: ReturnType<typeof trace.read>): TraceStep {
  const buffer = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes));
  // what the kernel (6.18) makes of the end of a chain
  const isEnd = message.type === 'rule' && message.rule === undefined;
  return {
    kind: 'step',
    id: message.id ?? 0,
    type: isEnd ? 'end' : (message.type as TraceStep['type']),
    table: { family: message.family as NftFamily, name: message.table ?? '' },
    chain: message.chain ?? '',
    ...defined({
      rule: message.rule === undefined ? undefined : Number(message.rule),
      verdict: message.verdict === undefined ? (message.policy as Verdict) : toVerdict(message.verdict),
      mark: message.mark,
      iif: message.iif,
      oif: message.oif,
      protocol: message.nfproto,
      linkHeader: buffer(message.linkHeader),
      networkHeader: buffer(message.networkHeader),
      transportHeader: buffer(message.transportHeader),
    }),
  };
}
