import type { Capability } from '../capabilities';

/** What getLink returns of a kind. */
export type View = Readonly<Record<string, unknown>>;
export type Fields = Readonly<Record<string, (view: View) => unknown>>;

export interface Example {
  kind: string;
  /** What some kernels lack; none for what all have. */
  needs?: Capability;
  /** The options of its own. */
  own: Readonly<Record<string, unknown>>;
  /** What ip has in place of them. */
  words: string;
  /** How ip goes on, of what it cannot give at creation. */
  then?: string;
  /** What the kernel does not report of the options. */
  unreported?: readonly string[];
}
