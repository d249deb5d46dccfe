import { isIP } from 'node:net';
import { checkTimeout } from '../common/abort';
import { checkInteger, refuse } from '../common/check';
import type { NetworkPlan } from './plan';
import { checkAddress } from '../sockets/inet/endpoint';
import { NetworkError } from './network-error';

export interface DnsOptions {
  /**
   * The name servers to ask for everything else, one after another: ['192.0.2.53']. They are asked from the host's
   * namespace, so they may be at its 127.0.0.1. By default those of the host's resolv.conf, as `resolve` reads it, looked
   * up again as it changes. `false`: there is nothing else (NXDOMAIN), and so it is for internal networks.
   */
  forward?: readonly string[] | false | undefined;
  /**
   * Seconds for which others may keep an answer; 1 by default. The resolver is no farther than the members are, so there is
   * little to be gained, and who is detached is not to be looked for.
   */
  ttl?: number | undefined;
  /** 'internal': a member with the alias `db` is `db.internal`, too, and what else is below it is not asked for elsewhere. */
  domain?: string | undefined;
  /** Milliseconds for all servers together, from 1, then the answer is SERVFAIL; 4,000 by default, as programs give up after 5,000. */
  timeout?: number | undefined;
}

export interface DnsPlan {
  /** undefined: those of resolv.conf. */
  forward: readonly string[] | false | undefined;
  ttl: number;
  domain: string | undefined;
  timeout: number;
}

const LONGEST_TTL = 2 ** 31 - 1; // RFC 2181, 8

export function checkDns(options: DnsOptions, { name, internal }: NetworkPlan): DnsPlan {
  const { forward, ttl = 1, domain, timeout = 4000 } = options;
  checkInteger('ttl', ttl, 0, LONGEST_TTL);
  checkTimeout(timeout, 'answer');
  if (domain !== undefined) checkDomain(domain);
  if (forward !== undefined && forward !== false) checkServers(forward);
  if (forward && internal) {
    const reason = 'nothing leads out of an internal network';
    const details = { operation: 'serve DNS in', network: name, option: 'forward', reason };
    throw new NetworkError({ ...details, code: 'ERR_NETWORK_INTERNAL' });
  }
  return { forward: internal ? false : forward, ttl, domain: domain?.toLowerCase(), timeout };
}

function checkDomain(domain: unknown): void {
  if (typeof domain !== 'string' || !isName(domain)) {
    refuse('domain', "expected a name like 'internal'", domain);
  }
}

function checkServers(servers: unknown): void {
  if (!Array.isArray(servers) || servers.length === 0) {
    refuse('forward', "expected false, or a list like ['192.0.2.53']", servers);
  }
  servers.forEach((server: unknown, i) => checkAddress(server, `forward[${i}]`));
}

/** The option of `createBridgeNetwork`; undefined for none. */
export function checkDnsOption(dns: unknown, network: NetworkPlan): DnsOptions | undefined {
  if (dns === undefined || dns === false) return undefined;
  const options = dns === true ? {} : dns;
  if (typeof options !== 'object' || options === null) refuse('dns', 'expected true, false or options', dns);
  checkDns(options, network);
  return options;
}

/** Whether it can be asked for: what is in a port's alias may be of anybody. */
export function isName(name: string): boolean {
  return name.length <= NAME_MAX && isIP(name) === 0 && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(name);
}

export const NAME_MAX = 253;
