import { NetlinkError } from './netlink/error';

// Handlers for catch() of a request.

/** What a refusal means for one noun, by its code. */
export type Words = Readonly<Partial<Record<string, string>>>;

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

/** The same error with words of ours where the kernel gave a number, or a sentence that says not enough. */
export function explaining(words: Words): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof NetlinkError)) throw error;
    const found = words[error.code];
    throw found === undefined ? error : error.explained(found);
  };
}

/** Nothing went wrong if it was only this. */
export function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof NetlinkError && error.code === code)) throw error;
  };
}

export function rethrow(error: unknown): never {
  throw error;
}
