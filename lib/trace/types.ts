import type { Hook, TableReference, Verdict } from '../nft';

/** A packet at one point of its path. */
export interface TracedPacket {
  /** 'tcp', 'udp', 'icmp', 'icmpv6', or the number of another protocol. */
  protocol: string | number;
  source: string;
  destination: string;
  sourcePort?: number;
  destinationPort?: number;
  /** Names of the devices that the packet came in and goes out by; the index of a device that is gone. */
  iif?: string | number;
  /** The device that it leaves by: its name, or its index where the device is gone. */
  oif?: string | number;
}

/** A rule that the packet matched, or the end of a chain that the packet reached. */
export interface PacketStep {
  hook: Hook;
  /** Priority of the base chain: of the chains of one hook, the lower priority comes first. */
  priority: number;
  table: TableReference;
  chain: string;
  /** 'end' and 'return': of a chain that a rule jumped to. 'policy': of a base chain. */
  kind: 'rule' | 'policy' | 'end' | 'return';
  /** Handle of the rule, as `nft -a list ruleset` prints it. */
  rule?: number;
  /** The rule as nft prints it, or 'policy accept'. */
  text: string;
  /** What the rule, or the policy, decided. */
  verdict: Verdict | 'queue' | 'stolen';
  /** The packet as it entered the base chain: a translation shows in the next base chain. */
  packet: TracedPacket;
}

/**
 * - 'accepted': the packet passed the last hook, and was delivered here or left by `end.oif`.
 * - 'dropped': the rule or the policy of the last step dropped the packet.
 * - 'rejected': the rule of the last step dropped the packet, and the sender got an error.
 * - 'lost': the packet was seen, but the kernel dropped it between two hooks.
 * - 'not seen': no such packet came in time.
 * - 'not sent': the sender could not send the packet, see `sendError`.
 */
export type TraceOutcome = 'accepted' | 'dropped' | 'rejected' | 'lost' | 'not seen' | 'not sent';

/** The path of one packet through the rules of a namespace. */
export interface PacketTrace {
  /** What became of the packet. */
  outcome: TraceOutcome;
  /** The packet as it was first seen. */
  packet?: TracedPacket;
  /** The rules and policies that decided, in their order. */
  steps: PacketStep[];
  /** An accepted packet as it was last seen, after all NAT. */
  end?: TracedPacket & { hook: 'input' | 'postrouting' };
  /** Why the packet could not be sent: 'ENETUNREACH', or 'EPERM' where a rule at the hook 'output' dropped it. */
  sendError?: string;
  /** What may explain the outcome, where no rule does. */
  hint?: string;
}
