import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { refuse } from '../../common/check';
import { checkOptions, listOf, oneOf, optionTable, trueOrFalse } from '../../common/options';
import { shown } from '../../common/shown';
import { checkPort } from '../../sockets/inet/endpoint';
import { isName } from '../dns-options';
import { NetworkError } from '../network-error';
import type { NetworkPlan } from '../plan';
import { PROTOCOLS, type PublishProtocol } from '../table/published-ports';
import type { Grant, GrantPort } from './grants';

/** A port that a member may reach. */
export interface EgressPort {
  port: number;
  /** 'tcp' by default. */
  protocol?: PublishProtocol | undefined;
}

/** What a member may reach by name. */
export interface EgressOptions {
  /**
   * Names: 'api.example.com', or '*.example.org' for all names below example.org, but not for example.org itself. Capitals are as
   * good as small letters. An empty list: the member is limited, and reaches nothing by it.
   */
  domains: readonly string[];
  /** Ports of TCP by their numbers, or of other protocols by `{ port, protocol }`; by default all ports and all protocols. */
  ports?: readonly (number | EgressPort)[] | undefined;
  /**
   * Whether the names may lead to addresses that are not public: private ones, those of the host itself, and others that the internet
   * does not route. False by default, because whoever answers for a name could lead members to anything in the neighbourhood.
   */
  privateAddresses?: boolean | undefined;
}

/** Characters. A pattern is the comment of an element, for which nft has 127 bytes. */
const PATTERN_MAX = 127;

function isPort(value: unknown, path: string): void {
  checkPort(value, path, { least: 1 });
}

const PORT = optionTable<EgressPort>({ port: isPort, protocol: oneOf(PROTOCOLS) }, ['port']);

const OPTIONS = optionTable<EgressOptions>(
  {
    domains: listOf(checkPattern),
    ports: listOf((value, path) => {
      if (typeof value === 'object' && value !== null) checkOptions(value, PORT, { path });
      else isPort(value, path);
    }),
    privateAddresses: trueOrFalse,
  },
  ['domains'],
);

/** Checks the options and resolves them: each name and each port once, in an order that does not depend on theirs. */
export function checkEgress(options: EgressOptions, { name, internal }: NetworkPlan): Grant {
  checkOptions(options, OPTIONS, { whole: 'allowed' });
  const { domains, ports, privateAddresses = false } = options;
  if (ports?.length === 0) throw new RangeError(`ports: expected a port at least, got ${shown(ports)}`);
  if (internal) {
    const reason = 'nothing leads out of an internal network';
    throw new NetworkError({ code: 'ERR_NETWORK_INTERNAL', operation: 'allow in', network: name, reason });
  }
  const names = domains.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  const grant = {
    domains: [...new Set(names)].sort(),
    ports: ports && distinct(ports),
    privateAddresses,
  };
  return { ...grant, id: numberOf(grant) };
}

function checkPattern(value: unknown, path: string): asserts value is string {
  const rule = "expected a name like 'api.example.com', or '*.example.org'";
  if (typeof value !== 'string') refuse(path, rule, value);
  const name = value.replace(/^\*\./, '').replace(/\.$/, '');
  const ascii = /[^\0-\x7f]/.test(name) ? domainToASCII(name) : '';
  if (ascii !== '') refuse(path, rule, value, `: write it as it is asked for, ${shown(ascii)}`);
  if (!isName(name)) refuse(path, rule, value);
  if (value.length > PATTERN_MAX) refuse(path, `a name has at most ${PATTERN_MAX} characters here`, value);
}

function distinct(ports: readonly (number | EgressPort)[]): GrantPort[] {
  const all = ports.map((one): GrantPort =>
    typeof one === 'number'
      ? { port: one, protocol: 'tcp' }
      : { port: one.port, protocol: one.protocol ?? 'tcp' },
  );
  const byText = new Map(all.map((one) => [`${one.protocol} ${one.port}`, one]));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, port]) => port);
}

/** The same for the same options in every process, so that what is allowed twice is one grant. */
function numberOf(grant: Omit<Grant, 'id'>): number {
  return createHash('sha256').update(JSON.stringify(grant)).digest().readUInt32BE();
}

/** The options by which a grant is allowed again, or denied. */
export function toOptions({ domains, ports, privateAddresses }: Grant): EgressOptions {
  return { domains, ...(ports !== undefined && { ports }), ...(privateAddresses && { privateAddresses }) };
}
