import type { Link } from '../../links/link-view';
import { readOwner } from '../../network/members/port-alias';
import { hereCommand, nameOf, setLinkCommand } from '../command';
import type { Facts } from '../facts';
import type { Finding } from '../finding';
import { MAX_BACKLOG } from '../sysctls';

const isLoopback = ({ flags }: Link) => flags.includes('loopback');

/** Whether somebody uses a device. Others may well be down, such as the tunnels that every new namespace has. */
function isUsed({ addrs }: Facts, link: Link): boolean {
  return link.master !== undefined || link.kind === 'veth' || addrs.some(({ index }) => index === link.index);
}

export function linksDown(facts: Facts): Finding[] {
  return facts.links
    .filter((link) => !link.up && (isLoopback(link) || isUsed(facts, link)))
    .map((link) => ({
      code: 'link-down',
      severity: isLoopback(link) || isSpare(facts, link) ? 'warning' : 'error',
      what: isLoopback(link)
        ? `${link.name} is down: nothing in this namespace reaches 127.0.0.1, ::1, or its own other addresses`
        : `${link.name} is down: it neither sends nor receives, and routes by it are gone`,
      where: `device ${link.name} of ${nameOf(facts)}`,
      fix: setLinkCommand(facts, link.name, ['up']),
    }));
}

/** Whether a device is an end of a pair that nobody uses yet. */
function isSpare({ addrs }: Facts, { index, master }: Link): boolean {
  return master === undefined && !addrs.some((addr) => addr.index === index);
}

export function withoutCarrier(facts: Facts): Finding[] {
  const silent = facts.links.filter(
    (link) => link.up && link.carrier === false && (isUsed(facts, link) || link.kind === 'bridge'),
  );
  return silent.flatMap((link) => {
    const why = link.kind === 'bridge' ? bridgeWithout(facts, link) : deviceWithout(facts, link);
    if (why === undefined) return [];
    return {
      code: 'no-carrier',
      severity: 'error',
      what: `${link.name} is up, but has no carrier: ${why.because}`,
      where: `device ${link.name} of ${nameOf(facts)}`,
      fix: why.fix,
    };
  });
}

interface Why {
  because: string;
  fix: string;
}

/**
 * Undefined for a bridge without ports, which nobody uses yet, and where a port is down or has no carrier, which is
 * another finding.
 */
function bridgeWithout(facts: Facts, { index, name }: Link): Why | undefined {
  const ports = facts.links.filter(({ master }) => master === index);
  if (ports.length === 0 || ports.some(({ up, carrier }) => !up || carrier === false)) return undefined;
  return {
    because: 'none of its ports forwards yet, as its spanning tree protocol has it',
    fix: `wait, or do without: ${setLinkCommand(facts, name, ['type', 'bridge', 'stp_state', '0'])}`,
  };
}

function deviceWithout(facts: Facts, { kind, link, linkNsid, alias }: Link): Why {
  if (kind === 'tun') return { because: 'no program holds it open', fix: 'start the program' };
  if (kind !== 'veth') return { because: 'no cable, or what is at its other end is off', fix: 'plug it in' };
  const peer = linkNsid === undefined ? facts.links.find(({ index }) => index === link) : undefined;
  if (peer !== undefined) {
    return {
      because: `its other end, ${peer.name}, is down`,
      fix: setLinkCommand(facts, peer.name, ['up']),
    };
  }
  const owner = readOwner(alias);
  const inside = facts.memberNetns.get(owner.netns);
  if (inside !== undefined) {
    return {
      because: `its other end, ${owner.device} of ${inside.name}, is down`,
      fix: setLinkCommand(facts, owner.device, ['up'], inside.name),
    };
  }
  return {
    because: `its other end, device ${link ?? 0} of another namespace (link-netnsid ${linkNsid ?? '?'}), is down`,
    fix: 'bring it up there',
  };
}

export function mtuMismatches(facts: Facts): Finding[] {
  return [...portsOfBridges(facts), ...waysOut(facts), ...insideMembers(facts)];
}

interface MtuChange {
  /** Name of the device that gets the MTU. */
  device: string;
  mtu: number;
  /** Name of the device's namespace, where that is not the one that is examined. */
  inside?: string;
}

