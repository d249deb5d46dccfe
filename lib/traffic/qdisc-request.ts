import { defined } from '../common/objects';
import { takingBack } from '../common/take-back';
import { type Attempt, ignoring } from '../netlink/error';
import { addFlags, type IfExists } from '../netlink/existence';
import { qdiscKinds } from '../netlink/rtnetlink/qdiscs';
import { type SizeTable, toSizeTable } from '../netlink/rtnetlink/qdiscs/size-table';
import { qdisc, TC_H } from '../netlink/rtnetlink/traffic';
import { NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { parseHandle, parseParent } from './handle';
import { type AnyKind, type Asked, findIn } from './kind-request';
import { type Qdisc, shownQdisc, toQdisc } from './qdisc-view';
import { requireReported } from './refusals';

export const KINDS = qdiscKinds as Readonly<Record<string, AnyKind>>;

/** The handle of what the kernel gave a device. */
export const UNNUMBERED = '0:';

/** The numbers of a place in a message, and what is said there of one of any kind. */
interface Place {
  parent: number;
  handle: number;
  all?: OfAll;
}

/** What one of any kind may have. */
export interface OfAll {
  sizeTable?: SizeTable;
  ingressBlock?: number;
  egressBlock?: number;
}

/** Of all options, what one of any kind may have. */
export const ofAll = ({ sizeTable, ingressBlock, egressBlock }: OfAll): OfAll =>
  defined({ sizeTable, ingressBlock, egressBlock });

/** Where one of a kind stands: at the root, or at the ingress, if nothing else is said. */
export function placeOf({ parent, handle }: { parent?: string; handle?: string }, kind = ''): Place {
  const side = findIn(KINDS, kind)?.ingress === true ? 'ingress' : 'root';
  const number = handle === undefined || handle === UNNUMBERED ? TC_H.unspec : parseHandle(handle);
  return { parent: parseParent(parent ?? side), handle: number };
}

const NO_PARENT = 'there is no such parent';

/** What refusals mean. */
export const meaningsOf = (kind: string) =>
  ({
    words: {
      ...NO_DEVICE,
      EEXIST: 'there is a queueing discipline already, which somebody has added',
      ENOENT: `this kernel has none of the kind ${kind}: its module is not there (modprobe sch_${kind})`,
      EOPNOTSUPP: `the kernel cannot do that with the kind ${kind}`,
    },
    sentences: { 'Failed to find specified qdisc': NO_PARENT, 'Specified class not found': NO_PARENT },
    guesses: {
      EINVAL: 'the parent takes none, as a class with classes below, or what is given does not fit',
    },
  }) satisfies Partial<Attempt>;

/** The message of one. */
export function message(
  index: number,
  { parent, handle, all: { sizeTable, ...blocks } = {} }: Place,
  kind: string,
  data: unknown,
): Parameters<typeof qdisc.add>[0] {
  const value = {
    ...{ index, parent, handle, kind, ...blocks },
    ...(sizeTable && { sizeTable: toSizeTable(sizeTable) }),
  };
  type Options = NonNullable<Parameters<typeof qdisc.add>[0]['options']>;
  return data === undefined ? value : { ...value, options: data as Options };
}

/** Those of a device. */
export async function qdiscsOf(netns: Netns, index: number, attempt: Attempt): Promise<Qdisc[]> {
  // the kernel lists those of all devices, whichever it is asked for (6.18)
  const listed = await netns.request(shownQdisc.dump({}, attempt));
  return listed.filter((one) => one.index === index).map(toQdisc);
}

/** What somebody has added at a place: not what the kernel gave the device. */
export async function addedAt(
  netns: Netns,
  index: number,
  parent: number,
  attempt: Attempt,
): Promise<Qdisc | undefined> {
  const listed = await qdiscsOf(netns, index, attempt);
  return listed.find((one) => one.handle !== UNNUMBERED && parseParent(one.parent) === parent);
}

/**
 * Of one that takes the place of another of its kind, what the kernel changes: it refuses what it takes at creation only, also where
 * it is told what is there.
 */
export async function withoutSame(
  netns: Netns,
  index: number,
  { parent, handle }: Place,
  asked: Asked,
  attempt: Attempt,
): Promise<Asked> {
  const fixed = findIn(KINDS, asked.kind)?.creationOnly ?? [];
  if (!fixed.some((name) => name in asked.own)) return asked;
  const found = await addedAt(netns, index, parent, attempt);
  if (found?.kind !== asked.kind) return asked;
  if (handle !== TC_H.unspec && parseHandle(found.handle) !== handle) return asked;
  const now = (reportedOf(found) ?? {}) as Readonly<Record<string, unknown>>;
  const isSame = (name: string) => fixed.includes(name) && asked.own[name] === now[name];
  const own = Object.entries(asked.own).filter(([name]) => !isSame(name));
  return { kind: asked.kind, own: Object.fromEntries(own) };
}

/** What the kernel reports of the own of one. */
export function reportedOf(found: Qdisc): object | undefined {
  return (found as unknown as Readonly<Record<string, object | undefined>>)[found.kind];
}

/** Adds one, says again what the kernel takes in a change only, and takes it back where the kernel has ignored an option. */
export async function addNew(
  netns: Netns,
  index: number,
  place: Place,
  asked: Asked & { data: unknown },
  attempt: Attempt,
  ifExists: IfExists | 'replace' = 'fail',
): Promise<void> {
  const { kind, own, data } = asked;
  const value = message(index, place, kind, data);
  await netns.request(qdisc.add(value, addFlags(ifExists), attempt));
  const known = findIn(KINDS, kind);
  const has = (names: readonly string[] = []) => names.some((name) => own[name] !== undefined);
  try {
    if (has(known?.sentAgain)) await netns.request(qdisc.add(value, 0, attempt));
    if (!has(known?.ignored)) return;
    const found = (await qdiscsOf(netns, index, attempt)).find(
      (one) => one.kind === kind && parseParent(one.parent) === place.parent,
    );
    requireReported(asked, known, (found && reportedOf(found)) ?? {}, attempt, netns);
  } catch (error) {
    await takingBack(error, async () =>
      netns
        .request(
          qdisc.remove(
            { index, parent: place.parent },
            { ...attempt, operation: `remove ${kind} again from` },
          ),
        )
        .catch(ignoring('ENOENT')),
    );
  }
}
