import { addAddr, createNetns, createVeth, type Netns, setLink, type VethEnd } from '../../lib';
import { ip, until } from './ip';

type Settings = Omit<VethEnd, 'netns' | 'name'>;

/** A namespace with both ends of a pair in it, with these settings. */
export async function netnsWithPair(
  name?: string,
  settings: Settings = {},
  [one, other] = ['eth0', 'eth1'],
): Promise<Netns> {
  const netns = await createNetns(name);
  await createVeth({ ...settings, netns, name: one }, { ...settings, netns, name: other });
  return netns;
}

export interface Linked extends AsyncDisposable {
  red: Netns;
  blue: Netns;
}

interface LinkedOptions extends Omit<Settings, 'addrs'> {
  /** Of red and of blue; without, they have none. */
  names?: readonly [red?: string, blue?: string];
  /** Of both: '#' is 1 in red, and 2 in blue. */
  addrs?: readonly string[];
  /** Whether lo is up in both. */
  lo?: boolean;
}

/** Two namespaces on one link, which is eth0 in both, and up. */
export async function linked({
  names = [],
  addrs = ['10.0.1.#/24', 'fd00::#/64'],
  lo = false,
  ...settings
}: LinkedOptions = {}): Promise<Linked> {
  const [red, blue] = await Promise.all([createNetns(names[0]), createNetns(names[1])]);
  const end = (netns: Netns, host: number) => ({
    name: 'eth0',
    up: true,
    ...settings,
    netns,
    addrs: addrs.map((addr) => addr.replace('#', String(host))),
  });
  await createVeth(end(red, 1), end(blue, 2));
  if (lo) await Promise.all([red, blue].map(async (netns) => setLink(netns, 'lo', { up: true })));
  return {
    red,
    blue,
    async [Symbol.asyncDispose]() {
      await red[Symbol.asyncDispose]();
      await blue[Symbol.asyncDispose]();
    },
  };
}

/**
 * A namespace with two devices that are up, each in a subnet of both families: eth0 in 10.0.0.0/24 and fd00::/64,
 * eth1 in 10.1.0.0/24 and fd01::/64.
 */
export async function subnets(name: string | undefined = 'red'): Promise<Netns> {
  const red = await netnsWithPair(name, { up: true, addrGenMode: 'none' });
  // now that there is a carrier: the routes of before would be marked as being down for up to a second
  for (const [i, device] of ['eth0', 'eth1'].entries()) {
    await addAddr(red, device, `10.${i}.0.1/24`);
    await addAddr(red, device, `fd0${i}::1/64`);
  }
  // of IPv6, the kernel makes the local part a moment later: for each device, its address and multicast
  await until(async () => (await ip(red, '-6', 'route', 'show', 'table', 'local')).length === 4);
  return red;
}
