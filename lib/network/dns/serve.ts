import type { Words } from '../../common/error-text';
import { indexOf } from '../../netns/device';
import { DNS_PORT } from '../../sockets/dns/dns-exchange';
import { familyOf, toSockaddr } from '../../sockets/inet/endpoint';
import { isSystemError } from '../../common/system-error';
import { inetSocket } from '../../sockets/inet/inet-socket';
import type { Netns } from '../../netns/netns';
import type { NetworkContext } from '../members/context';
import { NetworkError } from '../network-error';
import type { NetworkPlan } from '../plan';
import { createAnswerer } from './answer';
import type { DnsPlan } from '../dns-options';
import { serveTcp, serveUdp } from './sockets';

/** The resolver of a network, as `serveDns` starts it. */
export interface NetworkDns extends AsyncDisposable {
  /** The addresses that the resolver listens at, on port 53: the network's gateways. */
  readonly addresses: readonly string[];
  /**
   * Ends the resolver, and frees its ports. Closing twice is no error.
   *
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24', dns: true });
   * network.dns?.close(); // names are no longer resolved; the network stays
   * ```
   */
  close(): void;
}

type Protocol = 'udp' | 'tcp';

/** Starts the resolver. A start that fails leaves no socket open. */
export async function startDns(
  context: NetworkContext,
  plan: DnsPlan,
  onClose: () => void,
): Promise<NetworkDns> {
  const { host, plan: network } = context;
  const device = await indexOf(host, network.name, 'serve DNS in namespace');
  const addresses = network.subnets.map(({ gateway }) => gateway);
  const closing = new AbortController();
  const stops: (() => void)[] = [() => closing.abort()];
  const stop = (): void => {
    for (const one of stops.splice(0)) one();
  };
  const answer = createAnswerer(context, plan, closing.signal);
  const open = async (protocol: Protocol, address: string): Promise<void> => {
    const place = { address, port: DNS_PORT, device };
    const opening = protocol === 'tcp' ? serveTcp(host, place, answer) : serveUdp(host, place, answer);
    stops.push(await opening.catch(refused(network.name, protocol, address)));
  };
  try {
    // One socket after the other, so that of two processes that start at once, one gets all of them.
    for (const protocol of ['tcp', 'udp'] as const) {
      for (const address of addresses) await open(protocol, address);
    }
  } catch (error) {
    stop();
    throw error;
  }
  const close = (): void => {
    stop();
    onClose();
  };
  return {
    addresses,
    close,
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface's
    async [Symbol.asyncDispose]() {
      close();
    },
  };
}

/** Whether another process serves DNS for this network already: then the first socket of the order above was refused. */
export function isServedAlready(error: unknown, { subnets: [first] }: NetworkPlan): boolean {
  if (!(error instanceof NetworkError) || error.code !== 'EADDRINUSE') return false;
  return error.protocol === 'tcp' && error.address === first?.gateway;
}

// `lo` instead of the bridge, because the bridge may not exist yet, and a resolver of this network would use its port there.
const LO = 1;

const LOOKING = 'look for the DNS port in namespace';

/** Refuses a network whose resolver could not bind its port, before anything of the network is created. */
export async function checkDnsPorts(host: Netns, { name, subnets }: NetworkPlan): Promise<void> {
  for (const { gateway: address } of subnets) {
    // TCP, because with SO_REUSEADDR two such probes may bind one port at the same moment, as neither listens.
    const settings = { device: LO, freeBind: true, reuseAddr: true };
    const bind = await toSockaddr(host, { address, port: DNS_PORT }, LOOKING);
    const spec = { ...inetSocket(familyOf(address), 'stream', settings), bind };
    const probe = await host.openSocket(LOOKING, spec).catch(refused(name, 'tcp', address));
    probe.close();
  }
}

function refused(network: string, protocol: Protocol, address: string) {
  return (error: unknown): never => {
    if (!isSystemError(error)) throw error;
    const { code } = error;
    const reason = `${protocol} port ${DNS_PORT} of ${address} ${WORDS[code] ?? `cannot be had: ${code}`}`;
    const details = { operation: 'serve DNS in', network, address, port: DNS_PORT, protocol, reason };
    throw new NetworkError({ ...details, code }, { cause: error });
  };
}

const WORDS: Words = {
  EADDRINUSE: 'is in use',
  EACCES: 'takes CAP_NET_BIND_SERVICE',
};
