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
export function codecOf(message: Buffer): Codec<unknown> {
  const type = message.readUInt16LE(4);
  const kind = Object.values(KINDS).find(({ verbs, destroy }) =>
    [...Object.values(verbs), destroy].includes(type),
  );
  if (kind === undefined) throw new Error(`no table for messages of type ${type}`);
  return kind.codec as Codec<unknown>;
}
