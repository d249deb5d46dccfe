/** A name that was not told a limited member. */
export interface RefusedName {
  kind: 'name';
  /** The member's address. */
  from: string;
  /** The name that the member asked for. What a terminal would not print is escaped. */
  name: string;
  /** 'A', 'AAAA', … */
  type: string;
  /** 'private address': the name is allowed, and leads to no address that is public. */
  reason: 'not allowed' | 'private address';
}

type Listener = (refused: RefusedName) => void;

/** The names that the resolver of one network object refuses, for all who want to know. */
export class RefusedNames {
  readonly #listeners = new Set<Listener>();

  report(refused: RefusedName): void {
    for (const listener of this.#listeners) listener(refused);
  }

  /** @returns a function that ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
