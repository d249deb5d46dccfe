import { constants } from 'node:os';
import { type Attempt, NetlinkError } from '../netlink/error';
import type { Netns } from '../netns/netns';
import type { AnyKind, Asked } from './kind-request';
import type { Qdisc } from './qdisc-view';

const { EEXIST, EINVAL, ENOENT, EOPNOTSUPP } = constants.errno;

// What the kernel would answer, said before it is asked: of a change, what is there already has to be known.

export function notThere(attempt: Attempt, netns: Netns): NetlinkError {
  return new NetlinkError({ ...attempt, errno: ENOENT, netns: netns.toString() });
}

export function alreadyThere(attempt: Attempt, netns: Netns): NetlinkError {
  return new NetlinkError({ ...attempt, errno: EEXIST, netns: netns.toString() });
}

export function otherKind(attempt: Attempt, netns: Netns, kind: string): NetlinkError {
  const details = { ...attempt, errno: EINVAL, netns: netns.toString() };
  return new NetlinkError(details, `what is there is of the kind ${kind}`);
}

/** Of a place that somebody else cares for. */
export function inTheWay(attempt: Attempt, netns: Netns, { kind, handle, parent }: Qdisc): NetlinkError {
  const details = { ...attempt, errno: EEXIST, netns: netns.toString() };
  const place = parent === 'root' ? 'the root' : parent;
  const sentence = `somebody has added a ${kind} (${handle}) at ${place}, which is not replaced: removeQdisc removes it`;
  return new NetlinkError(details, sentence);
}

/** Refuses an option that the kernel does not report, and so has ignored, or would. */
export function requireReported(
  { own }: Asked,
  kind: AnyKind | undefined,
  reported: object,
  attempt: Attempt,
  netns: Netns,
): void {
  const option = kind?.ignored?.find((name) => own[name] !== undefined && !(name in reported));
  if (option === undefined) return;
  const details = { ...attempt, errno: EOPNOTSUPP, netns: netns.toString(), option };
  throw new NetlinkError(details, 'this kernel does not know it, and would ignore it');
}
