import { type AttributesCodec, headed } from '../attributes';
import { be16, choice, u8 } from '../codec';
import { NetlinkObject, type Verbs } from '../object';
import { struct } from '../struct';

/** linux/netfilter.h, NFPROTO_* */
export const FAMILIES = {
  unspec: 0,
  inet: 1,
  ip: 2, // NFPROTO_IPV4
  arp: 3,
  netdev: 5,
  bridge: 7,
  ip6: 10, // NFPROTO_IPV6
} as const;

/** struct nfgenmsg. What is dumped has the lower half of the generation in `resource`. */
export const nfgenmsg = struct([
  ['family', choice(u8, FAMILIES), 1],
  ['version', u8, 1],
  ['resource', be16, 2],
]);

/** linux/netfilter/nfnetlink.h, NFNL_SUBSYS_*: the upper byte of a message's type. */
export const SUBSYSTEM = {
  conntrack: 1, // NFNL_SUBSYS_CTNETLINK
  nftables: 10,
} as const;

/** Message types of one kind of object, without their subsystem; `destroy` is delete that nothing need be there for. */
export interface NftVerbs extends Verbs {
  readonly destroy?: number;
}

/** One kind of object of a subsystem of nfnetlink. */
export class NetfilterObject<A extends object> extends NetlinkObject<
  { family: keyof typeof FAMILIES | number; version: number; resource: number },
  A
> {
  readonly destroy: number | undefined;

  constructor(subsystem: number, { add, remove, get, destroy }: NftVerbs, content: AttributesCodec<A>) {
    const typed = (number: number) => (subsystem << 8) | number;
    super({ add: typed(add), remove: typed(remove), get: typed(get) }, headed(nfgenmsg, content));
    this.destroy = destroy === undefined ? undefined : typed(destroy);
  }
}
