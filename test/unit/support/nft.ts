import type { Codec } from '../../../lib/netlink/codec';
import { chain } from '../../../lib/nft/chain';
import { elements } from '../../../lib/nft/element';
import { generation } from '../../../lib/nft/generation';
import { object } from '../../../lib/nft/object';
import { rule } from '../../../lib/nft/rule';
import { set } from '../../../lib/nft/set';
import { table } from '../../../lib/nft/table';
import { trace } from '../../../lib/nft/trace';

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
