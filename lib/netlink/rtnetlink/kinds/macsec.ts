import { defined } from '../../../common/objects';
import { integerFrom, oneOf, type OptionCheck, trueOrFalse } from '../../../common/options';
import { refuse } from '../../../common/refuse';
import { attributes } from '../../attributes';
import { be16, bool8, bytes, choice, u32, u8, type ValueOf } from '../../codec';
import { LITTLE } from '../../bytes';
import type { LinkKind } from './link-kind';
import { U32 } from './tunnel';

/** linux/if_link.h, enum macsec_validation_type */
const VALIDATIONS = {
  disabled: 0, // MACSEC_VALIDATE_DISABLED
  check: 1, // MACSEC_VALIDATE_CHECK
  strict: 2, // MACSEC_VALIDATE_STRICT
} as const;

/** linux/if_link.h, enum macsec_offload */
const OFFLOADS = {
  off: 0, // MACSEC_OFFLOAD_OFF
  phy: 1, // MACSEC_OFFLOAD_PHY
  mac: 2, // MACSEC_OFFLOAD_MAC
} as const;

/** linux/if_macsec.h. These numbers of 64 bits are no numbers of JavaScript. The kernel has two for the first. */
const CIPHER_IDS = {
  '0080020001000001': 'gcm-aes-128', // MACSEC_DEFAULT_CIPHER_ID
  '0080c20001000001': 'gcm-aes-128', // MACSEC_CIPHER_ID_GCM_AES_128
  '0080c20001000002': 'gcm-aes-256', // MACSEC_CIPHER_ID_GCM_AES_256
  '0080c20001000003': 'gcm-aes-xpn-128', // MACSEC_CIPHER_ID_GCM_AES_XPN_128
  '0080c20001000004': 'gcm-aes-xpn-256', // MACSEC_CIPHER_ID_GCM_AES_XPN_256
} as const;

/**
 * A cipher of MACsec.
 *
 * @useDeclaredType
 */
export type MacsecCipher = (typeof CIPHER_IDS)[keyof typeof CIPHER_IDS];

const table = attributes({
  sci: [1, bytes], // IFLA_MACSEC_SCI
  port: [2, be16], // IFLA_MACSEC_PORT
  icvLength: [3, u8], // IFLA_MACSEC_ICV_LEN
  cipher: [4, bytes], // IFLA_MACSEC_CIPHER_SUITE
  window: [5, u32], // IFLA_MACSEC_WINDOW
  encodingSa: [6, u8], // IFLA_MACSEC_ENCODING_SA
  encrypt: [7, bool8], // IFLA_MACSEC_ENCRYPT
  protect: [8, bool8], // IFLA_MACSEC_PROTECT
  includeSci: [9, bool8], // IFLA_MACSEC_INC_SCI
  endStation: [10, bool8], // IFLA_MACSEC_ES
  singleCopyBroadcast: [11, bool8], // IFLA_MACSEC_SCB
  replayProtect: [12, bool8], // IFLA_MACSEC_REPLAY_PROTECT
  validate: [13, choice(u8, VALIDATIONS)], // IFLA_MACSEC_VALIDATION
  offload: [15, choice(u8, OFFLOADS)], // IFLA_MACSEC_OFFLOAD
});

/** Ethernet whose frames are encrypted and signed from machine to machine (IEEE 802.1AE). Its keys are set over generic netlink. */
export interface MacsecOptions {
  /** The device below. */
  link: string | number;
  /** The identifier of the secure channel, 16 hexadecimal digits; the MAC address and `port` by default. */
  sci?: string;
  /** The last two bytes of the identifier; 1 by default. */
  port?: number;
  /** Bytes of a frame's signature, 8 to 16 (the default). */
  icvLength?: number;
  /** 'gcm-aes-128' by default. */
  cipher?: MacsecCipher;
  /** How many frames may come late; it wants `replayProtect`. */
  window?: number;
  /** Which of the four keys encrypts; 0 by default. */
  encodingSa?: number;
  /** Whether frames are encrypted; otherwise they are only signed, the default. */
  encrypt?: boolean;
  /** Whether frames are signed; on by default. */
  protect?: boolean;
  /** Whether frames name the channel; on by default. */
  includeSci?: boolean;
  /** Whether the MAC address names the channel; off by default. */
  endStation?: boolean;
  /** Whether a frame is one of a broadcast to all; off by default. */
  singleCopyBroadcast?: boolean;
  /** Whether frames that come twice are dropped; off by default. */
  replayProtect?: boolean;
  /** Whether frames with a wrong signature are dropped: 'strict' (the default), 'check' counts them, 'disabled' takes them. */
  validate?: keyof typeof VALIDATIONS | number;
  /** Whether hardware encrypts; 'off' by default. */
  offload?: keyof typeof OFFLOADS | number;
}

/** What the kernel reports of a macsec device: its options but `link`, which all links have, and `port`, which is in `sci`. */
export type MacsecInfo = Partial<Omit<MacsecOptions, 'link' | 'port' | 'cipher'>> & {
  /** One that has no name here is its number in hexadecimal digits. */
  cipher?: string;
};

const isSci: OptionCheck = (value, path) => {
  if (typeof value !== 'string' || !/^[0-9a-f]{16}$/i.test(value))
    refuse(path, 'expected 16 hexadecimal digits', value);
};

/** A number of 64 bits in the machine's order, and its hexadecimal digits. */
function machineOrder(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  return LITTLE ? copy.reverse() : copy;
}

function cipherBytes(cipher: MacsecCipher | undefined): Buffer | undefined {
  const [id] = Object.entries(CIPHER_IDS).find(([, name]) => name === cipher) ?? [];
  return id === undefined ? undefined : machineOrder(Buffer.from(id, 'hex'));
}

function cipherName(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const id = machineOrder(bytes).toString('hex');
  return Object.hasOwn(CIPHER_IDS, id) ? CIPHER_IDS[id as keyof typeof CIPHER_IDS] : id;
}

export const macsec: LinkKind<MacsecOptions, ValueOf<typeof table>, MacsecInfo> = {
  table,
  options: {
    sci: isSci,
    port: integerFrom(1, 0xffff),
    icvLength: integerFrom(8, 16),
    cipher: oneOf(Object.values(CIPHER_IDS)),
    window: U32,
    encodingSa: integerFrom(0, 3),
    encrypt: trueOrFalse,
    protect: trueOrFalse,
    includeSci: trueOrFalse,
    endStation: trueOrFalse,
    singleCopyBroadcast: trueOrFalse,
    replayProtect: trueOrFalse,
    validate: oneOf(Object.keys(VALIDATIONS), { number: true }),
    offload: oneOf(Object.keys(OFFLOADS), { number: true }),
  },
  required: ['link'],
  creationOnly: ['sci', 'port', 'icvLength', 'cipher'],
  toData: ({ sci, cipher, ...rest }) =>
    defined({
      ...rest,
      sci: sci === undefined ? undefined : Buffer.from(sci, 'hex'),
      cipher: cipherBytes(cipher),
    }),
  toView: ({ sci, cipher, ...rest }) =>
    defined({
      ...rest,
      sci: sci === undefined ? undefined : Buffer.from(sci).toString('hex'),
      cipher: cipherName(cipher),
    }),
};
