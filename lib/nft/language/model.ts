import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import type { FAMILIES } from '../../netlink/nfnetlink/message';
import type { Scalar, TypeName } from './types';

// The objects of a ruleset. Each is plain data that defines the object, and can be passed wherever the object is referred
// to; a reference needs only the names.

/**
 * The packets that a table sees. 'inet' is IPv4 and IPv6.
 *
 * @useDeclaredType
 */
export type NftFamily = Exclude<keyof typeof FAMILIES, 'unspec'>;

/** A table, by its name. */
export interface TableReference {
  family: NftFamily;
  name: string;
}

/** A table: what holds chains, sets and objects. */
export interface Table extends TableReference {
  /** 'dormant': the table's chains see no packets. 'owner': the kernel deletes the table with the socket that created it. */
  flags?: readonly ('dormant' | 'owner' | 'persist')[];
  comment?: string;
  /** The kernel's number of the table. */
  handle?: number;
}

/** An object of a table, by its name. */
export interface NamedReference {
  table: TableReference;
  name: string;
}

/** Where on their way through the kernel a base chain sees packets. */
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress';

/** Of the chains of one hook, the lower priority comes first: linux/netfilter_ipv4.h, NF_IP_PRI_*. */
export const PRIORITIES = {
  raw: -300,
  mangle: -150,
  dstnat: -100, // NF_IP_PRI_NAT_DST
  filter: 0,
  security: 50,
  srcnat: 100, // NF_IP_PRI_NAT_SRC
} as const;

/** linux/netfilter_bridge.h, NF_BR_PRI_*: the same words, other numbers. */
export const BRIDGE_PRIORITIES = {
  dstnat: -300, // NF_BR_PRI_NAT_DST_BRIDGED
  filter: -200, // NF_BR_PRI_FILTER_BRIDGED
  out: 100, // NF_BR_PRI_NAT_DST_OTHER
  srcnat: 300, // NF_BR_PRI_NAT_SRC
} as const;

/** A number, or one of its names: {@link PRIORITIES}, or in tables of bridges {@link BRIDGE_PRIORITIES}. */
export type Priority = number | keyof typeof PRIORITIES | keyof typeof BRIDGE_PRIORITIES;

export interface Chain extends NamedReference {
  /** Type of a base chain: 'filter' by default. */
  type?: 'filter' | 'nat' | 'route';
  /** Where packets enter a base chain. Packets enter a chain without a hook by a jump only. */
  hook?: Hook;
  /** 'filter' by default. A chain that is listed has a number. */
  priority?: Priority;
  /** Verdict for packets that reach the end of a base chain: 'accept' by default. */
  policy?: 'accept' | 'drop';
  /** Names of devices, for the hooks 'ingress' and 'egress'. */
  devices?: readonly string[];
  comment?: string;
  /** The kernel's number of the chain. */
  handle?: number;
}

/** One expression of a rule, as the kernel stores it: `nft --debug=netlink` prints expressions. */
export type Expression =
  | {
      [N in keyof typeof expressions]: { name: N; data?: ValueOf<(typeof expressions)[N]> };
    }[keyof typeof expressions]
  | { name: string; data?: Uint8Array };

/** A rule, by its handle. */
export interface RuleReference {
  chain: NamedReference;
  /** The kernel's number of the rule, as `nft -a list ruleset` shows it. */
  handle: number;
}

/** A rule that was listed. */
export interface Rule extends RuleReference {
  /** What the kernel executes. */
  expressions: readonly Expression[];
  comment?: string;
}

/** What becomes of a packet. */
export type Verdict =
  'accept' | 'drop' | 'continue' | 'break' | 'return' | { jump: string } | { goto: string };

/** The kinds of named objects. */
export type ObjectKind = 'counter' | 'quota' | 'limit' | 'ct helper' | 'ct count';

export interface SetReference extends NamedReference {
  /** One data type, or several in a row: ['ipv4_addr', 'inet_service']. */
  key: TypeName | readonly TypeName[];
  /** Makes the set a map: from the key to data of this type, to a verdict, or to an object's name. */
  value?: 'verdict' | TypeName | readonly TypeName[] | { object: ObjectKind };
  /** 'interval': keys may be networks and ranges; 'dynamic': packets may add to it. */
  flags?: readonly ('constant' | 'interval' | 'timeout' | 'dynamic')[];
  /**
   * Whether intervals that overlap or adjoin are merged into one, and a part of an interval can be deleted, as with nft's
   * `auto-merge`. For a set with the flag 'interval', whose key is one data type. False by default. All operations of one
   * transaction have to agree on it, because each goes by its own reference.
   */
  autoMerge?: boolean;
}

/** A set or a map. */
export interface NftSet extends SetReference {
  /** Milliseconds after which the kernel deletes an element. */
  timeout?: number;
  /** Milliseconds between the kernel's searches for expired elements. */
  gcInterval?: number;
  /** The most elements that the set may have. */
  size?: number;
  /** What the kernel chooses the set's structure for: 'performance' by default. */
  policy?: 'performance' | 'memory';
  /** Expressions that each element keeps its own state of: [{ name: 'counter' }]. */
  expressions?: readonly Expression[];
  comment?: string;
  /** The kernel's number of the set. */
  handle?: number;
}

/** A range, both ends included. */
export interface Range {
  from: Scalar;
  to: Scalar;
}

/** 80, '10.0.0.1', '10.0.0.0/8', { from: 1024, to: 65535 } */
export type KeyPart = Scalar | Range;

/** One part for each type of the set's key; a single part may stand alone. '*' alone matches what no other key matches. */
export type Key = KeyPart | readonly KeyPart[];

/** An element of a set or a map. */
export interface NftElement {
  key: Key;
  /** In a map: data, a verdict (a word, or { jump }), or an object's name. */
  value?: Scalar | readonly Scalar[] | { jump: string } | { goto: string };
  /** Milliseconds after which the kernel deletes the element; by default the timeout of the set. */
  timeout?: number;
  /** Milliseconds that are left. Read only. */
  expires?: number;
  comment?: string;
  /** Expressions with the element's own state, for example a counter. */
  expressions?: readonly Expression[];
}

/** A named object of a table, which rules use by its name. */
export type NftObject = NamedReference & { comment?: string; handle?: number } & (
    | { type: 'counter'; packets?: number; bytes?: number }
    | { type: 'quota'; bytes: number; consumed?: number; over?: boolean }
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
/**
 * The time that a rate counts in.
 *
 * @useDeclaredType
 */
export type TimeUnit = keyof typeof TIME_UNITS;
