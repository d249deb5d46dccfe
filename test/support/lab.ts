import { addRoute, createNetns, createVeth, type Netns, setLink, setSysctl, waitForLink } from '../../lib';
import { background, ip, run, until } from './ip';

// A 'LAN' and a 'host' on it, in namespaces of their own.

export const LAN = { 4: '192.0.2.9', 6: '2001:db8::9' } as const;
export const HOST = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

const FILTERED = ['net/bridge/bridge-nf-call-iptables', 'net/bridge/bridge-nf-call-ip6tables'];

/** Shows bridged frames to netfilter, or not. @returns whether they are: not where br_netfilter is not loaded. */
export async function setBridgeFilter(host: Netns, on: boolean): Promise<boolean> {
  const values = Object.fromEntries(FILTERED.map((key) => [key, Number(on)]));
  try {
    await setSysctl(host, values);
    return on;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    return false;
  }
}

export interface Lab extends AsyncDisposable {
  host: Netns;
  lan: Netns;
  /** Whatever is used in it ends with it, the last one first. */
  use: <T extends AsyncDisposable>(resource: T) => T;
}

/**
 * Waits until packets to an IPv6 address of the namespace itself go to lo. A worker of the kernel, one for all namespaces, adds
 * the route of a new address, in its own time and without an event.
 */
async function untilLocal(netns: Netns, address: string): Promise<void> {
  await until(async () =>
    (await ip(netns, '-6', 'route', 'show', 'table', 'local')).some(({ dst }) => dst === address),
  );
}

/** `suffix` tells the names of several apart. */
export async function createLab(suffix = ''): Promise<Lab> {
  const host = await createNetns(`host${suffix}`);
  const lan = await createNetns(`lan${suffix}`);
  for (const netns of [host, lan]) await setLink(netns, 'lo', { up: true });
  const addrs = (of: typeof LAN | typeof HOST) => [`${of[4]}/24`, `${of[6]}/64`];
  // without link-local addresses, which would come later
  const end = { up: true, addrGenMode: 'none' } as const;
  await createVeth(
    { ...end, netns: host, name: 'wan', addrs: addrs(HOST) },
    { ...end, netns: lan, name: 'eth0', addrs: addrs(LAN) },
  );
  // Before the kernel has noticed the carrier, an end answers no neighbor solicitation of IPv6.
  await waitForLink(host, 'wan', { carrier: true });
  await waitForLink(lan, 'eth0', { carrier: true });
  await untilLocal(host, HOST[6]);
  await untilLocal(lan, LAN[6]);
  for (const via of Object.values(LAN)) await addRoute(host, { to: 'default', via });
  await setBridgeFilter(host, false);
  const used: AsyncDisposable[] = [lan, host];
  return {
    host,
    lan,
    use(resource) {
      used.push(resource);
      return resource;
    },
    async [Symbol.asyncDispose]() {
      for (const resource of used.reverse()) await resource[Symbol.asyncDispose]();
    },
  };
}

const SERVER = `
import socketserver, socket, sys
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.client_address[0].removeprefix('::ffff:').encode())
class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
with Server(('::', int(sys.argv[1])), Handler) as server:
    print('ready', flush=True)
    server.serve_forever()
`;

/** A server in a namespace that tells its clients by which address it sees them. */
export async function serve(netns: Netns, port: number) {
  return python(netns, SERVER, String(port));
}

/** A script of Python's in the background of a namespace, which says something when it is ready. */
export async function python(netns: Netns, ...script: string[]) {
  return netns.lend('serve in', async ({ fd }) =>
    background('nsenter', `--net=/proc/${process.pid}/fd/${fd}`, 'python3', '-c', ...script),
  );
}

const CLIENT = `
import socket, sys, json, concurrent.futures
def attempt(target):
    address, port = target
    try:
        with socket.create_connection((address, port), timeout=1.5) as connection:
            return connection.recv(100).decode()
    except OSError:
        return 'no'
with concurrent.futures.ThreadPoolExecutor(64) as pool:
    print(json.dumps(list(pool.map(attempt, json.loads(sys.argv[1])))))
`;

export type Target = readonly [address: string, port: number];

/** By which addresses servers see connections from a namespace; 'no' where there is none. */
export async function reach(netns: Netns, targets: readonly Target[]): Promise<string[]> {
  return JSON.parse(await run(netns, 'python3', '-c', CLIENT, JSON.stringify(targets))) as string[];
}

/** The kernel takes a moment until it answers for IPv6 on a new link. */
export async function answering(from: Netns, address: string): Promise<void> {
  await until(async () =>
    run(from, 'ping', '-c1', '-W1', address).then(
      () => true,
      () => false,
    ),
  );
}

interface Listed {
  nftables: Record<string, { name?: string; elem?: unknown[] }>[];
}

/** Of a set or map of our table, as nft lists them. */
export async function elements(host: Netns, set: string): Promise<unknown[]> {
  const { nftables } = JSON.parse(await run(host, 'nft', '-j', 'list', 'ruleset')) as Listed;
  const found = nftables.flatMap(({ set: one, map }) => [one, map]).find((one) => one?.name === set);
  return found?.elem ?? [];
}

/**
 * The kernel adds the routes of an IPv6 address when duplicate address detection ends, up to two seconds after the device
 * got its carrier.
 */
async function untilNoneIsTentative(host: Netns): Promise<void> {
  await until(async () =>
    (await ip(host, 'addr')).every(({ flags, addr_info: info }) => {
      const carrier = (flags as string[]).includes('LOWER_UP');
      return !carrier || (info as { tentative?: boolean }[]).every(({ tentative }) => tentative !== true);
    }),
  );
}

/** All that a network may leave behind in its host. */
export async function everything(host: Netns) {
  const ask = async (...args: string[]) => ip(host, ...args);
  await untilNoneIsTentative(host);
  return {
    links: (await ask('link')).map(({ ifname }) => ifname),
    addresses: (await ask('addr')).map(({ addr_info: info }) =>
      (info as { local: string }[]).map(({ local }) => local),
    ),
    routes: await ask('route', 'show', 'table', 'all'),
    ruleset: await run(host, 'nft', 'list', 'ruleset'),
    sockets: await run(host, 'ss', '-Hlntu'),
    names: await run(host, 'cat', '/proc/net/unix').then((text) =>
      text.split('\n').filter((line) => line.includes('@rtnetns')),
    ),
  };
}

/** A namespace that ends with the lab. */
export async function member(lab: Lab, name?: string): Promise<Netns> {
  return lab.use(await createNetns(name));
}
