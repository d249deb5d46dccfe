import { printable } from '../common/printable';
import { shown } from '../common/shown';
import { checkPort } from '../sockets/inet/endpoint';
import { checkOptions, oneOf, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { PROTOCOLS, type PublishProtocol } from '../network/table/published-ports';
import { type Facts, readFacts } from './facts';
import type { Finding } from './finding';
import { slowConsole } from './checks/consoles';
import { linksDown, manyPorts, mtuMismatches, withoutCarrier } from './checks/links';
import { doubledMounts, staleNames } from './checks/names';
import { bridgeNetfilter, foreignPolicies } from './checks/netfilter';
import {
  bridgesDamaged,
  flushedNetworks,
  localnetExposed,
  membersGone,
  membersUnknown,
  rulesMissing,
} from './checks/networks';
import { portFindings } from './checks/port';
import { forwardingGuarded, forwardingOff, noDefaultRoute, strictReversePath } from './checks/routing';

export type { Finding } from './finding';
export { FINDING_CODES, type FindingCode } from './codes';

/** What else is to be looked at. */
export interface DoctorOptions {
  /**
   * A port of this namespace that should be reachable: `doctor` checks whether it is published, and whether a program
   * listens.
   */
  port?: number;
  /** Protocol of that port, which has to be given, too; 'tcp' by default. */
  protocol?: PublishProtocol;
}

const OPTIONS = optionTable<DoctorOptions>({ port: true, protocol: oneOf(PROTOCOLS) });

const CHECKS: readonly ((facts: Facts) => Finding[])[] = [
  linksDown,
  withoutCarrier,
  forwardingOff,
  forwardingGuarded,
  foreignPolicies,
  flushedNetworks,
  localnetExposed,
  rulesMissing,
  bridgesDamaged,
  membersUnknown,
  noDefaultRoute,
  mtuMismatches,
  manyPorts,
  strictReversePath,
  bridgeNetfilter,
  membersGone,
  staleNames,
  doubledMounts,
  slowConsole,
];

const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'unknown'];

/**
 * Explains why packets may not pass in a namespace, which may be the host of networks, or a member of one. `doctor` reads
 * devices, routes, sysctls, the rules of nf_tables, the networks of `createBridgeNetwork`, and /run/netns, and changes
 * nothing.
 *
 * @returns the findings, the worst first: none where all is well. What could not be read is a finding, too.
 * @throws TypeError, RangeError for wrong options; {@link NetnsError} ERR_NETNS_CLOSED.
 * @example
 * ```ts
 * await setLink(red, 'eth0', { up: false });
 * for (const { code, what, fix } of await doctor(red)) console.log(code, what, fix);
 * ```
 */
export async function doctor(netns: Netns, options: DoctorOptions = {}): Promise<Finding[]> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const { port, protocol = 'tcp' } = options;
  if (port === undefined && options.protocol !== undefined) {
    throw new TypeError(`protocol: it needs the option 'port', whose protocol it is, got ${shown(protocol)}`);
  }
  if (port !== undefined) checkPort(port, 'port', { least: 1 });
  const { facts, asked } = await netns.lend('look for faults in namespace', async () => {
    const facts = await readFacts(netns);
    return { facts, asked: port === undefined ? [] : await portFindings(netns, facts, { port, protocol }) };
  });
  const findings = [...asked, ...CHECKS.flatMap((check) => check(facts)), ...facts.unseen];
  return SEVERITIES.flatMap((wanted) => findings.filter(({ severity }) => severity === wanted)).map(printed);
}

/** The names in a finding are those of the namespace that is examined, which may be anybody's. */
function printed({ what, where, fix, ...rest }: Finding): Finding {
  return { ...rest, what: printable(what), where: printable(where), fix: printable(fix) };
}
