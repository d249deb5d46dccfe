import { checkDeviceName } from './check';
import { addAddr } from './addresses';
import { type Device, indexOf } from './device';
import { here } from './here';
import { attributesOf, flagsOf, type LinkOptions, told } from './link-request';
import { deleteLink, enslaveLink, getLink, setLink } from './links';
import { randomMac } from './mac';
import type { Netns } from './netns';
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
  /** '10.0.1.1/24', 'fd00::1/64'. IPv6 addresses can be used at once: no duplicate address detection. */
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

function checkEnd({ name }: VethEnd, option: string): void {
  if (name !== undefined) checkDeviceName(name, `${option}.name`, { pattern: true });
}

async function createPair(first: VethEnd, second: VethEnd): Promise<[CreatedLink, CreatedLink]> {
  const netns = first.netns ?? (await here());
  const peerNetns = second.netns ?? (await here());
  const operation = 'create veth';
  const master = first.bridge === undefined ? undefined : await indexOf(netns, first.bridge, 'bridge');

  const created = await peerNetns.lend(operation, async (netnsFd) => {
    const value = {
      ...flagsOf(first),
      ...endAttributes(first),
      ...(master !== undefined && { master }),
      // IFF_UP on the peer is refused (ENOTCONN, 6.18): it is brought up on its own below
      info: { kind: 'veth', data: { peer: { ...endAttributes(second), netnsFd } } },
    };
    const request = link.addEcho(value, NLM_F_CREATE | NLM_F_EXCL, { operation, device: first.name });
    return netns
      .request(request)
      .catch((error: unknown) => explainTaken(error, first, netns, second, peerNetns));
  });

  const end = told(created);
  try {
    const peer = created?.link ?? 0;
    const [, peerName] = await Promise.all([
      finish(netns, end.index, first, {}),
      finish(peerNetns, peer, second, second),
    ]);
    return [end, { index: peer, name: peerName }];
  } catch (error) {
    await deleteLink(netns, end.index, { ifMissing: 'ignore' });
    throw error;
  }
}

function endAttributes(end: VethEnd) {
  const { name, txQueues = 1, rxQueues = 1 } = end;
  return {
    ...(name !== undefined && { name }),
    ...attributesOf({ ...end, mac: end.mac ?? randomMac() }),
    txQueues,
    rxQueues,
  };
}

/** What an end still needs, and its name. */
async function finish(
  netns: Netns,
  index: number,
  { name, addrs = [], addrGenMode }: VethEnd,
  { bridge, up }: VethEnd,
): Promise<string> {
  const work: Promise<unknown>[] = addrs.map((address) => addAddr(netns, index, address));
  if (bridge !== undefined) work.push(enslaveLink(netns, index, bridge));
  if (addrGenMode !== undefined || up !== undefined) {
    work.push(setLink(netns, index, { ...(addrGenMode && { addrGenMode }), ...(up && { up }) }));
  }
  const chosen =
    name !== undefined && !name.includes('%') ? name : getLink(netns, index).then((found) => found.name);
  await Promise.all(work);
  return chosen;
}

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
  throw error.explained(checked.filter(Boolean).join(', and ') || 'the name exists already');
}
