import { checkDevice } from '../common/check';
import { ipFamily } from '../common/ip-text';
import { shown } from '../common/shown';
import type { Device } from './device';

// A zone is the device of a link-local address: 'fe80::1%eth0'. node's own isIP takes only zones of ASCII letters, digits,
// '-', '.' and ':', but a device may be called by any name. Wherever an address may have a zone, the zone is checked and
// refused here, under the name of the address's option: 'via: zone'.

/** The parts of an address at its first '%': of 'fe80::1%eth0', 'fe80::1' and 'eth0'. A zone of digits alone is an index. */
export function splitZone(address: string): { bare: string; zone: Device | undefined } {
  const at = address.indexOf('%');
  if (at === -1) return { bare: address, zone: undefined };
  const zone = address.slice(at + 1);
  return { bare: address.slice(0, at), zone: /^\d+$/.test(zone) ? Number(zone) : zone };
}

/** Whether it is an address, alone or with a zone that a device may be called. */
export function isAddress(text: string): boolean {
  try {
    checkZone(text, 'address');
  } catch {
    return false;
  }
  const { bare, zone } = splitZone(text);
  const family = ipFamily(bare);
  return zone === undefined ? family !== undefined : family === 6;
}

/**
 * Refuses an IPv6 address whose zone no device may be called.
 *
 * @throws RangeError that names the option.
 */
export function checkZone(text: string, option: string): void {
  const { bare, zone } = splitZone(text);
  if (zone !== undefined && ipFamily(bare) === 6) checkDevice(zone, `${option}: zone`);
}

const LINK_LOCAL = /^fe[89ab][0-9a-f]:/i;

/** @internal Whether it is an address that each link may have. */
export function isLinkLocal(address: unknown): address is string {
  return typeof address === 'string' && LINK_LOCAL.test(address);
}

/**
 * @internal Splits 'fe80::1%eth0' into the address and its device, which may be given beside it as well. Anything else is
 * returned as it is.
 *
 * @throws RangeError that names the option.
 */
export function withoutZone<A>(
  address: A,
  device: Device | undefined,
  option: string,
): { address: A | string; device: Device | undefined } {
  if (!isLinkLocal(address)) return { address, device };
  const { bare, zone } = splitZone(address);
  if (zone === undefined) return { address, device };
  checkDevice(zone, `${option}: zone`);
  if (device !== undefined && device !== zone) {
    throw new RangeError(
      `${option}: the zone and the option 'device' differ, got ${shown(address)} and ${shown(device)}`,
    );
  }
  return { address: bare, device: zone };
}
