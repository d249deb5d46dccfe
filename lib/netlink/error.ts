import { errnoName } from '../addon/errno';
import { GET_CAPABILITY } from '../common/wants';
import { errorText, type Words } from '../common/error-text';
import { hasNetAdmin } from '../common/own-capabilities';

export type { Words };

/** What was attempted, for the message of an error. */
export interface Attempt {
  /** 'create link', 'add address' */
  operation: string;
  /** The device it was about, by name or index. */
  device?: string | number | undefined;
  /** What a refusal means here, by its code, where the kernel's number is not clear enough. */
  words?: Words;
  /** What it means by a part of the kernel's own sentence, which comes before `words`; '' where the sentence says it all. */
  sentences?: Words;
  /** What it may mean, by its code, where the kernel gave no sentence. */
  guesses?: Words;
  /** What the caller calls the attributes whose names are others: { gateway: 'via' }. */
  called?: Readonly<Partial<Record<string, string>>>;
}

export interface NetlinkErrorDetails extends Attempt {
  errno: number;
  /** The namespace, as its handle calls it. */
  netns: string;
  sentence?: string | undefined;
  option?: string | undefined;
}

const NO_CAPABILITY = 'CAP_NET_ADMIN is missing in the user namespace that owns this network namespace';

/** What EPERM means, of the kernel's own check of a request or of a socket's options. */
export const NO_NET_ADMIN = `${NO_CAPABILITY}: ${GET_CAPABILITY}`;

/** The same of a thread that has the capability in its own user namespace. */
const NOT_PERMITTED = `the kernel does not allow it in this state, or ${NO_CAPABILITY}`;

const WORDS: Words = {
  ECANCELED: 'a thread of this library was killed, as by a seccomp filter: it may have been done by then',
  ENOBUFS: 'the answer was lost, but the request may have been carried out: read back before you repeat it',
};

/** Drivers answer with EPERM, too, where a device's state forbids something. */
function meaning(
  code: string,
  { words, sentences = {}, guesses, sentence }: NetlinkErrorDetails,
): string | undefined {
  const said = Object.entries(sentences).find(([part]) => sentence?.includes(part));
  if (said !== undefined) return said[1];
  const own = words?.[code] ?? (sentence === undefined ? guesses?.[code] : undefined);
  if (code !== 'EPERM') return own ?? WORDS[code];
  // the kernel's check of the capability gives no sentence (6.18)
  if (sentence !== undefined) return own;
  return hasNetAdmin() === true ? (own ?? NOT_PERMITTED) : NO_NET_ADMIN;
}

/** The kernel refused a netlink request, or what is asked by ioctl(2), because netlink has no message for it. */
export class NetlinkError extends Error {
  // node prints it where an error is not caught, and a bundler renames a class that refers to itself
  static override readonly name: string = 'NetlinkError';
  override readonly name: string = 'NetlinkError';
  /** 'EEXIST' */
  readonly code: string;
  /** 17 */
  readonly errno: number;
  /** What was attempted: 'add address 10.0.0.1/24 to'. */
  readonly operation: string;
  /** The device that it was about, by name or index. */
  readonly device: string | number | undefined;
  /** The namespace: its name, or 'net:[4026532178]'. */
  readonly netns: string;
  /** The kernel's own sentence (NETLINK_EXT_ACK), where it gave one. */
  readonly extack: string | undefined;
  /** The option at fault, where the kernel pointed at it: 'peer.mtu'. */
  readonly option: string | undefined;
  /**
   * Where something could not be taken back that was made before the failure: an error for each step, which names what is
   * left.
   */
  declare readonly rollbackErrors?: readonly unknown[];

  readonly #details: NetlinkErrorDetails;

  /** @hidden */
  constructor(details: NetlinkErrorDetails, explanation?: string, options?: ErrorOptions) {
    const { operation, device, netns, sentence } = details;
    const code = errnoName(details.errno);
    const text = errorText({
      code,
      attempted: [operation, device, 'in namespace', netns],
      sentence,
      option: details.option === undefined ? undefined : `option '${details.option}'`,
      explanation: explanation ?? meaning(code, details),
    });
    super(text, options);
    this.code = code;
    this.errno = details.errno;
    this.operation = details.operation;
    this.device = details.device;
    this.netns = details.netns;
    this.extack = details.sentence;
    this.option = details.option;
    this.#details = details;
  }

  /** @internal The same error in more words. */
  explained(explanation: string): NetlinkError {
    return new NetlinkError(this.#details, explanation, { cause: this });
  }
}

/** A dump that changed under the kernel's hands: each time it was repeated, or where a part had been handed over. */
export class DumpInterruptedError extends NetlinkError {
  override readonly name = 'DumpInterruptedError';

  /** @hidden */
  constructor(
    details: NetlinkErrorDetails,
    /** What the last attempt read: each item was true when it was read, but some may be missing or twice. */
    readonly partial: readonly unknown[],
    explanation = 'what is listed changed during each of several attempts',
  ) {
    super(details, explanation);
  }
}

/** Takes an error with this code for a success. */
export function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof NetlinkError && error.code === code)) throw error;
  };
}
