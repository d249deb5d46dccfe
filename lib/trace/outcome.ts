import { errnoName } from '../addon/errno';
import type { PacketPath } from './follow';
import type { OwnChain } from './mark';
import type { TracePlan } from './options';
import type { PacketTrace } from './types';

type Conclusion = Pick<PacketTrace, 'outcome' | 'hint'>;

export interface Circumstances {
  plan: TracePlan;
  host: string;
  /** The errno of sending the packet, or 0. */
  errno: number;
  /** Whether the rule of the last step rejects, so that the sender gets an error. */
  rejects: boolean;
  /** Whether steps were lost, because the socket's buffer was full. */
  incomplete: boolean;
}

const IN = (hook: string) =>
  `in ${hook}, something else than a rule of nf_tables has taken it: conntrack, a module`;

/** What the kernel does after each of the trace's own chains, and why a packet may have ended there. */
const BEHIND: Readonly<Record<OwnChain, string>> = {
  prerouting: IN('prerouting'),
  prerouted:
    'after prerouting, routing has let it go: there is no route, forwarding is off, rp_filter does not take its source, ' +
    'or its TTL is over',
  output: IN('output'),
  outgoing: 'after output, routing has let it go: there is no route for what NAT has made of it',
  input: IN('input'),
  postrouting: 'it was sent by lo, and did not come in again',
};

export function conclude(path: PacketPath, circumstances: Circumstances): Conclusion {
  const { plan, host, errno, rejects, incomplete } = circumstances;
  if (path.end !== undefined) return { outcome: 'accepted' };
  if (path.stopped) return { outcome: rejects ? 'rejected' : 'dropped' };
  if (incomplete) return { outcome: 'lost', hint: 'some steps did not fit the buffer of the socket' };
  if (path.seenAt !== undefined) {
    return { outcome: 'lost', hint: `${BEHIND[path.seenAt]}; doctor() of ${host} may find more` };
  }
  if (errno !== 0) {
    return { outcome: 'not sent', hint: `${String(plan.sender)} could not send it: ${errnoName(errno)}` };
  }
  return { outcome: 'not seen', hint: unseen(plan, host) };
}

function unseen({ sender, to, timeout }: TracePlan, host: string): string {
  if (sender === undefined) return `nobody has sent such a packet within ${timeout} ms`;
  return `${sender.toString()} has sent it, but not by way of ${host}: see its route to ${to}, its rules for outgoing packets, and whether the link and the neighbour are there`;
}
