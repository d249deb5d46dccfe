import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { KEY_SIZE } from './codecs';

/** The two keys of a device of WireGuard: 32 bytes each, in base64. */
export interface WireguardKeys {
  /** For the device alone. */
  privateKey: string;
  /** For its peers. */
  publicKey: string;
}

/** 32 bytes in base64: of the last digit but one, two bits are not used, and have to be 0. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const isKey = (value: unknown) => typeof value === 'string' && KEY.test(value);

/** A key. What was given is not in the error, because it may be most of a secret. */
export function checkKey(value: unknown, option: string): asserts value is string {
  if (isKey(value)) return;
  const message = `${option}: expected a key, which is 32 bytes in base64, as wg genkey(8) prints it`;
  throw typeof value === 'string' ? new RangeError(message) : new TypeError(message);
}

/** A key, or '' for none. */
export function checkKeyOrNone(value: unknown, option: string): asserts value is string {
  if (value !== '') checkKey(value, option);
}

/** The beginning of a private key of X25519 in DER (RFC 8410), in front of its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * Makes the keys of a device, as `wg genkey` and `wg pubkey` do. A preshared key is any 32 bytes:
 * `randomBytes(32).toString('base64')`.
 *
 * @see wg(8), `wg genkey`; RFC 7748
 * @example
 * ```ts
 * const { privateKey, publicKey } = generateWireguardKeys();
 * console.log(privateKey.length, publicKey.length); // 44 44
 * ```
 */
export function generateWireguardKeys(): WireguardKeys {
  const bytes = randomBytes(KEY_SIZE);
  // RFC 7748, section 5: the kernel clamps a private key as well, so the key is read back as it is here
  bytes.writeUInt8(bytes.readUInt8(0) & 0xf8, 0);
  bytes.writeUInt8((bytes.readUInt8(KEY_SIZE - 1) & 0x7f) | 0x40, KEY_SIZE - 1);
  const privateKey = bytes.toString('base64');
  return { privateKey, publicKey: wireguardPublicKey(privateKey) };
}

/**
 * The public key of a private one, as `wg pubkey` prints it.
 *
 * @throws RangeError for what is no key.
 * @see wg(8), `wg pubkey`
 * @example
 * ```ts
 * const { privateKey, publicKey } = generateWireguardKeys();
 * console.log(wireguardPublicKey(privateKey) === publicKey); // true
 * ```
 */
export function wireguardPublicKey(privateKey: string): string {
  checkKey(privateKey, 'privateKey');
  const der = Buffer.concat([PKCS8, Buffer.from(privateKey, 'base64')]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return key.export({ format: 'der', type: 'spki' }).subarray(-KEY_SIZE).toString('base64');
}
