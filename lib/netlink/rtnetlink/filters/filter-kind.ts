import type { TrafficKind } from '../qdiscs/qdisc-kind';

/** A kind of filter as pure data: what it has of its own, beside the class, the actions and what all filters have. */
export interface FilterKind<Options extends object, Data, View extends object> extends TrafficKind<
  Options,
  Data,
  View
> {
  /** The option of its own that is the handle. */
  readonly handle?: string;
}
