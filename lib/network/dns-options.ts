import { checkTimeout } from '../common/abort';
import { checkInteger, checkTime, refuse } from '../common/check';
import { ipFamily } from '../common/ip-text';
import { checkOptions, optionTable } from '../common/options';
import type { NetworkPlan } from './plan';
import { checkAddress } from '../sockets/inet/endpoint';
import { NetworkError } from './network-error';

/** How the resolver of a network answers. */
export interface DnsOptions {
  /**
   * The name servers for names that are no member's, asked one after another: ['192.0.2.53']. The queries are sent from
   * the host's namespace, so a server may listen on 127.0.0.1 there. By default the servers of the host's resolv.conf, as
   * `resolve` reads it, which is read again when it changes. `false`, and always in internal networks: such names do not
   * exist (NXDOMAIN).
   */
  forward?: readonly string[] | false | undefined;
  /**
   * Seconds for which a client may cache an answer; 1 by default, because the resolver is as near as the members are, and
   * clients would go on using the address of a member that was detached.
   */
  ttl?: number | undefined;
  /** 'internal': a member with the alias `db` is `db.internal`, too. Other names in that domain are not passed on. */
  domain?: string | undefined;
  /**
   * Milliseconds, from 1, for all servers together, after which the answer is SERVFAIL; 4,000 by default, because programs give up
   * after 5,000.
   */
  timeout?: number | undefined;
  /**
   * Milliseconds for which a limited member reaches an address after the TTL of the answer; 60,000 by default, because programs connect
   * a while after they have asked, and some keep an answer longer than they may.
   */
  hold?: number | undefined;
}

/** @internal */
export const DNS_OPTIONS = optionTable<DnsOptions>({
  forward: true,
  ttl: true,
  domain: true,
  timeout: true,
  hold: true,
});

export interface DnsPlan {
  /** Undefined: the servers of resolv.conf. */
  forward: readonly string[] | false | undefined;
  ttl: number;
  domain: string | undefined;
  timeout: number;
  hold: number;
}

const LONGEST_TTL = 2 ** 31 - 1; // RFC 2181, 8

/** `path` is what the caller has the options in: 'dns'. */
export function checkDns(options: DnsOptions, { name, internal }: NetworkPlan, path = ''): DnsPlan {
  checkOptions(options, DNS_OPTIONS, { path });
  const called = (option: string) => (path === '' ? option : `${path}.${option}`);
  const { forward, ttl = 1, domain, timeout = 4000, hold = 60_000 } = options;
  checkInteger(called('ttl'), ttl, 0, LONGEST_TTL);
  checkTimeout(timeout, 'answer', called('timeout'));
  checkTime(called('hold'), hold, 0);
  if (domain !== undefined) checkDomain(domain, called('domain'));
  if (forward !== undefined && forward !== false) checkServers(forward, called('forward'));
  if (forward && internal) {
    const reason = 'nothing leads out of an internal network';
    const details = { operation: 'serve DNS in', network: name, option: called('forward'), reason };
    throw new NetworkError({ ...details, code: 'ERR_NETWORK_INTERNAL' });
  }
  return { forward: internal ? false : forward, ttl, domain: domain?.toLowerCase(), timeout, hold };
}

function checkDomain(domain: unknown, option: string): void {
  if (typeof domain !== 'string' || !isName(domain)) {
    refuse(option, "expected a name like 'internal'", domain);
  }
}

function checkServers(servers: unknown, option: string): void {
  if (!Array.isArray(servers) || servers.length === 0) {
    refuse(option, "expected false, or a list like ['192.0.2.53']", servers);
  }
  for (const [i, server] of servers.entries()) checkAddress(server, `${option}[${i}]`);
}

/** Checks the option `dns` of `createBridgeNetwork`. Undefined: no resolver is asked for. */
export function checkDnsOption(dns: unknown, network: NetworkPlan): DnsOptions | undefined {
  if (dns === undefined || dns === false) return undefined;
  const options = dns === true ? {} : dns;
  if (typeof options !== 'object' || options === null) refuse('dns', 'expected true, false or options', dns);
  checkDns(options, network, 'dns');
  return options;
}

/** Whether a text is a name that DNS can ask for. Anybody may have written the alias of a port. */
export function isName(name: string): boolean {
  return (
    name.length <= NAME_MAX && ipFamily(name) === undefined && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(name)
  );
}

export const NAME_MAX = 253;
