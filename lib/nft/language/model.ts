import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import type { FAMILIES } from '../../netlink/nfnetlink/message';
import type { Scalar, TypeName } from './types';

// What a ruleset is made of. Each is plain data that both defines the thing and refers to it: where one is only
// referred to, its names do.

/** Whose packets a table sees. 'inet' is IPv4 and IPv6. */
export type NftFamily = Exclude<keyof typeof FAMILIES, 'unspec'>;

export interface TableReference {
  family: NftFamily;
  name: string;
}

export interface Table extends TableReference {
  /** 'dormant': none of its chains sees a packet. 'owner': it goes with the process that made it. */
  flags?: readonly ('dormant' | 'owner' | 'persist')[];
  comment?: string;
  /** The kernel's number for it. */
  handle?: number;
}

/** Anything that is in a table under a name. */
export interface NamedReference {
  table: TableReference;
  name: string;
}

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress';

/** Of the same hook, the lower comes first: linux/netfilter_ipv4.h, enum nf_ip_hook_priorities. */
export const PRIORITIES = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
} as const;

/** linux/netfilter_bridge.h, enum nf_br_hook_priorities: the same words, other numbers. */
export const BRIDGE_PRIORITIES = { dstnat: -300, filter: -200, out: 100, srcnat: 300 } as const;

export type Priority = number | keyof typeof PRIORITIES | keyof typeof BRIDGE_PRIORITIES;

export interface Chain extends NamedReference {
  /** With a hook: 'filter' (default), 'nat' or 'route'. */
  type?: 'filter' | 'nat' | 'route';
  /** Where packets enter it; without, only by a jump. */
  hook?: Hook;
  /** 'filter' by default; what is listed is a number. */
  priority?: Priority;
  /** What becomes of a packet that comes to its end: 'accept' by default. */
  policy?: 'accept' | 'drop';
  /** Of 'ingress' and 'egress'. */
  devices?: readonly string[];
  comment?: string;
  handle?: number;
}

/** One step of a rule, as the kernel has it: nft prints them with `nft --debug=netlink`. */
export type Expression =
  | {
      [N in keyof typeof expressions]: { name: N; data?: ValueOf<(typeof expressions)[N]> };
    }[keyof typeof expressions]
  | { name: string; data?: Uint8Array };

export interface RuleReference {
  chain: NamedReference;
  handle: number;
}

export interface Rule extends RuleReference {
  expressions: readonly Expression[];
  comment?: string;
}

export type Verdict =
  'accept' | 'drop' | 'continue' | 'break' | 'return' | { jump: string } | { goto: string };

export type ObjectKind = 'counter' | 'quota' | 'limit' | 'ct helper' | 'ct count';

export interface SetReference extends NamedReference {
  /** One data type, or several in a row: ['ipv4_addr', 'inet_service']. */
  key: TypeName | readonly TypeName[];
  /** With it, it is a map: from the key to data of this type, to a verdict, or to an object's name. */
  value?: 'verdict' | TypeName | readonly TypeName[] | { object: ObjectKind };
  /** 'interval': keys may be networks and ranges; 'dynamic': packets may add to it. */
  flags?: readonly ('constant' | 'interval' | 'timeout' | 'dynamic')[];
}

/** A set or a map. */
export interface NftSet extends SetReference {
  /** After which an element goes, in milliseconds. */
  timeout?: number;
  /** How often the kernel looks for those that are to go, in milliseconds. */
  gcInterval?: number;
  /** Elements that it has room for. */
  size?: number;
  policy?: 'performance' | 'memory';
  /** What each element has of its own: [{ name: 'counter' }]. */
  expressions?: readonly Expression[];
  comment?: string;
  handle?: number;
}

/** A range, both ends in it. */
export interface Range {
  from: Scalar;
  to: Scalar;
}

/** 80, '10.0.0.1', '10.0.0.0/8', { from: 1024, to: 65535 } */
export type KeyPart = Scalar | Range;

/** One part for each type of the set's key; alone where there is one. '*' alone is all that nothing else matches. */
export type Key = KeyPart | readonly KeyPart[];

export interface NftElement {
  key: Key;
  /** What a map has for the key: data, a verdict (a word, or { jump }), or an object's name. */
  value?: Scalar | readonly Scalar[] | { jump: string } | { goto: string };
  /** After which it goes, in milliseconds: the set's, where it is left out. */
  timeout?: number;
  /** Milliseconds that are left. Only read. */
  expires?: number;
  comment?: string;
  /** What it has of its own, a counter for example, and how that stands. */
  expressions?: readonly Expression[];
}

export type NftObject = NamedReference & { comment?: string; handle?: number } & (
    | { type: 'counter'; packets?: bigint; bytes?: bigint }
    | { type: 'quota'; bytes: bigint; consumed?: bigint; over?: boolean }
    | {
        type: 'limit';
        rate: number;
        per?: TimeUnit;
        burst?: number;
        /** Count bytes, not packets. */
        unit?: 'packets' | 'bytes';
        over?: boolean;
      }
    | { type: 'ct helper'; helper: string; protocol: 'tcp' | 'udp'; l3proto?: 'ip' | 'ip6' | 'inet' }
    | { type: 'ct count'; count: number; over?: boolean }
  );

export const TIME_UNITS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;
