import type { Netns } from '../../netns/netns';

/** An end of a wire. */
export interface WireEnd {
  readonly netns: Netns;
  /** Undefined of a port, which is among the switches. */
  readonly node: string | undefined;
  readonly device: string;
}

/** A device of a node's, and what it is plugged into: a port of a switch, or another node's device. */
export interface Wire {
  readonly inner: WireEnd & { readonly node: string };
  readonly outer: WireEnd;
}
