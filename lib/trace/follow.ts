import { isDeepStrictEqual } from 'node:util';
import type { TableReference } from '../nft';
import type { TraceStep } from '../nft/trace';
import { CHAINS, isOurs, type OwnChain } from './mark';
import { readHeaders } from './packet';
import type { TracedPacket } from './types';

/** A step, with the packet as it came into the chain that has the hook. */
export interface Followed {
  step: TraceStep;
  packet: TracedPacket;
}

/** What is known of a packet's way so far. */
export interface Way {
  packet: TracedPacket | undefined;
  steps: Followed[];
  end: (TracedPacket & { hook: 'input' | 'postrouting' }) | undefined;
  /** The last step let it go no further. */
  stopped: boolean;
  /** The last of our own chains that it came by. */
  seenAt: OwnChain | undefined;
}

export interface Devices {
  names: ReadonlyMap<number, string>;
  /** Of `lo`: what leaves by it comes in again. */
  loopback: number | undefined;
}

const FINAL: readonly unknown[] = ['drop', 'stolen'];

type Headers = NonNullable<ReturnType<typeof readHeaders>>;

/** Finds one packet's steps among those of all that are traced. The first that our rule marks is the one. */
export class Follower {
  readonly #table: TableReference;
  readonly #devices: Devices;
  // The kernel (6.18) counts packets by the device, too, that they came in by: for what leaves by `lo` and comes in again,
  // or comes out of a bridge that netfilter has looked into, the number is another one.
  readonly #ids = new Set<number>();
  readonly way: Way = { packet: undefined, steps: [], end: undefined, stopped: false, seenAt: undefined };
  #headers: Headers | undefined;
  #current: TracedPacket | undefined;
  #outgoing: number | undefined;

  constructor(table: TableReference, devices: Devices) {
    this.#table = table;
    this.#devices = devices;
  }

  /** @returns whether the way has come to its end. */
  take(step: TraceStep): boolean {
    const own = step.table.name === this.#table.name;
    const headers = readHeaders(step);
    if (this.#isIt(step, headers)) this.#ids.add(step.id);
    if (!this.#ids.has(step.id)) return false;
    if (headers !== undefined) this.#look(step, headers);
    if (own) return this.#takeOwn(step);
    if (isOurs(step.table)) return false; // another trace's
    const packet = this.#current;
    if (packet === undefined) return false;
    this.way.steps.push({ step, packet });
    this.way.stopped = FINAL.includes(step.verdict);
    return this.way.stopped;
  }

  /** By the rule that marks it; and then by what it looks like. */
  #isIt({ table, type }: TraceStep, headers: Headers | undefined): boolean {
    if (this.#headers !== undefined) return isDeepStrictEqual(headers, this.#headers);
    return headers !== undefined && table.name === this.#table.name && type === 'rule';
  }

  #look({ iif, oif }: TraceStep, headers: Headers): void {
    const name = (index: number) => this.#devices.names.get(index) ?? index;
    this.#headers = headers;
    this.#outgoing = oif;
    this.#current = {
      ...headers.ends,
      ...(iif !== undefined && { iif: name(iif) }),
      ...(oif !== undefined && { oif: name(oif) }),
    };
    this.way.packet ??= this.#current;
  }

  #takeOwn({ type, chain }: TraceStep): boolean {
    this.way.seenAt = chain as OwnChain;
    const { hook, ends } = CHAINS[this.way.seenAt];
    if (!ends || type !== 'policy' || this.#current === undefined) return false;
    const returns = this.#outgoing !== undefined && this.#outgoing === this.#devices.loopback;
    if (hook === 'postrouting' && returns) return false;
    this.way.end = { ...this.#current, hook };
    return true;
  }
}
