import { toBytes } from '../common/byte-text';
import { checkDeviceName, checkNetnsName } from '../common/check';
import { type Device, UNUSED_INDEX } from '../netns/device';
import { NAMING_WORDS, toNetnsError } from '../netns/netns-error';
import { carrierSeen } from '../links/carrier';
import { setRequests } from '../links/link-request';
import { deleteLink } from '../links/links';
import { namesTaken } from '../links/name-taken';
import { anyIndex } from '../links/new-device';
import { type Descriptor, native } from '../addon/native';
import { Netns, NETNS_DIRECTORY } from '../netns/netns';
import { closeAndDelete, deleteOnDispose } from '../netns/create-netns';
import { listOf, optionsOf, optionTable } from '../common/options';
import { located } from '../netlink/codec';
import { isTraced, traced } from '../netlink/diagnostics';
import { shown } from '../common/shown';
import { takingBack } from '../common/take-back';
import { NetlinkError } from '../netlink/error';
import { addFlags } from '../netlink/existence';
import type { Request } from '../netlink/object';
import { Pack } from '../netlink/pack';
import { backlogDrained } from '../netns/backlog';
import { takingBackIn } from '../netns/still-open';
import { whileLocked } from '../netns/directory';
import { link } from '../netlink/rtnetlink/link';
import { withoutZones } from '../routes/route-devices';
import { ROUTE_OPTIONS, type RouteOptions } from '../routes/route-request';
import { routeRequest } from '../routes/routes';
import { routeSocket } from '../netlink/sockets';
import {
  type CreatedLink,
  firstSettings,
  pairAttempt,
  pairMessage,
  secondSettings,
  VETH_END_SETTINGS,
  type VethEndSettings,
} from '../links/veth';

/** One namespace of a star, and the pair that joins it to the bridge. */
export interface StarMember {
  /** Its name in /run/netns; without one it lives as long as its handle. */
  name?: string;
  /** The end inside; its name is 'eth0' by default, and it is brought up. */
  device?: VethEndSettings;
  /** The end on the bridge; its name is made of its index by default ('veth3ade68b1'), and it is brought up. */
  port?: VethEndSettings;
  /** Added when the end inside is up, as `addRoute` does; they may name it, and `lo`. */
  routes?: readonly RouteOptions[];
}

/** @internal */
export const STAR_MEMBER = optionTable<StarMember>({
  name: checkNetnsName,
  device: optionsOf(VETH_END_SETTINGS),
  port: optionsOf(VETH_END_SETTINGS),
  routes: listOf(optionsOf(ROUTE_OPTIONS)),
});

/** A member as it was made. */
export interface CreatedMember {
  /** Its handle, which is open. */
  netns: Netns;
  /** The end inside. */
  device: CreatedLink;
  /** The end on the bridge. */
  port: CreatedLink;
}

/** The index of `lo` in every namespace. */
const LOOPBACK = 1;
const loopbackUp = setRequests(LOOPBACK, { up: true }, 'set link');

/** What all members of a star have in common. */
export interface StarHub {
  host: Netns;
  /** Descriptor of its namespace, lent. */
  hostFd: number;
  /** Its socket, lent. */
  socket: Descriptor;
  /** Index of the bridge. */
  bridge: number;
  common: Pick<VethEndSettings, 'addrGenMode'>;
}

/**
 * Creates a member in one trip to the addon: the namespace, then one datagram to the bridge's namespace and one to
 * the new one, which hold all that is asked for.
 */
