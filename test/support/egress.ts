import type { Answer } from 'dns-packet';
import {
  addAddr,
  type BridgeNetwork,
  createBridgeNetwork,
  type DnsOptions,
  type EgressRefusal,
  type Netns,
} from '../../lib';
import { createLab, LAN, member, reach, serve } from './lab';
import { nameServer, type Reply } from './name-server';

export const RED = { name: 'red', subnet: '10.1.0.0/16', ipv6: 'fd01::/64' } as const;
export const GATEWAY = '10.1.0.1';

/** Addresses of the LAN that are public, as those of the internet are. */
export const WEB = { 4: '198.41.0.4', 6: '2606:4700::4' } as const;
export const OTHER = { 4: '198.41.0.5', 6: '2606:4700::5' } as const;

export const a = (name: string, data: string, ttl = 60): Answer => ({ type: 'A', name, data, ttl });
export const aaaa = (name: string, data: string, ttl = 60): Answer => ({ type: 'AAAA', name, data, ttl });
export const cname = (name: string, data: string, ttl = 60): Answer => ({ type: 'CNAME', name, data, ttl });

/**
 * A network with one member, servers of TCP at the ports 80 and 443 of a LAN that has public addresses, and a name server there. What
 * it answers may change: `zone` has the records by their names.
 */
export async function egressScene(options: DnsOptions = {}) {
  const lab = await createLab();
  for (const address of [WEB[4], OTHER[4]]) await addAddr(lab.lan, 'lo', `${address}/32`);
  for (const address of [WEB[6], OTHER[6]]) await addAddr(lab.lan, 'lo', `${address}/128`);
  const zone: Record<string, Answer[]> = {
    'www.test': [a('www.test', WEB[4]), aaaa('www.test', WEB[6])],
    'other.test': [a('other.test', OTHER[4]), aaaa('other.test', OTHER[6])],
  };
  const answer = (name: string, type: string): Reply => {
    const records = zone[name];
    if (records === undefined) return { rcode: 3 };
    return { answers: records.filter((one) => one.type === type || one.type === 'CNAME') };
  };
  const server = await nameServer(lab.lan, LAN[4], answer);
  lab.use({
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface's
    async [Symbol.asyncDispose]() {
      server[Symbol.dispose]();
    },
  });
  const network = lab.use(
    await createBridgeNetwork(lab.host, { ...RED, dns: { forward: [LAN[4]], ...options } }),
  );
  const client = await member(lab, 'client');
  const attached = await network.attach(client, { aliases: ['client'] });
  for (const port of [80, 443]) lab.use(await serve(lab.lan, port));
  return { ...lab, network, client, attached, zone, asked: server.asked };
}

/** Whether a member gets through to each of the addresses and ports. */
export async function passes(netns: Netns, ...targets: (readonly [string, number])[]): Promise<boolean[]> {
  return (await reach(netns, targets)).map((text) => text !== 'no');
}

/** Refusals of a network, from now on. */
export async function refusalsOf(network: BridgeNetwork) {
  const events = network.refusals();
  const first = await events.next();
  if (first.value?.kind !== 'ready') throw new Error('it is not ready');
  return {
    /** The next ones, so many. */
    async take(count: number): Promise<EgressRefusal[]> {
      const taken: EgressRefusal[] = [];
      while (taken.length < count) taken.push((await events.next()).value!);
      return taken;
    },
    async [Symbol.asyncDispose]() {
      await events.return();
    },
  };
}
