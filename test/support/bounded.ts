import { createContext, runInContext } from 'node:vm';

const context = createContext({});

/** Ends even a loop that never yields, by an error. */
export function bounded<T>(work: () => T, timeout = 5000): T {
  context['work'] = work;
  return runInContext('work()', context, { timeout }) as T;
}