export async function createMember(hub: StarHub, member: StarMember, index: number): Promise<CreatedMember> {
  const { host, bridge, common } = hub;
  const port = { up: true, name: `veth${index.toString(16)}`, ...common, ...member.port, bridge };
  const device = { up: true, name: 'eth0', ...common, ...member.device };
  checkDeviceName(port.name, 'port.name');
  checkDeviceName(device.name, 'device.name');
  const indexes = [index, UNUSED_INDEX] as const;
  const message = pairMessage(port, device, { netnsFd: 0, master: bridge, indexes });
  const pair = link.add(message, addFlags('fail'), pairAttempt('create veth', port));
  const outerRequests = [pair, ...atOption('port', () => firstSettings(index, port))];
  const outer = new Pack(outerRequests, host.numbers(routeSocket).take(outerRequests.length));
  const inner = new Pack([
    ...loopbackUp,
    ...atOption('device', () => secondSettings(UNUSED_INDEX, device)),
    ...routesOf(member, device.name),
    carrierSeen(UNUSED_INDEX, { operation: 'create veth', device: device.name }),
  ]);

  const names = { device: device.name, port: port.name };
  const send = async () => sendMember(hub, member, index, { pair, outer, inner, names });
  return isTraced() ? traced(host.toString(), pair.attempt, pair, send) : send();
}

interface MemberRequests {
  /** The first of the outer ones. */
  pair: Request<undefined>;
  outer: Pack;
  inner: Pack;
  names: { device: string; port: string };
}

async function sendMember(
  hub: StarHub,
  member: StarMember,
  index: number,
  { pair, outer, inner, names }: MemberRequests,
): Promise<CreatedMember> {
  const { host, hostFd, socket } = hub;
  const { name } = member;
  const fdAt = pair.bytes.length - 4; // pairMessage: the last of its bytes
  const behind = backlogDrained();
  if (behind !== undefined) await behind;
  outer.print(host.toString());
  inner.print(name ?? 'the new namespace');
  const made = await makeMember(member, async () =>
    native().createMember(
      NETNS_DIRECTORY,
      name === undefined ? null : toBytes(name),
      routeSocket,
      socket,
      outer.datagram,
      fdAt,
      inner.datagram,
    ),
  );
  const netns = new Netns({ opened: made, name, dispose: deleteOnDispose });
  const outcomes = [
    ...outer.outcomes(made.outer, host.toString()),
    ...inner.outcomes(made.inner, netns.toString()),
  ];
  const failed = outcomes.find((outcome) => 'error' in outcome);
  if (failed === undefined) {
    return { netns, device: { index: UNUSED_INDEX, name: names.device }, port: { index, name: names.port } };
  }
  const removeNetns = async () => closeAndDelete(netns);
  if (failed !== outcomes[0]) {
    // the kernel would free the pair with the namespace, but later
    const removePair = async (open: Netns) => deleteLink(open, index, { ifMissing: 'ignore' });
    return takingBackIn(host, hostFd, failed.error, removePair, removeNetns);
  }
  if (!isTaken(failed.error)) return takingBack(failed.error, removeNetns);
  await removeNetns();
  const taken = await namesTaken([{ name: names.port, netns: host }]);
  if (taken !== '') throw failed.error.explained(taken);
  return createMember(hub, member, anyIndex()); // it was not the name, but the index
}

async function makeMember<T>({ name }: StarMember, work: () => Promise<T>): Promise<T> {
  const operation = 'create namespace';
  try {
    return await (name === undefined ? work() : whileLocked(operation, name, work));
  } catch (error) {
    throw toNetnsError(error, operation, name ?? '(without a name)', NAMING_WORDS);
  }
}

function isTaken(error: unknown): error is NetlinkError {
  return error instanceof NetlinkError && error.code === 'EEXIST';
}

/** What is built for one of a member's options, or a refusal that names it. */
function atOption<T>(option: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw located(error, option);
  }
}

function routesOf({ routes = [] }: StarMember, own: string): Request<undefined>[] {
  const indexes: Readonly<Record<string, number>> = { lo: LOOPBACK, [own]: UNUSED_INDEX };
  return routes.map((route, i) => atOption(`routes[${i}]`, () => routeRequest(withoutZones(route), indexOf)));

  function indexOf(device: Device | undefined): number | undefined {
    if (typeof device !== 'string') return device;
    const index = Object.hasOwn(indexes, device) ? indexes[device] : undefined;
    if (index === undefined)
      throw new RangeError(`device: a member has 'lo' and '${own}', got ${shown(device)}`);
    return index;
  }
}
