/**
 * Work that calls share: while it runs, all further calls get the result of one next run, which begins after them. So a
 * result is never older than its call.
 */
export function coalesce<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = async (): Promise<T> => {
    next = undefined;
    const now = work();
    const ended = (): void => undefined; // the result itself is not kept
    last = now.then(ended, ended);
    return now;
  };
  return async () => (next ??= last.then(begin));
}

/** The same for each object, and for each name of it. There are few names. */
export function coalesceFor<K extends object, T>(
  work: (object: K, name: string) => Promise<T>,
): (object: K, name?: string) => Promise<T> {
  const all = new WeakMap<K, Map<string, () => Promise<T>>>();
  return async (object, name = '') => {
    const named = all.get(object) ?? new Map<string, () => Promise<T>>();
    all.set(object, named);
    const shared = named.get(name) ?? coalesce(async () => work(object, name));
    named.set(name, shared);
    return shared();
  };
}
