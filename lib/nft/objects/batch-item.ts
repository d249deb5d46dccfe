import { encode, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST } from '../../netlink/message';
import type { BatchItem } from '../../netlink/batch';
import type { NetfilterObject } from '../../netlink/nfnetlink/message';
import type { NamedReference } from '../language/model';
import type { AddOptions, DeleteOptions } from '../language/operations';
import type { HeldIntervals } from './held';

// What the messages of all operations have in common.

/** The numbers that one transaction gives to its new sets. */
export class Numbers {
  #last = 0;
  readonly #sets = new Map<string, number>();

  next(): number {
    return ++this.#last;
  }

  name(set: NamedReference): number {
    const id = this.next();
    this.#sets.set(path(set), id);
    return id;
  }

  of(set: NamedReference): number | undefined {
    return this.#sets.get(path(set));
  }
}

export function path({ table: { family, name: inTable }, name }: NamedReference): string {
  return `${family} ${inTable} ${name}`;
}

/** What the operations of one transaction share, and the place of the one at hand. */
export interface Course {
  readonly index: number;
  readonly numbers: Numbers;
  readonly held: HeldIntervals;
}

/** One message of a transaction. */
export interface NftItem extends BatchItem {
  /** Index of the operation that it is for, where it stands among the messages of another one. */
  readonly owner?: number;
  /** Of NFT_MSG_DESTROY*: the deletions that are the same where each of the things exists. */
  readonly deletions?: () => readonly BatchItem[];
}

/** One message. `operation` is what an error of the message names, and `called` what it calls attributes. */
export function message<A extends object>(
  kind: NetfilterObject<A>,
  type: number,
  flags: number,
  value: Parameters<NetfilterObject<A>['add']>[0],
  operation: string,
  called?: BatchItem['attempt']['called'],
): BatchItem {
  return {
    bytes: encode(type, flags | NLM_F_REQUEST, kind.codec, value),
    attempt: { operation, ...(called !== undefined && { called }) },
    codec: kind.codec,
  };
}

export function creating({ ifExists = 'ignore' }: AddOptions): number {
  return ifExists === 'fail' ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE;
}

export function removal(
  kind: { verbs: { remove: number }; destroy: number | undefined },
  { ifMissing = 'fail' }: DeleteOptions,
) {
  return ifMissing === 'ignore' && kind.destroy !== undefined ? kind.destroy : kind.verbs.remove;
}

/** The message that deletes an object. */
export function removing<A extends object>(
  kind: NetfilterObject<A>,
  options: DeleteOptions,
  value: Parameters<NetfilterObject<A>['add']>[0],
  what: string,
): NftItem[] {
  const remove = message(kind, kind.verbs.remove, 0, value, what);
  const type = removal(kind, options);
  if (type === kind.verbs.remove) return [remove];
  return [{ ...message(kind, type, 0, value, what), deletions: () => [remove] }];
}
