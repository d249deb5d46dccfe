import { randomInt } from 'node:crypto';
import type { Answer } from 'dns-packet';
import { checkTimeout, withDeadline } from '../../common/abort';
import { checkFamily, type Family } from '../../common/check';
import { printable } from '../../common/printable';
import { type DnsAnswer, query, type Question } from './dns-query';
import { checkHost, familyOf } from '../inet/endpoint';
import { during, NetnsError } from '../../netns/netns-error';
import type { SystemError } from '../../common/system-error';
import { checkOptions, isSignal, optionTable } from '../../common/options';
import { checkNetns } from '../../netns/check-netns';
import type { Netns } from '../../netns/netns';
import { isAddress } from '../../netns/zone';
import { readEtc } from './etc-file';
import { parseHosts, parseResolvConf, type ResolverConfig } from './resolv-conf';

/** An address of a name. */
export interface ResolvedAddress {
  address: string;
  family: Family;
}

/** Which addresses are looked for, and how long. */
export interface ResolveOptions {
  /** Only addresses of this family; both by default, IPv6 first. */
  family?: Family;
  /** Milliseconds, from 1, then `resolve` fails with EAI_AGAIN; by default what resolv.conf comes to. */
  timeout?: number;
  /** Ends the search: the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<ResolveOptions>({ family: checkFamily, timeout: true, signal: isSignal });

/** As `dns.lookup` writes them; errno is libuv's. */
const FAILURES = { ENOTFOUND: -3008, EAI_AGAIN: -3001 } as const;

function lookupError(code: keyof typeof FAILURES, hostname: string, cause?: unknown): SystemError {
  const syscall = 'getaddrinfo';
  const text = printable(`${syscall} ${code} ${hostname}`);
  const error = new Error(text, cause === undefined ? {} : { cause });
  return Object.assign(error, { code, errno: FAILURES[code], syscall, hostname });
}

/**
 * The addresses of a host, as a program in the namespace would find them: in /etc/netns/NAME/hosts, or else /etc/hosts,
 * then by the name servers of /etc/netns/NAME/resolv.conf, or else /etc/resolv.conf, which are asked from inside the
 * namespace. An address is its own; 'localhost' is never asked for (RFC 6761). Nothing is cached.
 *
 * Of resolv.conf it heeds `nameserver`, `search`, `domain` and the options `ndots`, `timeout`, `attempts`, `rotate`,
 * `use-vc` and `no-aaaa`. /etc/nsswitch.conf it does not read.
 *
 * @throws the error of `dns.lookup` with `code`, `errno`, `syscall`, `hostname`: ENOTFOUND where there is no such name,
 * or no address of it; EAI_AGAIN where no server gave an answer, with what each did in `cause`. {@link NetnsError}
 * ERR_NETNS_CLOSED for a closed handle, EMFILE where no descriptor is left; the signal's reason.
 * @see resolv.conf(5), hosts(5), RFC 1035
 * @example
 * ```ts
 * console.log(await resolve(red, 'localhost', { family: 4 })); // [ { address: '127.0.0.1', family: 4 } ]
 * ```
 */
export async function resolve(
  netns: Netns,
  name: string,
  options: ResolveOptions = {},
): Promise<ResolvedAddress[]> {
  checkNetns(netns);
  const host = checkHost(name, 'name');
  checkOptions(options, OPTIONS);
  const { family, timeout, signal } = options;
  checkTimeout(timeout, 'answer');
  signal?.throwIfAborted();
  const wanted = (addresses: readonly string[]): ResolvedAddress[] =>
    addresses
      .map((address) => ({ address, family: familyOf(address) }))
      .filter((found) => family === undefined || found.family === family);

  const operation = `resolve ${host} in namespace`;
  if (isAddress(host)) return someOf(wanted([host]), host);
  const inHosts = wanted(parseHosts(await readEtc(netns, 'hosts', operation), host.replace(/\.$/, '')));
  if (inHosts.length > 0) return inHosts;
  if (/(^|\.)localhost\.?$/i.test(host)) return wanted(['::1', '127.0.0.1']);
  const expired = () => lookupError('EAI_AGAIN', host);
  const searching = withDeadline({ timeout, signal }, expired, async (limit) => {
    const config = parseResolvConf(await readEtc(netns, 'resolv.conf', operation));
    for (const candidate of candidates(host, config)) {
      const found = await addressesOf(netns, candidate, { config, family, host, signal: limit });
      if (found.length > 0) return wanted(found);
    }
    throw lookupError('ENOTFOUND', host);
  });
  return searching.catch((error: unknown) => {
    throw during(error, operation);
  });
}

/** @internal The first address of a host, to listen at. */
export async function resolveFirst(netns: Netns, host: string, signal?: AbortSignal): Promise<string> {
  const [first] = await resolve(netns, host, signal === undefined ? {} : { signal });
  return (first as ResolvedAddress).address; // or it would have thrown
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;

/** @internal `resolve` for the option `lookup` of a datagram socket, which passes only the number of the family. */
export function lookupIn(netns: Netns) {
  return (hostname: string, family: unknown, callback: LookupCallback): void => {
    resolve(netns, hostname, { family: family === 6 ? 6 : 4 }).then(
      (found) => {
        const [first] = found as [ResolvedAddress];
        callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 0),
    );
  };
}

function someOf(found: ResolvedAddress[], host: string): ResolvedAddress[] {
  if (found.length === 0) throw lookupError('ENOTFOUND', host);
  return found;
}

/** The names to ask for, one after another. */
export function candidates(host: string, { search, ndots }: ResolverConfig): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)];
  const longer = search.map((domain) => `${host}.${domain.replace(/\.$/, '')}`);
  const dots = host.split('.').length - 1;
  return dots >= ndots ? [host, ...longer] : [...longer, host];
}

