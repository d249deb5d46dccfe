import type { NftFamily } from '../language/model';
import type { Known, Layer, Term } from './terms';

// A rule checks whether the packet has a protocol before it reads a field of that protocol. nft adds such checks by itself,
// and does not print them.

const OWN: Readonly<Partial<Record<NftFamily, readonly [Layer, string]>>> = {
  ip: ['network', 'ip'],
  ip6: ['network', 'ip6'],
  arp: ['network', 'arp'],
};

/** nft has two words for an address family: one for meta nfproto, and one for a header. */
const NETWORKS: Readonly<Record<string, string>> = { ipv4: 'ip', ipv6: 'ip6' };
/** Transport protocols that exist over one network protocol only. */
const ONLY_IN: Readonly<Record<string, string>> = { icmp: 'ip', 'ipv6-icmp': 'ip6' };

/** The protocols that a rule has checked so far, each with the printed part that checks it. */
export class Dependencies {
  readonly #known = new Map<Layer, string>();
  readonly #parts = new Map<Layer, { index: number; term: Term }>();
  readonly #family: NftFamily;

  constructor(family: NftFamily) {
    this.#family = family;
    const own = OWN[family];
    if (own !== undefined) this.#known.set(...own);
  }

  get known(): Known {
    return this.#known;
  }

  /** Records that a part checks the protocol of a layer. @returns a part that has become needless by that. */
  learn(layer: Layer, term: Term, value: string, index: number): number | undefined {
    const protocol = NETWORKS[value] ?? value;
    this.#known.set(layer, protocol);
    this.#parts.set(layer, { index, term });
    const network = layer === 'transport' ? ONLY_IN[protocol] : undefined;
    return network !== undefined && network === this.#known.get('network')
      ? this.#take('network')
      : undefined;
  }

  /** Records that a field is used. @returns the part that need not be printed, because the field implies it. */
  use({ of }: Term): number | undefined {
    if (of === undefined || !this.#isNeedless(of)) return undefined;
    return this.#take(of);
  }

  /** @returns the part that need not be printed, because a rejection by ICMP implies it. */
  reject(): number | undefined {
    return this.#take('network');
  }

  // 'ip protocol tcp' implies more than 'meta l4proto tcp' where the table sees several network protocols.
  #isNeedless(layer: Layer): boolean {
    const part = this.#parts.get(layer);
    const several = this.#family === 'inet' || this.#family === 'bridge' || this.#family === 'netdev';
    return part !== undefined && !(several && layer === 'transport' && part.term.of === 'network');
  }

  #take(layer: Layer): number | undefined {
    const part = this.#parts.get(layer);
    this.#parts.delete(layer);
    return part?.index;
  }
}
