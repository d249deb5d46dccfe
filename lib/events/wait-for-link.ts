import { carrierIsUnseen } from '../links/carrier';
import { ignoring } from '../netlink/error';
import { checkDevice } from '../common/check';
import type { Device } from '../netns/device';
import type { Link } from '../links/link-view';
import { getLink } from '../links/links';
import { checkOptions, oneOf, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { portState } from '../netlink/rtnetlink/kinds/bridge-port';
import { link } from '../netlink/rtnetlink/link';
import { waitFor, WAIT_OPTIONS, type WaitOptions } from './wait';

/** What a bridge lets pass by a port: see IEEE 802.1D. */
export type BridgePortState = 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';

const linkNames = link.reading('name', 'altNames');

/** What the link has to be. Without any of these, it is enough that the link is there. */
export interface WaitForLinkOptions extends WaitOptions {
  /** Administratively up, or down. */
  up?: boolean;
  /**
   * Whether the link has a carrier: for a veth, whether both ends are up. With true, the wait goes on until the kernel
   * has noticed the carrier (operState), because the kernel drops packets until then, for a while on a busy machine.
   */
  carrier?: boolean;
  /** The state of the link as the port of a bridge: packets pass in the state 'forwarding' (IEEE 802.1D). */
  bridgePortState?: BridgePortState;
}

const OPTIONS = optionTable<WaitForLinkOptions>({
  ...WAIT_OPTIONS,
  up: trueOrFalse,
  carrier: trueOrFalse,
  bridgePortState: oneOf(Object.keys((portState.shape as { names: object }).names)),
});

/**
 * Resolves as soon as a link is there and has what the options ask for: at once where it has that already. A link that is
 * deleted meanwhile may come back. `waitForLink` looks again when the kernel sends an event about the link, never by a
 * clock; a state that does not last long enough to be seen is missed.
 *
 * @returns the link as it was then.
 * @throws {@link NetnsError} ETIMEDOUT, whose message has what was missing; ERR_NETNS_CLOSED where the handle is closed
 * meanwhile; the signal's reason; TypeError or RangeError for an argument that cannot be.
 * @see rtnetlink(7) RTM_NEWLINK
 * @example
 * ```ts
 * await setLink(blue, 'eth0', { up: false });
 * const { up, carrier } = await waitForLink(red, 'eth0', { carrier: false, timeout: 5000 });
 * console.log(up, carrier); // true false
 * ```
 */
export async function waitForLink(
  netns: Netns,
  device: Device,
  options: WaitForLinkOptions = {},
): Promise<Link> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, OPTIONS);
  let index = typeof device === 'number' ? device : undefined;
  return waitFor(
    netns,
    {
      operation: `wait for link ${device} in namespace`,
      groups: [GROUPS.link],
      concerns(message) {
        const { index: number, name, altNames = [] } = linkNames.read(message);
        return number === index || name === device || altNames.some(isDevice);
      },
      async look() {
        const found = await getLink(netns, device).catch(ignoring('ENODEV'));
        index = found?.index ?? index;
        const instead = missing(found, options);
        return found !== undefined && instead === undefined ? { found } : { instead: instead ?? '' };
      },
    },
    options,
  );

  function isDevice(name: string): boolean {
    return name === device;
  }
}

function missing(
  found: Link | undefined,
  { up, carrier, bridgePortState }: WaitForLinkOptions,
): string | undefined {
  if (found === undefined) return 'it is not there';
  if (up !== undefined && found.up !== up) return `it is ${found.up ? 'up' : 'down'}`;
  if (carrier !== undefined && found.carrier !== carrier)
    return `it has ${found.carrier === true ? 'a' : 'no'} carrier`;
  if (carrier === true && carrierIsUnseen(found)) return 'the kernel has not seen its carrier yet';
  if (bridgePortState === undefined || found.port?.state === bridgePortState) return undefined;
  return found.port === undefined ? 'it is no port of a bridge' : `its port is ${String(found.port.state)}`;
}
