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
