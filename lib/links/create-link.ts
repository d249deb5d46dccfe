import { defined } from '../common/objects';
import type { Words } from '../netlink/error';
import { noKind } from '../netlink/lacking';
import { findKind, type LinkKindName, type LinkKindOptions } from '../netlink/rtnetlink/kinds';
import { link } from '../netlink/rtnetlink/link';
import { changeDevice, type Device, indexOf } from '../netns/device';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import type { WireguardOptions } from '../wireguard/settings';
import { furtherOf, splitFurther } from './further-options';
import {
  checkKindData,
  checkNewLink,
  type KindData,
  kindData,
  newOf,
  requireKindSupport,
  splitByKind,
  withIndexes,
} from './kind-request';
import {
  type AllLinkOptions,
  attributesOf,
  flagsOf,
  LINK_WORDS,
  type NewDeviceOptions,
  setRequests,
  splitForCreation,
} from './link-request';
import { withLinkLocal } from './link-local';
import { takeBack } from './links';
import { requireSettings } from './supported';
import { explainTaken, indexTaken, takenWords } from './name-taken';
import { createDevice, type CreatedLink } from './new-device';
import { makeTun } from './tun/make-tun';
import { takingBack } from '../common/take-back';

/** What every new link has, of whatever kind. */
export interface NewLinkOptions extends AllLinkOptions, NewDeviceOptions {
  /** Without one the kernel chooses, such as 'dummy0'; 'port%d' lets it fill in a number. */
  name?: string;
  /** The device below, for kinds that stand on another one, such as a VLAN. */
  link?: Device;
}

/** A link of a kind that this library knows: its options stand beside those of all links. */
export type KnownLinkOptions = {
  [K in LinkKindName]: NewLinkOptions & { kind: K } & LinkKindOptions[K] &
    (K extends 'wireguard' ? WireguardOptions : object);
}[LinkKindName];

/** A link of another kind. */
export interface RawLinkOptions extends NewLinkOptions {
  /** The kernel's name for the kind of device: 'vcan', 'amt'. */
  kind: string;
  /** The attributes within IFLA_INFO_DATA, in bytes; none (`new Uint8Array()`) for a kind that needs none. */
  data: Uint8Array;
}

/** A new link: of a kind that this library knows, with its options, or of another one, with its bytes. */
export type CreateLinkOptions = KnownLinkOptions | RawLinkOptions;

/**
 * Creates a link of any kind: `{ kind: 'bridge', name: 'br0', stp: true }`. For a bridge with addresses see
 * `createBridge`, for a veth pair between two namespaces `createVeth`. A device of WireGuard has its keys and peers before it comes up.
 *
 * @returns its name and index, as the kernel reports them.
 * @throws TypeError for an option that neither all links nor those of this kind have.
 * @throws {@link NetlinkError} EEXIST where the name is taken; ENODEV where the device below is not there; EOPNOTSUPP
 * where the kernel has no such kind.
 * @see ip-link(8), `ip link add`
 * @example
 * ```ts
 * await createLink(red, { kind: 'bridge', name: 'br0', stp: true, up: true });
 * await createLink(red, { kind: 'veth', name: 'left', peer: { name: 'right' } });
 * ```
 */
export async function createLink(netns: Netns, options: CreateLinkOptions): Promise<CreatedLink> {
  checkNetns(netns);
  checkNewLink(options);
  const { kind, name, ...rest } = options;
  const { further, others } = splitFurther(kind, rest);
  const { shared, own } = splitByKind(kind, others);
  const { link: below, index: given, txQueues, rxQueues, ...ofAll } = withLinkLocal(shared);
  const make = MAKERS[kind];
  if (make !== undefined) {
    const unusable = Object.keys(defined({ link: below, index: given, txQueues, rxQueues }))[0];
    if (unusable !== undefined) throw new TypeError(`${unusable}: a ${kind} device has no such option`);
  }
  const [early, late] = splitForCreation(ofAll, kind);
  const value = { ...flagsOf(early), ...defined({ name, txQueues, rxQueues }), ...attributesOf(early) };
  const message = (data: KindData, lower?: number) => {
    const info = { kind, ...(Object.keys(data).length > 0 && { data }) };
    return { ...value, info, ...defined({ link: lower }) };
  };
  // what these refuse is refused before any system call
  const checked = checkKindData(kind, own);
  const operation = `create ${kind}`;
  const taken = indexTaken(given, peerIndex(own));
  const words = { ...createWords(kind, own), ...takenWords(taken) };
  const guesses = below !== undefined && ofAll.mtu !== undefined ? MTU_GUESS : {};
  const attempt = { operation, device: name, words, guesses };
  link.add(message(checked, typeof below === 'number' ? below : undefined), 0, attempt);
  setRequests(1, late, operation);
  const { askedFrom: namespaceOf, set } = furtherOf(kind);
  const askedFrom = namespaceOf(further);
  return netns.lend(attempt, async ({ fd }) => {
    const data = kindData(kind, newOf(kind, await withIndexes(netns, kind, own, attempt)));
    const whole = message(
      data,
      below === undefined ? undefined : await indexOf(netns, below, attempt, 'link'),
    );
    const build = (index: number) => ({ ...whole, index });
    // of a pair, the kernel takes the peer's index only together with that of the first end (6.18)
    const index = given ?? (peerIndex(own) === undefined ? undefined : true);
    const making =
      make === undefined
        ? createDevice({ netns, fd, kind, name, index, build, attempt, askedFrom })
        : make(netns, name, own, attempt);
    const created = await making.catch(explainTaken([{ name, netns }], taken ?? ALIKE));
    try {
      await requireKindSupport(netns, created.index, { kind, own }, attempt);
      await set(netns, created, further, operation);
      const settings = make === undefined ? late : ofAll;
      await requireSettings(netns, created.index, settings, attempt);
      await changeDevice(netns, created.index, (ref) => setRequests(created.name, settings, operation, ref));
    } catch (error) {
      return takingBack(error, async () => takeBack(netns, fd, created.index));
    }
    return { index: created.index, name: created.name };
  });
}

/** The kernel (6.18) gives no sentence for a VLAN's. */
const MTU_GUESS: Words = { EINVAL: 'the MTU is above that of the device below, or an option does not fit' };

const peerIndex = ({ peer }: { peer?: { index?: number } }) => peer?.index;

/** What makes a device of a kind that no request creates; the options of all links are set afterwards. */
const MAKERS: Readonly<Partial<Record<string, typeof makeTun>>> = { tun: makeTun };

const ALIKE =
  'the name is free, but another device has what only one may have: ends and keys of a tunnel, a VNI and its port, a VLAN of the device below';

/** A kernel without VLAN filtering refuses with the number that it also has for an unknown kind, and without a sentence. */
function createWords(kind: string, own: object): Words {
  const vlan = Object.keys(own).find((option) => option.startsWith('vlan') || option === 'mst');
  const EOPNOTSUPP =
    vlan === undefined
      ? noKind(kind)
      : `${vlan}: bridges of this kernel have no VLAN filtering (CONFIG_BRIDGE_VLAN_FILTERING), or it has no bridges`;
  const { words, creationWords } = findKind(kind) ?? {};
  return { ...LINK_WORDS, ...words, EOPNOTSUPP, ...creationWords };
}
