import { isSystemError } from './netns/netns-error';
import { NetlinkError, type Words } from './netlink/error';

// What refusals mean, for the attempt of a request; handlers for catch() of one.

export const NO_DEVICE: Words = { ENODEV: 'there is no such device' };

/** Of requests that set what every device has. */
export const LINK_WORDS: Words = {
  ...NO_DEVICE,
  EADDRNOTAVAIL: 'the device does not take this MAC address: it has to be a unicast one, and not zero',
};

/** Of requests that name a master. */
export const MASTER_WORDS: Words = {
  EOPNOTSUPP: 'the master is no bridge, bond or VRF',
  EXFULL: 'a bridge has no more than 1,023 ports',
};

/** Nothing went wrong if it was only this. */
export function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof NetlinkError && error.code === code)) throw error;
  };
}

/** The same of what node's fs and the addon refuse. */
export function ignoringSystem(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!(isSystemError(error) && error.code === code)) throw error;
  };
}

export function rethrow(error: unknown): never {
  throw error;
}
