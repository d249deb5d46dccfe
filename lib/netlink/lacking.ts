import { constants } from 'node:os';
import { AF_BRIDGE } from '../addon/socket-constants';
import { AF } from '../common/check';
import { NO_IPV6 } from '../common/wants';
import { Bytes } from './bytes';
import { u16 } from './codec';
import { type Acknowledgement, NLMSG_HDRLEN } from './message';
import { protocolOf } from './message-types';
import type { Request } from './object';
import { nexthop } from './rtnetlink/nexthop';
import { rule } from './rtnetlink/rule';

const { EAFNOSUPPORT, EOPNOTSUPP } = constants.errno;

/** As rtnetlink itself has it where nobody has registered for a message, and rules, neighbors and links for a family. */
export const NOBODY_REGISTERED: readonly number[] = [EOPNOTSUPP, EAFNOSUPPORT];

const NO_RULES =
  'this kernel has no rules of the routing policy: CONFIG_IP_MULTIPLE_TABLES, for IPv6 CONFIG_IPV6_MULTIPLE_TABLES';

const NO_NEXTHOPS = 'this kernel has no next hop objects: Linux has them since 5.3';

/** For links of a kind that the kernel was built without. The alias is one that each kind's module has. */
export function noKind(kind: string): string {
  return `this kernel has no links of the kind ${kind}: its module is not there (modprobe rtnl-link-${kind})`;
}

/** What the messages have from which it shows. */
interface Sent {
  family?: unknown;
  encapType?: unknown;
  info?: { kind?: string };
}

/**
 * The part of a kernel that is missing, where its refusal of a message of rtnetlink shows it. Without IPv6, nobody has
 * registered for messages of the family.
 */
export function lackingPart(
  { codec, bytes }: Pick<Request<unknown>, 'codec' | 'bytes'>,
  { errno, sentence }: Pick<Acknowledgement, 'errno' | 'sentence'>,
): string | undefined {
  if (!NOBODY_REGISTERED.includes(errno)) return undefined;
  // other families have the same numbers for other messages
  if (protocolOf(codec) !== 'route') return undefined;
  const from = new Bytes(bytes);
  const type = u16.read(from, 4, 6);
  const { family, info, encapType } = codec.read(from, NLMSG_HDRLEN, bytes.length) as Sent;
  if (sentence === 'Unknown device type' && info?.kind !== undefined) return noKind(info.kind);
  const isNexthop = Object.values(nexthop.verbs).includes(type);
  // a kernel that has them says which part of a next hop it does not know
  if (isNexthop && errno === EOPNOTSUPP && sentence === undefined) return NO_NEXTHOPS;
  const isRule = Object.values(rule.verbs).includes(type);
  if (isRule && (errno === EOPNOTSUPP || family === AF[4])) return NO_RULES;
  // a vxlan has this number for an address of the other family
  if (family === AF_BRIDGE) return undefined;
  if (errno === EAFNOSUPPORT) return NO_IPV6;
  // a kernel that has IPv6 gives the number for an encapsulation that it lacks, and mostly a sentence
  if (family === AF[6] && sentence === undefined && encapType === undefined) return NO_IPV6;
  return undefined;
}