function mismatch(facts: Facts, link: Link, what: string, changes: readonly MtuChange[]): Finding {
  const where = `device ${link.name} of ${nameOf(facts)}`;
  const commands = changes.map(({ device, mtu, inside }) =>
    setLinkCommand(facts, device, ['mtu', String(mtu)], inside ?? facts.netns.name),
  );
  return { code: 'mtu-mismatch', severity: 'warning', what, where, fix: commands.join(' and ') };
}

/** A bridge drops packets that are too large for a port, and sends no ICMP message, because it does not route. */
function portsOfBridges(facts: Facts): Finding[] {
  return facts.links.flatMap((port) => {
    const bridge = facts.links.find(({ index }) => index === port.master);
    if (bridge?.kind !== 'bridge' || port.mtu >= bridge.mtu) return [];
    const what = `the MTU of ${port.name} is ${port.mtu}, that of its bridge ${bridge.name} is ${bridge.mtu}: larger packets are dropped without a word`;
    return mismatch(facts, port, what, [{ device: port.name, mtu: bridge.mtu }]);
  });
}

function waysOut(facts: Facts): Finding[] {
  const out = facts.routes.filter(({ to }) => to === 'default').map(({ index }) => index);
  const [narrow] = facts.links.filter(({ index }) => out.includes(index)).sort((a, b) => a.mtu - b.mtu);
  if (narrow === undefined) return [];
  const { mtu } = narrow;
  const bridges = facts.links.filter((link) => {
    return link.kind === 'bridge' && link.mtu > mtu && link.index !== narrow.index;
  });
  return bridges.map((bridge) => {
    const what = `the MTU of ${bridge.name} is ${bridge.mtu}, that of ${narrow.name}, the way out, is ${mtu}: larger packets wait for an ICMP message that firewalls may swallow`;
    const ports = facts.links.filter(({ master }) => master === bridge.index);
    // All ports of the bridge need the same MTU, and so do the members' ends of the pairs.
    const members = ports.flatMap(({ alias }): MtuChange[] => {
      const { netns, device } = readOwner(alias);
      const inside = facts.memberNetns.get(netns);
      return inside === undefined ? [] : [{ device, mtu, inside: inside.name }];
    });
    const devices = [...ports, bridge].map(({ name }) => ({ device: name, mtu }));
    return mismatch(facts, bridge, what, [...members, ...devices]);
  });
}

function insideMembers(facts: Facts): Finding[] {
  return facts.links.flatMap((port) => {
    if (port.master === undefined || port.alias === undefined) return [];
    const { netns, device } = readOwner(port.alias);
    const inside = facts.memberNetns.get(netns);
    const inner = inside?.links.find(({ name }) => name === device);
    if (inside === undefined || inner === undefined || inner.mtu === port.mtu) return [];
    const what = `the MTU of ${port.name} is ${port.mtu}, that of its other end, ${device} of ${inside.name}, is ${inner.mtu}: larger packets are dropped without a word`;
    const change =
      inner.mtu > port.mtu
        ? { device, mtu: port.mtu, inside: inside.name }
        : { device: port.name, mtu: inner.mtu };
    return mismatch(facts, port, what, [change]);
  });
}

/** The default of the kernel. */
const DEFAULT_BACKLOG = 1000;

/**
 * Bridges with more ports than packets may wait for one CPU: a broadcast is one packet for each port, and what is sent next,
 * such as the answer to an ARP request, is dropped.
 */
export function manyPorts(facts: Facts): Finding[] {
  const backlog = Number(facts.sysctls[MAX_BACKLOG] ?? DEFAULT_BACKLOG);
  return facts.links.flatMap(({ kind, name, index }): Finding[] => {
    const ports = facts.links.filter(({ master, up }) => master === index && up).length;
    if (kind !== 'bridge' || ports <= backlog) return [];
    const key = MAX_BACKLOG.replaceAll('/', '.');
    return [
      {
        code: 'many-ports',
        severity: 'warning',
        what: `bridge ${name} has ${ports} ports that are up, and ${backlog} packets may wait for one CPU: a broadcast to all ports fills this queue, so that ARP between a member and the bridge gets no answer`,
        where: `bridge ${name} of ${nameOf(facts)}`,
        fix: `in the machine's first namespace: ${hereCommand('sysctl', '-w', `${key}=${2 * ports}`)}`,
      },
    ];
  });
}
