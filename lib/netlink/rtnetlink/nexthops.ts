import { attributes, headed } from '../attributes';
import { align } from '../bytes';
import { type Codec, ip, MalformedError, s32, u16, u32, u8 } from '../codec';
import { encapType } from './encap-type';
import { encapContent } from './encaps';
import { struct } from '../struct';
import { mplsLabels } from './mpls-labels';
import { via } from './via';

/** linux/rtnetlink.h, RTNH_F_* */
export const RTNH_F = {
  dead: 1, // RTNH_F_DEAD
  pervasive: 2, // RTNH_F_PERVASIVE
  onlink: 4, // RTNH_F_ONLINK
  offload: 8, // RTNH_F_OFFLOAD
  linkdown: 16, // RTNH_F_LINKDOWN
  unresolved: 32, // RTNH_F_UNRESOLVED
  trap: 64, // RTNH_F_TRAP
} as const;

/** struct rtnexthop; its first field counts its bytes and those of the attributes behind it. */
const rtnexthop = struct([
  2, // rtnh_len
  ['flags', u8, 1],
  /** The weight less one. */
  ['hops', u8, 1],
  ['index', s32, 4],
]);

const nexthop = headed(
  rtnexthop,
  attributes({
    gateway: [5, ip], // RTA_GATEWAY
    flow: [11, u32], // RTA_FLOW
    via: [18, via], // RTA_VIA
    newLabels: [19, mplsLabels], // RTA_NEWDST
    encapType: [21, encapType], // RTA_ENCAP_TYPE
    encap: [22, encapContent], // RTA_ENCAP
  }),
);

export type Nexthop = ReturnType<typeof nexthop.read>;

/** RTA_MULTIPATH: one after the other, without an attribute header of their own. */
export const nexthops: Codec<readonly Nexthop[]> = {
  get shape() {
    return { kind: 'list', item: nexthop.shape } as const;
  },
  write(to, value) {
    for (const hop of value) {
      const start = to.length;
      nexthop.write(to, hop);
      to.setU16(start, to.length - start);
    }
  },
  read(from, start, end) {
    const hops: Nexthop[] = [];
    for (let at = start; at < end;) {
      const length = u16.read(from, at, Math.min(at + 2, end));
      if (at + length > end) throw new MalformedError(`a nexthop claims ${length} of ${end - at} bytes`);
      hops.push(nexthop.read(from, at, at + length));
      at += align(length);
    }
    return hops;
  },
};
