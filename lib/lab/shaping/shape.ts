import type { ImpairmentOptions } from '../../traffic/impairment';

/** What becomes of the packets that leave a device. */
export interface Shape {
  /** Of all but those of `flows`; undefined: they pass. */
  readonly whole: ImpairmentOptions | undefined;
  readonly flows: readonly FlowShape[];
}

/** Packets by their addresses, in the order of `sortedAddrs`; an empty list is any address. */
export interface Flow {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** What becomes of such packets. */
export interface FlowShape extends Flow {
  readonly options: ImpairmentOptions;
}

export function sortedAddrs(addrs: Iterable<string>): string[] {
  return [...new Set(addrs)].sort();
}

/** Whether both are of the same packets. */
export function isSameFlow(one: Flow, other: Flow): boolean {
  return one.from.join() === other.from.join() && one.to.join() === other.to.join();
}

/** Each pair of addresses; undefined is any address. */
export function pairsOf({
  from,
  to,
}: Flow): { source: string | undefined; destination: string | undefined }[] {
  const any = [undefined];
  return (from.length === 0 ? any : from).flatMap((source) =>
    (to.length === 0 ? any : to).map((destination) => ({ source, destination })),
  );
}
