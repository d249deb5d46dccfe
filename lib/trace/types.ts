import type { Hook, TableReference, Verdict } from '../nft';

/** The packet as it is at some point of its way. */
export interface TracedPacket {
  /** 'tcp', 'udp', 'icmp', 'icmpv6', or the number of another one. */
  protocol: string | number;
  source: string;
  destination: string;
  sourcePort?: number;
  destinationPort?: number;
  /** Names of the devices that it came and goes by; the index of one that is gone. */
  iif?: string | number;
  oif?: string | number;
}

/** A rule that the packet matched, or the end of a chain that it came to. */
export interface PacketStep {
  hook: Hook;
  /** Of the chain that has the hook: of those of one hook, the lower comes first. */
  priority: number;
  table: TableReference;
  chain: string;
  /** 'end' and 'return' are of chains that were jumped to, 'policy' of one that has the hook. */
  kind: 'rule' | 'policy' | 'end' | 'return';
  /** Handle of the rule, as `nft -a list ruleset` has it. */
  rule?: number;
  /** The rule as nft prints it, or 'policy accept'. */
  text: string;
  verdict: Verdict | 'queue' | 'stolen';
  /** As it came into the chain that has the hook: NAT shows in the next one. */
  packet: TracedPacket;
}

/**
 * - 'accepted': it came to the end of the last hook, and is with its receiver or on its way by `end.oif`.
 * - 'dropped': the last step is the rule or the policy that did it.
 * - 'rejected': the same by a rule that tells the sender.
 * - 'lost': it was seen, but between two hooks the kernel has let it go.
 * - 'not seen': no such packet came by, in time.
 * - 'not sent': its sender could not send it, see `sendError`.
 */
export type TraceOutcome = 'accepted' | 'dropped' | 'rejected' | 'lost' | 'not seen' | 'not sent';

/** The way of one packet through the rules of a namespace. */
export interface PacketTrace {
  outcome: TraceOutcome;
  /** As it was first seen. */
  packet?: TracedPacket;
  steps: PacketStep[];
  /** As it was at last, after all NAT; of one that was accepted. */
  end?: TracedPacket & { hook: 'input' | 'postrouting' };
  /** Why it could not be sent: 'ENETUNREACH', or 'EPERM' where a rule for outgoing packets has dropped it. */
  sendError?: string;
  /** What may explain it, where no rule does. */
  hint?: string;
}
