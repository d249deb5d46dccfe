/** @internal The names of the bits that are set. */
export function flagNames(names: Readonly<Record<string, number>>, flags: number): string[] {
  if (flags === 0) return [];
  const set: string[] = [];
  // a loop that V8 makes fast: lists of a thousand links and routes come by here
  for (const name in names) if ((flags & (names[name] ?? 0)) !== 0) set.push(name);
  return set;
}

export type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** @internal The object without its undefined properties. */
export function defined<T extends object>(value: T): Defined<T> {
  return assignDefined({}, value);
}

/** @internal Adds the defined properties of the second object to the first one, and none that a program gave all objects. */
export function assignDefined<T extends object, U extends object>(to: T, value: U): T & Defined<U> {
  for (const name in value) {
    if (value[name] !== undefined && Object.hasOwn(value, name))
      (to as Record<string, unknown>)[name] = value[name];
  }
  return to;
}

type Made<M extends Readonly<Record<string, () => unknown>>> = { readonly [K in keyof M]: ReturnType<M[K]> };

/** @internal An object whose values are made when each is first read. The modules that a value needs are loaded by then only. */
export function lazyValues<const M extends Readonly<Record<string, () => unknown>>>(makers: M): Made<M> {
  const values = {};
  for (const [name, make] of Object.entries(makers)) {
    let value: unknown;
    Object.defineProperty(values, name, { enumerable: true, get: () => (value ??= make()) });
  }
  return values as Made<M>;
}

/** @internal The same names with other values, each of which is made when it is first read. */
export function mapLazily<T, U>(
  values: Readonly<Record<string, T>>,
  make: (value: T) => U,
): Readonly<Record<string, U>> {
  const makers = Object.keys(values).map((name) => [name, () => make(values[name] as T)] as const);
  return lazyValues(Object.fromEntries(makers));
}
