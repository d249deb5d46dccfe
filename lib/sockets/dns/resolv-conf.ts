import { hostname } from 'node:os';
import { isAddress } from '../../netns/zone';

/** resolv.conf(5), as far as it concerns us. */
export interface ResolverConfig {
  /** Addresses, with a zone where they have one. */
  servers: string[];
  search: string[];
  /** A name with that many dots is tried as it is before the search list. */
  ndots: number;
  /** Milliseconds to wait for one server. */
  timeout: number;
  /** How often all servers are asked. */
  attempts: number;
  /** Begin with another server each time. */
  rotate: boolean;
  /** Ask by TCP. */
  useVc: boolean;
  /** Do not ask for IPv6 addresses. */
  noAaaa: boolean;
}

// glibc's limits, resolv.h
const MAXNS = 3;
const LIMITS = { ndots: 15, timeout: 30, attempts: 5 };
const FLAGS: Readonly<Record<string, 'rotate' | 'useVc' | 'noAaaa'>> = {
  rotate: 'rotate',
  'use-vc': 'useVc',
  'no-aaaa': 'noAaaa',
};

/** Without a `nameserver` it is the one on this very host, without a `search` list the domain of the host's name. */
export function parseResolvConf(text: string, host = hostname()): ResolverConfig {
  const config: ResolverConfig = {
    servers: [],
    search: [],
    ndots: 1,
    timeout: 5000,
    attempts: 2,
    rotate: false,
    useVc: false,
    noAaaa: false,
  };
  const domain = host.split('.').slice(1).join('.');
  if (domain !== '') config.search = [domain];
  for (const [keyword, ...values] of lines(text, /^[;#].*/)) {
    if (keyword === 'nameserver') {
      const [server = ''] = values;
      if (isAddress(server) && config.servers.length < MAXNS) config.servers.push(server);
    } else if (keyword === 'search' || keyword === 'domain') {
      // the last one counts
      config.search = (keyword === 'domain' ? values.slice(0, 1) : values).filter((name) => name !== '.');
    } else if (keyword === 'options') {
      for (const option of values) setOption(config, option);
    }
  }
  if (config.servers.length === 0) config.servers = ['127.0.0.1'];
  return config;
}

function setOption(config: ResolverConfig, option: string): void {
  const flag = FLAGS[option];
  if (flag !== undefined) {
    config[flag] = true;
    return;
  }
  const [, name, value] = /^(ndots|timeout|attempts):(\d+)$/.exec(option) ?? [];
  if (name === undefined) return; // those that are for glibc alone, and those to come
  const number = Math.min(Number(value), LIMITS[name as keyof typeof LIMITS]);
  if (name === 'ndots') config.ndots = number;
  if (name === 'timeout') config.timeout = Math.max(1, number) * 1000;
  if (name === 'attempts') config.attempts = Math.max(1, number);
}

/** hosts(5): the addresses of a name, in the order of the file. */
export function parseHosts(text: string, name: string): string[] {
  const wanted = name.toLowerCase();
  return lines(text, /#.*/).flatMap(([address = '', ...names]) =>
    isAddress(address) && names.some((other) => other.toLowerCase() === wanted) ? [address] : [],
  );
}

function lines(text: string, comment: RegExp): string[][] {
  return text.split('\n').flatMap((line) => {
    const words = line.replace(comment, '').trim().split(/\s+/);
    return words[0] === '' ? [] : [words];
  });
}
