import type { NftFamily } from '../language/model';
import type { Known, Layer, Term } from './terms';

// Before a field of a protocol, a rule looks whether the packet is of that protocol. nft puts it there by itself, and
// does not print it.

const OWN: Readonly<Partial<Record<NftFamily, readonly [Layer, string]>>> = {
  ip: ['network', 'ip'],
  ip6: ['network', 'ip6'],
  arp: ['network', 'arp'],
};

/** Of the address families, nft has one word here and another there. */
const NETWORKS: Readonly<Record<string, string>> = { ipv4: 'ip', ipv6: 'ip6' };
/** Protocols that there are only in one network layer. */
const ONLY_IN: Readonly<Record<string, string>> = { icmp: 'ip', 'ipv6-icmp': 'ip6' };

/** What has been found out so far, and by which of the parts that are printed. */
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

  /** A part says what the protocol of a layer is. @returns a part that has become needless by it. */
  learn(layer: Layer, term: Term, value: string, index: number): number | undefined {
    const protocol = NETWORKS[value] ?? value;
    this.#known.set(layer, protocol);
    this.#parts.set(layer, { index, term });
    const network = layer === 'transport' ? ONLY_IN[protocol] : undefined;
    return network !== undefined && network === this.#known.get('network')
      ? this.#take('network')
      : undefined;
  }

  /** A field is used. @returns the part that need not be printed for it. */
  use({ of }: Term): number | undefined {
    if (of === undefined || !this.#isNeedless(of)) return undefined;
    return this.#take(of);
  }

  /** What a rejection by ICMP says already. */
  reject(): number | undefined {
    return this.#take('network');
  }

  // 'ip protocol tcp' says more than 'meta l4proto tcp', where the table sees other networks, too
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
