import { NetnsError } from './netns-error';
import type { Netns } from './netns';

type Runtime = 'bun' | 'deno';

/**
 * Refuses, in a runtime other than Node, what would not work, or worse, be done in another namespace.
 *
 * @param cannot what the runtime cannot do, by its name.
 */
export function checkRuntime(
  netns: Netns,
  operation: string,
  cannot: Readonly<Partial<Record<Runtime, string>>>,
): void {
  const found = Object.entries(cannot).find(([runtime]) => runtime in process.versions);
  if (found === undefined) return;
  const [, reason] = found;
  const code = 'ERR_UNSUPPORTED_RUNTIME';
  throw new NetnsError({ code, operation, netns: netns.toString(), reason });
}
