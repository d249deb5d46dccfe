import type { IfExists } from '../netlink/existence';
import type { QdiscKindName, QdiscKindOptions } from '../netlink/rtnetlink/qdiscs';
import type { SizeTable } from '../netlink/rtnetlink/qdiscs/size-table';

/** Where a queueing discipline stands. */
export interface QdiscPlace {
  /**
   * 'root' (default), or the class that it is for: '1:10'. 'ingress' is the other side of the device, where only the kinds
   * `ingress` and `clsact` stand: these need not be told.
   */
  parent?: string;
  /** Its number, '1:', in hexadecimal. By default the kernel chooses one from '8001:' on. */
  handle?: string;
}

/** What every new queueing discipline has, of whatever kind. */
export interface NewQdiscOptions extends QdiscPlace {
  /** What each packet counts: its own length by default. One at the ingress has none. */
  sizeTable?: SizeTable;
  /**
   * Number of a block of filters that queueing disciplines of several devices share, for what the device receives, of those that take filters
   * for it, as clsact and ingress. The block is there with the first of them.
   */
  ingressBlock?: number;
  /** The same for what leaves the device, as of clsact. */
  egressBlock?: number;
  /**
   * Where there is one, other than what the kernel gave the device: 'fail' (default) with EEXIST, 'ignore', or 'replace'. Then one of
   * another kind, or with another handle, gives way, with all that is below it. The kernel changes one of the same kind where it
   * stands, and leaves what is not given, but for `sizeTable`, which goes then; if it changes none of the kind, as of htb, it refuses.
   */
  ifExists?: IfExists | 'replace';
}

/** A queueing discipline of a kind that this library knows: its options stand beside those of all. */
export type KnownQdiscOptions = {
  [K in QdiscKindName]: NewQdiscOptions & { kind: K } & QdiscKindOptions[K];
}[QdiscKindName];

/** A queueing discipline of another kind. */
export interface RawQdiscOptions extends NewQdiscOptions {
  /** The kernel's name for the kind: 'taprio', 'teql0'. */
  kind: string;
  /** TCA_OPTIONS in bytes; none (`new Uint8Array()`) for the kernel's defaults. */
  data: Uint8Array;
}

/** A new queueing discipline: of a kind that this library knows, with its options, or of another one, with its bytes. */
export type AddQdiscOptions = KnownQdiscOptions | RawQdiscOptions;

/** What is changed of a queueing discipline, of a kind that this library knows. */
export type SetKnownQdiscOptions = {
  [K in QdiscKindName]: QdiscPlace & { kind: K; sizeTable?: SizeTable } & Partial<QdiscKindOptions[K]>;
}[QdiscKindName];

/** What is changed of a queueing discipline, which its kind tells. */
export type SetQdiscOptions =
  SetKnownQdiscOptions | Omit<RawQdiscOptions, 'ifExists' | 'ingressBlock' | 'egressBlock'>;
