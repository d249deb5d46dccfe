import { ignoringSystem } from '../../common/system-error';
import type { Family } from '../../common/check';
import { listListeners } from '../../sockets/listening';
import type { Netns } from '../../netns/netns';
import { openNetns } from '../../netns/open';
import type { MemberRecord } from '../../network/table/member-records';
import { readOwner } from '../../network/members/port-alias';
import type { PublishedPort, PublishProtocol } from '../../network/table/published-ports';
import { nameOf } from '../command';
import type { Facts } from '../facts';
import type { Finding } from '../finding';

export interface AskedPort {
  /** Port of the host. */
  port: number;
  protocol: PublishProtocol;
}

interface Published extends PublishedPort {
  network: string;
  member: MemberRecord;
}

const FAMILIES: readonly Family[] = [4, 6];
const ANY: readonly string[] = ['0.0.0.0', '::'];

/** Reasons why one port of the host may not be reached. */
export async function portFindings(netns: Netns, facts: Facts, asked: AskedPort): Promise<Finding[]> {
  const published = facts.networks.flatMap(({ name: network, members }) =>
    members.flatMap((member) =>
      member.published
        .filter(({ hostPort, protocol }) => hostPort === asked.port && protocol === asked.protocol)
        .map((one): Published => ({ ...one, network, member })),
    ),
  );
  if (published.length === 0) return notPublished(netns, facts, asked);
  const findings = await Promise.all(
    published.map(async (one) => [...notReached(facts, one), ...(await notListening(facts, one))]),
  );
  return findings.flat();
}

async function notPublished(netns: Netns, facts: Facts, { port, protocol }: AskedPort): Promise<Finding[]> {
  if (!facts.networksSeen) return []; // a finding of its own
  const where = `${protocol} port ${port} of ${nameOf(facts)}`;
  const ends = await listenersAt(netns, port, protocol);
  if (ends.some((address) => !isLocal(address))) return []; // a program of the host's own
  if (ends.length > 0) {
    const what = `a program listens at ${ends.join(' and ')} alone: only this host itself reaches it`;
    const fix = 'let it listen at an address by which the host is reached, at 0.0.0.0 or ::';
    return [{ code: 'port-local-only', severity: 'warning', what, where, fix }];
  }
  const heard = protocol === 'sctp' ? '' : ', and nothing listens at it here';
  return [
    {
      code: 'port-not-published',
      severity: 'error',
      what: `${protocol} port ${port} is not published by any network of ours in this namespace${heard}`,
      where,
      fix: `call \`network.publish(member, [{ hostPort: ${port}, port: PORT, protocol: '${protocol}' }])\``,
    },
  ];
}

const isLocal = (address: string) => address.startsWith('127.') || address === '::1';

function notReached(facts: Facts, { hostAddress, hostPort, protocol, network }: Published): Finding[] {
  if (hostAddress === undefined || ANY.includes(hostAddress)) return [];
  const where = `${protocol} port ${hostPort} of ${nameOf(facts)}, published by network ${network}`;
  const fix = 'publish it without `hostAddress`, or with one by which the host is reached';
  if (hostAddress.startsWith('127.')) {
    const what = `it is published at ${hostAddress} alone: only this host itself reaches it`;
    return [{ code: 'port-local-only', severity: 'warning', what, where, fix }];
  }
  if (facts.addrs.some(({ addr }) => addr.split('/')[0] === hostAddress)) return [];
  const what = `it is published at ${hostAddress}, which is no address of this host`;
  return [{ code: 'port-address-missing', severity: 'error', what, where, fix }];
}

async function notListening(facts: Facts, { member, port, protocol }: Published): Promise<Finding[]> {
  const link = facts.links.find(({ name }) => name === member.port);
  if (link === undefined) return []; // the member is gone: a finding of its own
  const { netns: ino, device } = readOwner(link.alias);
  const name = facts.memberNetns.get(ino)?.name;
  const where = `${protocol} port ${port} of the member with ${Object.values(member.addresses).join(' and ')}`;
  const fix = `let a server listen there, at ${Object.values(member.addresses).join(' or ')}, 0.0.0.0 or ::`;
  const opened = name === undefined ? undefined : await openNetns(name).catch(ignoringSystem('ENOENT'));
  if (opened === undefined || protocol === 'sctp') {
    opened?.close();
    const why = protocol === 'sctp' ? 'sockets of SCTP are not looked for' : 'its namespace has no name';
    return [{ code: 'not-seen', severity: 'unknown', what: `whether anything listens: ${why}`, where, fix }];
  }
  try {
    const ends = await listenersAt(opened, port, protocol);
    const reached = [...ANY, ...Object.values(member.addresses)];
    if (ends.some((address) => reached.includes(address))) return [];
    const instead = ends.length === 0 ? 'nothing listens' : `it listens only at ${ends.join(', ')}`;
    const what = `${instead} in ${name}, whose device is ${device}`;
    return [{ code: 'port-not-listening', severity: 'error', what, where, fix }];
  } finally {
    opened.close();
  }
}

async function listenersAt(netns: Netns, port: number, protocol: PublishProtocol): Promise<string[]> {
  if (protocol === 'sctp') return [];
  const lists = await Promise.all(FAMILIES.map(async (family) => listListeners(netns, protocol, family)));
  return lists.flat().flatMap((end) => (end.port === port ? [end.address] : []));
}