interface Search {
  config: ResolverConfig;
  family: Family | undefined;
  /** What was asked for first, for errors. */
  host: string;
  signal: AbortSignal;
}

async function addressesOf(netns: Netns, name: string, search: Search): Promise<string[]> {
  const { family, config } = search;
  const types: Question['type'][] = [];
  if (family !== 4 && !config.noAaaa) types.push('AAAA');
  if (family !== 6) types.push('A');
  const answers = await Promise.allSettled(types.map(async (type) => ask(netns, { name, type }, search)));
  search.signal.throwIfAborted();
  const found = answers.flatMap((answer, i) =>
    answer.status === 'fulfilled' ? addressesIn(answer.value, { name, type: types[i] ?? 'A' }) : [],
  );
  if (found.length > 0) return found;
  const failures = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as Error] : [],
  );
  // what keeps this process from asking comes before what a server has answered
  const [failure] = [...failures.filter((error) => error instanceof NetnsError), ...failures];
  if (failure !== undefined) throw failure;
  return found;
}

/** Asks one server after another, several times, until one knows. */
async function ask(netns: Netns, question: Question, { config, host, signal }: Search): Promise<DnsAnswer> {
  const first = config.rotate ? randomInt(config.servers.length) : 0;
  const failures: Error[] = [];
  for (let attempt = 0; attempt < config.attempts; attempt++) {
    for (let i = 0; i < config.servers.length; i++) {
      const server = config.servers[(first + i) % config.servers.length] as string;
      const silent = () => serverFailure('ETIMEOUT', `${server} did not answer in ${config.timeout} ms`);
      try {
        const answer = await withDeadline({ timeout: config.timeout, signal }, silent, async (limit) =>
          query(netns, server, question, { tcp: config.useVc, signal: limit }),
        );
        if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') return answer;
        failures.push(serverFailure(`E${answer.rcode}`, `${server} answered ${answer.rcode}`));
      } catch (error) {
        signal.throwIfAborted();
        // anything but a server's failure is for the caller to know
        if (error instanceof NetnsError || !('code' in (error as object))) throw error;
        failures.push(error as Error);
      }
    }
  }
  throw lookupError('EAI_AGAIN', host, new AggregateError(failures));
}

/** With a code as `dns.resolve` has it: 'ETIMEOUT', 'ESERVFAIL'. */
function serverFailure(code: string, message: string): Error {
  return Object.assign(new Error(printable(message)), { code });
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Along the aliases (CNAME) to the addresses. What belongs to other names is not to be believed. */
export function addressesIn(
  { answers = [] }: Pick<DnsAnswer, 'answers'>,
  { name, type }: Question,
): string[] {
  const names = [name];
  for (const alias of names) {
    const next = answers.find(
      (answer): answer is Answer & { type: 'CNAME'; data: string } =>
        answer.type === 'CNAME' && same(answer.name, alias),
    );
    if (next !== undefined && !names.some((before) => same(before, next.data))) names.push(next.data);
  }
  const last = names.at(-1) as string;
  return answers.flatMap((answer) => (answer.type === type && same(answer.name, last) ? [answer.data] : []));
}
