import { constants } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { checkDevice } from '../common/check';
import { checkNetns } from '../netns/check-netns';
import { changeDevice, type Device, deviceRef, type DeviceRef } from '../netns/device';
import { inTurn } from '../netns/device-turns';
import type { Netns } from '../netns/netns';
import { type Attempt, NetlinkError } from '../netlink/error';
import { findKind, type LinkKindName, type LinkKindOptions } from '../netlink/rtnetlink/kinds';
import { link } from '../netlink/rtnetlink/link';
import { BOND_PORT_WORDS, type BondPortSettings, requireBondPort, setBondPort } from './bond-port';
import { type AllLinkOptions, LINK_WORDS, setRequests } from './link-request';
import type { Link } from './link-view';
import { readLink } from './links';
import { requireSettings } from './supported';
import {
  changedOf,
  checkKindData,
  checkSetLink,
  fixedOf,
  type KindData,
  type Own,
  kindData,
  requireKindSupport,
  splitByKind,
  withIndexes,
} from './kind-request';

const { EOPNOTSUPP } = constants.errno;

/** Changes of what all links have. */
export interface LinkChange extends AllLinkOptions {
  /** Of a bond's member: how the bond treats it. */
  bondPort?: BondPortSettings;
}

/** Changes of a link of a kind that this library knows: options of the kind stand beside those of all links. */
export type KnownLinkChange = {
  [K in LinkKindName]: LinkChange & { kind: K } & Partial<LinkKindOptions[K]>;
}[LinkKindName];

/** Changes of a link of another kind. */
export interface RawLinkChange extends LinkChange {
  /** The kernel's name for the kind of device. */
  kind: string;
  /** The attributes within IFLA_INFO_DATA, in bytes. */
  data: Uint8Array;
}

/** What is changed of a link: of what all links have, and with `kind` of what those of the kind have. */
export type SetLinkOptions = (LinkChange & { kind?: undefined }) | KnownLinkChange | RawLinkChange;

/**
 * Changes a device's properties, in one request (and one before it for `addrGenMode`). With `kind`, which has to be the device's
 * own, options of the kind as `createLink` takes them are changed as well, by a request before the others: where the kernel refuses
 * that, nothing is changed. What is not given stays as it is. A tunnel of the kinds
 * gre, ipip, sit, ip6tnl, vti and their kin is read first, because the kernel sets all that a change does not name to its default.
 * Calls of one thread on such a tunnel go one after the other; of two processes or threads at once, one may undo what the other changed.
 *
 * @throws TypeError for an option of the kind that can be given at creation only.
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device of another kind, or of one that the kernel does not change, and for an
 * option of a vxlan that is fixed at creation, unless it is as the device has it; and what the device refuses, such as EINVAL for an MTU out of range.
 * @see ip-link(8), `ip link set`
 * @example
 * ```ts
 * await setLink(red, 'lo', { up: true });
 * await setLink(red, 'eth0', { mtu: 1400, mac: '02:00:00:00:00:01' });
 * await createLink(red, { kind: 'vxlan', name: 'vx0', id: 42, port: 4789 });
 * await setLink(red, 'vx0', { kind: 'vxlan', ttl: 64 });
 * ```
 */
export async function setLink(netns: Netns, device: Device, options: SetLinkOptions): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkSetLink(options);
  const { kind, bondPort, ...rest } = options;
  const operation = kind === undefined ? 'set link' : `set ${kind}`;
  netns.access({ operation, device }); // a closed handle is refused where there is nothing to set, too
  const { shared, own } = kind === undefined ? { shared: rest, own: {} } : splitByKind(kind, rest);
  const ofAll = (ref?: DeviceRef) => setRequests(device, shared, operation, ref);
  ofAll(); // refused before any system call
  if (kind !== undefined) checkKindData(kind, own);
  await requireSettings(netns, device, shared, { operation, device });
  if (bondPort !== undefined) await setMember(netns, device, bondPort);
  // in requests of their own, because a vxlan refuses its MTU beside what it has of its kind (6.18)
  if (kind !== undefined) await setOfKind(netns, device, operation, kind, own);
  await changeDevice(netns, device, ofAll);
}

async function setMember(netns: Netns, device: Device, settings: BondPortSettings): Promise<void> {
  const attempt = { operation: 'set bond port', device, words: BOND_PORT_WORDS };
  await requireBondPort(netns, device, settings, attempt);
  await changeDevice(netns, device, (ref) => [setBondPort(ref, settings, attempt)]);
}

async function setOfKind(
  netns: Netns,
  device: Device,
  operation: string,
  kind: string,
  own: Own,
): Promise<void> {
  const known = findKind(kind);
  const words = {
    ...LINK_WORDS,
    EOPNOTSUPP: `it is no ${kind}, or the kernel does not change this of one`,
    ...known?.words,
  };
  const attempt = { operation, device, words };
  const build = (data: KindData) => (ref: DeviceRef) => [
    link.add({ ...ref, info: { kind, data } }, 0, attempt),
  ];
  build(checkKindData(kind, own))(deviceRef(device)); // refused before any system call
  await requireKindSupport(netns, device, { kind, own }, attempt);
  const asked = await changed(netns, device, { kind, own }, attempt);
  // the kernel (6.1) refuses a change of a kind that has no options, as of dummy, also where there are none
  if (Object.keys(asked).length === 0) return;
  const indexed = await withIndexes(netns, kind, asked, attempt);
  const send = async (before?: object) =>
    changeDevice(netns, device, build(kindData(kind, { ...before, ...indexed })));
  if (known?.changesWhole === true) {
    await inTurn(netns, device, attempt, async () => send(await current(netns, device, kind, attempt)));
  } else {
    await send();
  }
}

/**
 * The options that are sent. The link is looked at where they depend on what it has, and where there is none, by which the kernel would see
 * of what kind it is.
 */
async function changed(
  netns: Netns,
  device: Device,
  { kind, own }: { kind: string; own: Own },
  attempt: Attempt,
): Promise<Own> {
  const names = Object.keys(own);
  const { onlyChanged = [], fixed = {} } = findKind(kind) ?? {};
  if (names.length > 0 && !names.some((name) => onlyChanged.includes(name) || name in fixed)) return own;
  const found = await readLink(netns, device, attempt);
  const details = { ...attempt, errno: EOPNOTSUPP, netns: netns.toString() };
  if (found.kind !== kind) {
    // where something is sent, the kernel refuses it itself
    if (names.length > 0) return own;
    throw new NetlinkError(details);
  }
  const now = ofKind(found);
  const kept = fixedOf(kind, own, now);
  const option = kept.find((name) => !isDeepStrictEqual(own[name], now[name]));
  if (option !== undefined)
    throw new NetlinkError({ ...details, option }, 'it can be given at creation only');
  const rest = Object.entries(own).filter(([name]) => !kept.includes(name));
  return changedOf(kind, Object.fromEntries(rest), now);
}

/** The options that a link of the kind has. Of a link of another kind there are none: the kernel refuses the change. */
async function current(netns: Netns, device: Device, kind: string, attempt: Attempt): Promise<Own> {
  const found = await readLink(netns, device, attempt);
  return found.kind === kind ? ofKind(found) : {};
}

const ofKind = (found: Link) =>
  (found as unknown as Readonly<Record<string, Own | undefined>>)[found.kind ?? ''] ?? {};
