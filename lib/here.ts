import { currentNetns, type Netns } from './netns/netns';

let shared: Promise<Netns> | undefined;

/**
 * The calling thread's namespace, for functions that are given none: one handle for all of them, so that what
 * they ask for in one tick is packed like any other.
 */
export async function here(): Promise<Netns> {
  shared ??= currentNetns();
  return shared;
}
