import { isDeepStrictEqual } from 'node:util';
import type { TableReference } from '../nft';
import type { TraceStep } from '../nft/trace';
import { CHAINS, isOurs, type OwnChain } from './mark';
import { readHeaders } from './packet';
import type { TracedPacket } from './types';

/** A step, with the packet as it entered the base chain. */
export interface Followed {
  step: TraceStep;
  packet: TracedPacket;
}

/** The path of a packet as far as it was traced. */
export interface PacketPath {
  packet: TracedPacket | undefined;
  steps: Followed[];
  end: (TracedPacket & { hook: 'input' | 'postrouting' }) | undefined;
  /** Whether the last step ended the path. */
  stopped: boolean;
  /** The last of this trace's own chains that the packet passed. */
  seenAt: OwnChain | undefined;
}

export interface Devices {
  names: ReadonlyMap<number, string>;
  /** Index of `lo`: a packet that leaves by it comes in again. */
  loopback: number | undefined;
}

const FINAL: readonly unknown[] = ['drop', 'stolen'];

type Headers = NonNullable<ReturnType<typeof readHeaders>>;

/**
 * Finds the steps of one packet among the steps of all packets that are traced: the first packet that this trace's rule
 * marks.
 */
export class Follower {
  readonly #table: TableReference;
  readonly #devices: Devices;
  // One packet has several numbers, because the kernel (6.18) computes them from the incoming device, too: another one after
  // the packet left by `lo` and came in again, or came out of a bridge where br_netfilter saw it.
  readonly #ids = new Set<number>();
  readonly path: PacketPath = {
    packet: undefined,
    steps: [],
    end: undefined,
    stopped: false,
    seenAt: undefined,
  };
  #headers: Headers | undefined;
  #current: TracedPacket | undefined;
  #outgoing: number | undefined;

  constructor(table: TableReference, devices: Devices) {
    this.#table = table;
    this.#devices = devices;
  }

  /** Takes a step of any packet. @returns whether the path of this trace's packet has ended. */
  take(step: TraceStep): boolean {
    const own = step.table.name === this.#table.name;
    const headers = readHeaders(step);
    if (this.#isIt(step, headers)) this.#ids.add(step.id);
    if (!this.#ids.has(step.id)) return false;
    if (headers !== undefined) this.#look(step, headers);
    if (own) return this.#takeOwn(step);
    if (isOurs(step.table)) return false; // the table of another trace
    const packet = this.#current;
    if (packet === undefined) return false;
    this.path.steps.push({ step, packet });
    this.path.stopped = FINAL.includes(step.verdict);
    return this.path.stopped;
  }

  /** The packet is recognized by the rule that marks it, and from then on by its headers. */
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
    this.path.packet ??= this.#current;
  }

  #takeOwn({ type, chain }: TraceStep): boolean {
    this.path.seenAt = chain as OwnChain;
    const { hook, ends } = CHAINS[this.path.seenAt];
    if (!ends || type !== 'policy' || this.#current === undefined) return false;
    const returns = this.#outgoing !== undefined && this.#outgoing === this.#devices.loopback;
    if (hook === 'postrouting' && returns) return false;
    this.path.end = { ...this.#current, hook };
    return true;
  }
}
