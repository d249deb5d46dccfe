import type { Codec } from '../../../lib/netlink/codec';
import { chain } from '../../../lib/netlink/nfnetlink/chain';
import { elements } from '../../../lib/netlink/nfnetlink/element';
import { generation } from '../../../lib/netlink/nfnetlink/generation';
import { object } from '../../../lib/netlink/nfnetlink/object';
import { rule } from '../../../lib/netlink/nfnetlink/rule';
import { set } from '../../../lib/netlink/nfnetlink/set';
import { table } from '../../../lib/netlink/nfnetlink/table';
import { trace } from '../../../lib/netlink/nfnetlink/trace';

/** The kinds of objects of nf_tables. */
export const KINDS = { table, chain, rule, set, elements, object, generation, trace } as const;

/** The table for a message, by its type. */
export function codecOf(type: number): Codec<unknown> | undefined {
  const kind = Object.values(KINDS).find(({ verbs: { add, remove, get }, destroy }) =>
    [add, remove, get, destroy].includes(type),
  );
  return kind?.codec;
}

/** The table for a captured message. */
export function codecFor(message: Buffer): Codec<unknown> {
  const type = message.readUInt16LE(4);
  const codec = codecOf(type);
  if (codec === undefined) throw new Error(`no table for messages of type ${type}`);
  return codec;
}
