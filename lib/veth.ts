import { addAddr } from './addresses';
import { explaining, LINK_WORDS, MASTER_WORDS } from './catching';
import { checkAddrs, checkDevice, checkDeviceName } from './check';
import { type Device, indexOf } from './device';
import { here } from './here';
import { attributesOf, flagsOf, type LinkOptions, settings, split, told } from './link-request';
import { defined } from './link-view';
import { enslaveLink, getLink, setLink, takeBack } from './links';
import { randomMac } from './mac';
import type { Netns } from './netns';
import { located } from './netlink/codec';
import { NetlinkError } from './netlink/error';
import { NLM_F_CREATE, NLM_F_EXCL } from './netlink/message';
import { link } from './route/link';

export interface VethEnd extends LinkOptions {
  /** Where this end is born; the calling thread's namespace by default. */
  netns?: Netns;
  /** Without one the kernel chooses: 'veth0'. 'port%d' lets it fill in a number. */
  name?: string;
  /** The bridge that it becomes a port of, in its namespace. */
  bridge?: Device;
  /**
   * '10.0.1.1/24', 'fd00::1/64'. IPv6 addresses can be bound at once, without duplicate address detection; the
   * kernel may take a second or two, though, until it answers to them on a new link.
   */
  addrs?: readonly string[];
  /** Queues to send by; 1 by default, which makes creation cheaper than the kernel's default of one per CPU. */
  txQueues?: number;
  /** Queues to receive by; 1 by default. */
  rxQueues?: number;
}

/** An end as it was made. */
export interface CreatedLink {
  index: number;
  name: string;
}

/**
 * Creates a veth pair: two Ethernet devices with a cable between them. Each end may be in a namespace of its
 * own, where it is born, not moved to. The pair is one request; addresses, and what the kernel cannot do for
 * the second end at creation, follow in one more for each namespace. If any of it fails, nothing is left.
 *
 * @returns both ends, with the names and indexes that the kernel tells back.
 * @throws {@link NetlinkError} EEXIST where a name is taken, ENODEV for a bridge that is not there, EXFULL for one
 * with 1,023 ports.
 * @see veth(4), ip-link(8): `ip link add NAME type veth peer name NAME`
 */
export async function createVeth(a: VethEnd = {}, b: VethEnd = {}): Promise<[CreatedLink, CreatedLink]> {
  checkEnd(a, 'first');
  checkEnd(b, 'second');
  // the kernel enslaves the first end of the message only, so the one with a bridge goes first
  if (a.bridge === undefined && b.bridge !== undefined) {
    const [second, first] = await createPair(b, a);
    return [first, second];
  }
  return createPair(a, b);
}

function checkEnd(end: VethEnd, option: string): void {
  const { name, bridge, addrs } = end;
  if (name !== undefined) checkDeviceName(name, `${option}.name`, { pattern: true });
  if (bridge !== undefined) checkDevice(bridge, `${option}.bridge`);
  if (addrs !== undefined) checkAddrs(addrs, `${option}.addrs`);
  try {
    settings(1, end, 'check');
    link.add(queuesOf(end), 0, { operation: 'check' });
  } catch (error) {
    throw located(error, option);
  }
}

async function createPair(first: VethEnd, second: VethEnd): Promise<[CreatedLink, CreatedLink]> {
  const netns = first.netns ?? (await here());
  const peerNetns = second.netns ?? (await here());
  const operation = 'create veth';
  const [master, peerMaster] = await Promise.all([
    first.bridge === undefined ? undefined : indexOf(netns, first.bridge, 'bridge'),
    second.bridge === undefined ? undefined : indexOf(peerNetns, second.bridge, 'bridge'),
  ]);
  const [early, late] = split(first);

  return peerNetns.lend(operation, async (netnsFd) => {
    const value = {
      ...flagsOf(early),
      ...endAttributes(first),
      ...(master !== undefined && { master }),
      // IFF_UP on the peer is refused (ENOTCONN, 6.18): its flags are set on their own below
      info: { kind: 'veth', data: { peer: { ...endAttributes(second), netnsFd } } },
    };
    const request = link.addEcho(value, NLM_F_CREATE | NLM_F_EXCL, { operation, device: first.name });
    const created = await netns
      .request(request)
      .catch((error: unknown) => explainTaken(error, first, netns, second, peerNetns))
      .catch(explaining(master === undefined ? LINK_WORDS : { ...LINK_WORDS, ...MASTER_WORDS }));
    const end = told(created);
    const peer = created?.link ?? 0;
    try {
      const [peerName] = await Promise.all([
        nameOf(peerNetns, peer, second),
        finish(netns, end.index, first, late),
        finish(peerNetns, peer, second, { ...second, ...defined({ bridge: peerMaster }) }),
      ]);
      return [end, { index: peer, name: peerName }];
    } catch (error) {
      // one end takes the other with it
      await takeBack(peerNetns, netnsFd, peer);
      throw error;
    }
  });
}

function endAttributes(end: VethEnd) {
  const { name, mac = randomMac() } = end;
  return { ...(name !== undefined && { name }), ...attributesOf({ ...end, mac }), ...queuesOf(end) };
}

const queuesOf = ({ txQueues = 1, rxQueues = 1 }: VethEnd) => ({ txQueues, rxQueues });

async function nameOf(netns: Netns, index: number, { name }: VethEnd): Promise<string> {
  if (name !== undefined && !name.includes('%')) return name;
  return (await getLink(netns, index)).name;
}

/** The addresses of an end, and what else it still needs. */
async function finish(netns: Netns, index: number, { addrs = [] }: VethEnd, late: Late): Promise<void> {
  const { bridge, alias, addrGenMode, up, promiscuous, arp } = late;
  const work: Promise<unknown>[] = addrs.map((address) => addAddr(netns, index, address));
  if (bridge !== undefined) work.push(enslaveLink(netns, index, bridge));
  work.push(setLink(netns, index, defined({ alias, addrGenMode, up, promiscuous, arp })));
  await Promise.all(work);
}

/** What creation did not do. */
type Late = Pick<VethEnd, 'bridge' | 'alias' | 'addrGenMode' | 'up' | 'promiscuous' | 'arp'>;

async function explainTaken(
  error: unknown,
  a: VethEnd,
  aNetns: Netns,
  b: VethEnd,
  bNetns: Netns,
): Promise<never> {
  if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
  const ends = [
    { name: a.name, netns: aNetns },
    { name: b.name, netns: bNetns },
  ];
  const checked = await Promise.all(
    ends.map(async ({ name, netns }) => {
      const found = name === undefined ? undefined : await getLink(netns, name).catch(() => undefined);
      return found && `'${found.name}' exists already in namespace ${netns.toString()}`;
    }),
  );
  const found = checked.filter(Boolean).join(', and ');
  throw error.explained(
    found || 'both ends are to have one name in one namespace, or a name was taken and is free again',
  );
}
