import { refuse } from '../common/check';
import { checkPort } from '../sockets/inet/endpoint';
import type { Netns } from '../netns/netns';
import { PROTOCOLS, type PublishProtocol } from '../network/table/published-ports';
import { type Facts, readFacts } from './facts';
import type { Finding } from './finding';
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

export interface DoctorOptions {
  /**
   * A port of this namespace that should be reachable: `doctor` checks whether it is published, and whether a program
   * listens.
   */
  port?: number;
  /** Protocol of that port; 'tcp' by default. */
  protocol?: PublishProtocol;
}

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
];

const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'unknown'];

/**
 * Explains why packets may not pass in a namespace, which may be the host of networks, or a member of one. `doctor` reads
 * devices, routes, sysctls, the rules of nf_tables, the networks of `createBridgeNetwork`, and /run/netns, and changes
 * nothing.
 *
 * @returns the findings, the worst first: none where all is well. What could not be read is a finding, too.
 * @throws TypeError, RangeError for wrong options; {@link NetnsError} ERR_NETNS_CLOSED.
 */
export async function doctor(
  netns: Netns,
  { port, protocol = 'tcp' }: DoctorOptions = {},
): Promise<Finding[]> {
  if (port !== undefined) checkPort(port, 'port', { least: 1 });
  if (!PROTOCOLS.includes(protocol)) refuse('protocol', `expected one of ${PROTOCOLS.join(', ')}`, protocol);
  const facts = await readFacts(netns);
  const asked = port === undefined ? [] : await portFindings(netns, facts, { port, protocol });
  const findings = [...asked, ...CHECKS.flatMap((check) => check(facts)), ...facts.unseen];
  return SEVERITIES.flatMap((wanted) => findings.filter(({ severity }) => severity === wanted));
}
