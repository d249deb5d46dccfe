import { constants } from 'node:os';
import { checkDevice, checkNewDeviceName } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionTable } from '../common/options';
import { ignoring, NetlinkError } from '../netlink/error';
import { link } from '../netlink/rtnetlink/link';
import { checkNetns } from '../netns/check-netns';
import { type Device, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { getLink } from './links';
import { identify, type Identity, namesTaken } from './name-taken';

const { EEXIST, EINVAL } = constants.errno;

/** What a device is called where it goes. */
export interface MoveLinkOptions {
  /** The device's new name; it keeps its name by default. */
  name?: string;
}

const MOVE_OPTIONS = optionTable<MoveLinkOptions>({ name: (name, path) => checkNewDeviceName(name, path) });

/**
 * Moves a device into another namespace, with a new name in the same request if one is given. The device arrives down
 * and without its addresses.
 *
 * @throws {@link NetlinkError} EEXIST where the target has a device of that name: the device is where it was then.
 * EINVAL for a device that belongs to its namespace for good: a bridge, `lo`.
 * @see ip-link(8), `ip link set DEVICE netns NAME name NEWNAME`
 * @example
 * ```ts
 * await createLink(red, { kind: 'veth', name: 'left', peer: { name: 'right' } });
 * await moveLink(red, 'right', blue, { name: 'eth1' });
 * ```
 */
export async function moveLink(
  netns: Netns,
  device: Device,
  target: Netns,
  options: MoveLinkOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkNetns(target, 'target');
  checkOptions(options, MOVE_OPTIONS);
  const { name } = options;
  const operation = `move to namespace ${target.toString()} the link`;
  const attempt = { operation, device, words: MOVE_WORDS };
  const taken = () => new NetlinkError({ ...attempt, errno: EEXIST, netns: netns.toString() });
  const intoTarget = `move link ${device} from namespace ${netns.toString()} to namespace`;
  await target.lend(intoTarget, async ({ fd: netnsFd }) => {
    const [before, other] = await Promise.all([
      identify(netns, device, operation),
      name === undefined ? undefined : identify(target, name, operation).catch(ignoring('ENODEV')),
    ]);
    // 6.18 moves first and renames then: where the name is taken, the device stays there under its old one
    const own = netns.ino === target.ino && other?.index === before.index;
    if (other !== undefined && !own) {
      throw await explainMove(taken(), before, name, target);
    }
    const request = link.add({ index: before.index, netnsFd, ...defined({ name }) }, 0, attempt);
    await netns.request(request).catch(async (error: unknown) => {
      if (!(error instanceof NetlinkError)) throw error;
      if (error.errno === EEXIST) {
        await comeBack(netns, before, target);
        throw await explainMove(error, before, name, target);
      }
      const unclear = error.errno === EINVAL && error.extack === undefined && name === undefined;
      if (unclear && (await isNameTaken(netns, before, target))) {
        throw await explainMove(taken(), before, name, target);
      }
      throw error;
    });
  });
}

const MOVE_WORDS = {
  ...NO_DEVICE,
  EINVAL: 'the device stays in its namespace for good, as bridges and lo do',
};

/**
 * Whether a move was refused because of the name: 5.10 has EINVAL for that, too. Such a kernel refuses a device that cannot be
 * moved at all even where it moves to its own namespace.
 */
async function isNameTaken(netns: Netns, { index, name }: Identity, target: Netns): Promise<boolean> {
  if ((await namesTaken([{ name, netns: target }])) === '') return false;
  const operation = 'move to its own namespace the link';
  return netns.lend(operation, async ({ fd: netnsFd }) =>
    netns.request(link.add({ index, netnsFd }, 0, { operation, device: index })).then(
      () => true,
      () => false,
    ),
  );
}

/** All names of a device move with it. */
async function explainMove(
  error: NetlinkError,
  { name: before, altNames }: Identity,
  name: string | undefined,
  target: Netns,
): Promise<NetlinkError> {
  const taken = await namesTaken([{ name: name ?? before, netns: target }]);
  if (taken !== '') return error.explained(`${taken} (a new name can be given with the move)`);
  const others = await namesTaken(altNames.map((altName) => ({ name: altName, netns: target })));
  return error.explained(others || 'a name was taken there, and is free again');
}

/** Somebody took the name between our look at it and the move. */
async function comeBack(netns: Netns, { index, name, mac }: Identity, target: Netns): Promise<void> {
  const here = await getLink(netns, index).catch(ignoring('ENODEV'));
  if (here !== undefined) return;
  const operation = `move back to namespace ${netns.toString()} the link`;
  await netns.lend({ operation, device: name }, async ({ fd: netnsFd }) => {
    const there = await getLink(target, name);
    // Whoever took the name may have renamed devices, too: what comes back must be what went.
    if (there.mac !== mac) return;
    await target.request(link.add({ index: there.index, netnsFd }, 0, { operation, device: name }));
  });
}
