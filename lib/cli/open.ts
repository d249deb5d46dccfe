import { currentNetns, type Netns, openNetns } from '..';

/** The namespace of a name in /run/netns; without one, the current namespace. */
export async function openNamed(name: string | undefined): Promise<Netns> {
  return name === undefined ? currentNetns() : openNetns(name);
}
