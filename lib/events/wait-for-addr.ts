import { canonicalIp } from '../common/ip-text';
import { listAddrs } from '../addresses/addresses';
import type { Addr } from '../addresses/addr-view';
import { ignoring } from '../netlink/error';
import { checkDevice, parsePrefix } from '../common/check';
import type { Device } from '../netns/device';
import { NetnsError } from '../netns/netns-error';
import { getLink } from '../links/links';
import { checkOptions } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { address } from '../netlink/rtnetlink/address';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { link } from '../netlink/rtnetlink/link';
import { waitFor, WAIT_OPTIONS, type WaitOptions } from './wait';

/** How long it is waited. */
export type WaitForAddrOptions = WaitOptions;

/**
 * Resolves as soon as a device has an address that can be used. An IPv6 address can be used when duplicate address
 * detection (RFC 4862) has found nobody else with it, or when it was added without. Neither the address nor the device
 * has to be there yet. '10.0.1.1' stands for the address with any prefix length.
 *
 * @returns the address as it was then.
 * @throws {@link NetnsError} ERR_DAD_FAILED where somebody else has the address; ETIMEDOUT, whose message has what was
 * missing; ERR_NETNS_CLOSED where the handle is closed meanwhile; the signal's reason; TypeError or RangeError for an
 * argument that cannot be.
 * @see rtnetlink(7) RTM_NEWADDR
 * @example
 * ```ts
 * await addAddr(red, 'eth0', 'fd00::1/64', { dad: true });
 * const { flags } = await waitForAddr(red, 'eth0', 'fd00::1', { timeout: 5000 }); // nobody else has it
 * console.log(flags.includes('tentative')); // false
 * ```
 */
export async function waitForAddr(
  netns: Netns,
  device: Device,
  addr: string,
  options: WaitForAddrOptions = {},
): Promise<Addr> {
  checkNetns(netns);
  checkDevice(device);
  const wanted = parsePrefix(addr, 'address', { bare: true });
  checkOptions(options, WAIT_OPTIONS);
  const own = canonicalIp(wanted.address);
  const length = addr.includes('/') ? wanted.length : undefined;
  const operation = `wait for address ${addr} of link ${device} in namespace`;
  return waitFor(
    netns,
    {
      operation,
      groups: [GROUPS.link, wanted.family === 4 ? GROUPS.addr4 : GROUPS.addr6],
      // Any message about an address or a link counts, because addresses are few and names of devices may change.
      concerns: ({ type }) =>
        type === address.verbs.add || type === address.verbs.remove || type === link.verbs.add,
      async look() {
        const index = typeof device === 'number' ? device : (await findLink(netns, device))?.index;
        if (index === undefined) return { instead: 'there is no such device' };
        const { family } = wanted;
        const all = (await listAddrs(netns, { device: index, family }).catch(ignoring('ENODEV'))) ?? [];
        const found = all.find((one) => {
          const [text = '', bits] = one.addr.split('/');
          return text === own && (length === undefined || Number(bits) === length);
        });
        if (found === undefined) return { instead: 'the device does not have it' };
        if (found.flags.includes('dadfailed')) throw duplicate(operation, netns);
        return found.flags.includes('tentative')
          ? { instead: 'it is tentative: duplicate address detection is under way, or waits for a carrier' }
          : { found };
      },
    },
    options,
  );
}

async function findLink(netns: Netns, device: Device) {
  return getLink(netns, device).catch(ignoring('ENODEV'));
}

function duplicate(operation: string, netns: Netns): NetnsError {
  return new NetnsError({
    code: 'ERR_DAD_FAILED',
    operation,
    netns: netns.toString(),
    reason: 'somebody else on the link has it (duplicate address detection failed)',
  });
}
