import type { EventIterator, EventQueue } from '../common/event-queue';
import { defined } from '../common/objects';
import { netfilterEvents } from '../netfilter/events';
import { checkOptions, isSignal, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { generation } from '../netlink/nfnetlink/generation';
import { trace, TRACE_MESSAGE } from '../netlink/nfnetlink/trace';
import { toVerdict } from './language/key';
import type { NftFamily, TableReference, Verdict } from './language/model';
import { NFNLGRP_NFTABLES, NFNLGRP_NFTRACE } from '../netlink/nfnetlink/groups';

const OPERATION = 'watch nftrace';

/** One step of a packet through the ruleset. */
export interface TraceStep {
  kind: 'step';
  /** The same number for all steps of one packet; another packet may get it again later. */
  id: number;
  /** A rule matched; a chain came to its end; a chain returned; or the policy of a base chain decided. */
  type: 'rule' | 'end' | 'return' | 'policy';
  table: TableReference;
  chain: string;
  /** Handle of the rule. */
  rule?: number;
  /** The verdict of the rule, of the chain's end, or of the policy. */
  verdict?: Verdict;
  /** The packet's mark. */
  mark?: number;
  /** Indexes of the incoming and the outgoing device. */
  iif?: number;
  /** Index of the outgoing device. */
  oif?: number;
  /** 'ip' or 'ip6', in tables of several families. */
  protocol?: string | number;
  /** The beginning of each header, in the first step of the packet in each base chain, as the packet is at that point. */
  linkHeader?: Buffer;
  networkHeader?: Buffer;
  transportHeader?: Buffer;
}

/** What `nft.watchTrace` reports. */
export type TraceEvent =
  /** The watch has begun: no step is missed from now on. */
  | { kind: 'ready' }
  | TraceStep
  /** Steps were lost, because the socket's buffer was full. */
  | { kind: 'lost' };

/** How long packets are watched. */
export interface WatchTraceOptions {
  /** Ends the watch: the loop throws the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<WatchTraceOptions>({ signal: isSignal });

/**
 * Reports the steps of packets that have nftrace set, by the statement `trace()`: every rule that matches, each chain that
 * ends, each policy that decides. The watch begins with the first `next()`, so with a loop, whose first event is 'ready'. It
 * ends when the loop is left, when the signal is aborted or when the handle is closed.
 *
 * @throws {@link NetlinkError} what the kernel refuses; {@link NetnsError} ERR_NETNS_CLOSED; the signal's reason.
 * @see nft(8), `nft monitor trace`
 * @example
 * ```ts
 * for await (const event of nft.watchTrace(red)) {
 *   if (event.kind === 'ready') break; // from here on, packets with nftrace would come
 *   if (event.kind === 'step') console.log(event.chain, event.verdict);
 * }
 * ```
 */
export function watchTrace(netns: Netns, options: WatchTraceOptions = {}): EventIterator<TraceEvent> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const source = { operation: OPERATION, groups: [NFNLGRP_NFTRACE], signal: options.signal };
  return netfilterEvents<TraceEvent>(netns, source, (push) => ({
    opened: () => push({ kind: 'ready' }),
    lost: () => push({ kind: 'lost' }),
    message(message) {
      if (message.type === TRACE_MESSAGE) push(toStep(trace.read(message)));
    },
  }));
}

/**
 * The generation that a transaction made. All steps that were traced before the transaction are reported before this
 * event.
 */
export interface GenerationEvent {
  kind: 'generation';
  generation: number;
}

/** @internal As `watchTrace`, with the transactions of all programs as events in the same order. */
export function watchTraceAndGenerations(
  netns: Netns,
  signal: AbortSignal | undefined,
): EventQueue<TraceEvent | GenerationEvent> {
  const options = { operation: OPERATION, groups: [NFNLGRP_NFTRACE, NFNLGRP_NFTABLES], signal };
  return netfilterEvents<TraceEvent | GenerationEvent>(netns, options, (push) => ({
    opened: () => push({ kind: 'ready' }),
    lost: () => push({ kind: 'lost' }),
    message(message) {
      if (message.type === TRACE_MESSAGE) push(toStep(trace.read(message)));
      if (message.type !== generation.verbs.add) return;
      push({ kind: 'generation', generation: generation.read(message).id ?? 0 });
    },
  }));
}

function toStep(message: ReturnType<typeof trace.read>): TraceStep {
  const buffer = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes));
  const verdict = message.verdict === undefined ? undefined : toVerdict(message.verdict);
  // The kernel reports the end of a chain as a rule without a handle, and 5.10 as a return that goes on.
  const isReturn = message.type === 'return' && verdict === 'continue';
  const isEnd = message.rule === undefined && (message.type === 'rule' || isReturn);
  return {
    kind: 'step',
    id: message.id ?? 0,
    type: isEnd ? 'end' : (message.type as TraceStep['type']),
    table: { family: message.family as NftFamily, name: message.table ?? '' },
    chain: message.chain ?? '',
    ...defined({
      rule: message.rule,
      verdict: verdict ?? (message.policy as Verdict),
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
