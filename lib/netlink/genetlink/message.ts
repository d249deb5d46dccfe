import { type AttributesCodec, headed, type HeadedCodec } from '../attributes';
import { choice, u8 } from '../codec';
import type { Attempt } from '../error';
import { encode, type Message, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from '../message';
import type { Request } from '../object';
import { struct } from '../struct';

/** A family of generic netlink. The kernel gives it a number when the family's module is loaded. */
export interface Family<C extends string = string> {
  readonly name: string;
  readonly version: number;
  /** The commands that are sent. What the kernel answers may be numbered otherwise. */
  readonly commands: Readonly<Record<C, number>>;
  /** What an error says where the kernel does not have the family. */
  readonly missing: string;
}

/** A request to a family. The family's number, which is the type of the message, is put in before the request is sent. */
export interface GenericRequest<T> extends Request<T> {
  readonly family: Family;
  readonly command: number;
}

interface GenericHeader {
  command: string | number;
  version: number;
}

/** The messages of a family that hold these attributes. */
export class GenericMessages<C extends string, A extends object> {
  readonly codec: HeadedCodec<GenericHeader, A>;

  constructor(
    private readonly family: Family<C>,
    private readonly content: AttributesCodec<A>,
  ) {
    // struct genlmsghdr: linux/genetlink.h
    const header = struct([['command', choice(u8, family.commands), 1], ['version', u8, 1], 2]);
    this.codec = headed<GenericHeader, A>(header, content);
  }

  /** A command that is acknowledged. */
  tell(command: C, value: A, attempt: Attempt): GenericRequest<undefined> {
    return { ...this.#request(command, value, attempt), parse: () => undefined };
  }

  /** A command that is answered. */
  ask(command: C, value: A, attempt: Attempt): GenericRequest<A | undefined> {
    const read = (reply: Message) => this.#read(reply);
    return {
      ...this.#request(command, value, attempt),
      replies: true,
      read,
      parse: ([reply]) => (reply === undefined ? undefined : read(reply)),
    };
  }

  /** A command that is answered by a list. */
  list(command: C, value: A, attempt: Attempt): GenericRequest<A[]> {
    const read = (reply: Message) => this.#read(reply);
    return {
      ...this.#request(command, value, attempt, NLM_F_DUMP),
      dump: true,
      replies: true,
      read,
      parse: (replies) => Array.from(replies, read),
    };
  }

  #read({ from, start, end }: Message): A {
    return this.content.read(from, start + this.codec.header.size, end);
  }

  #request(command: C, value: A, attempt: Attempt, flags = NLM_F_ACK): Omit<GenericRequest<never>, 'parse'> {
    const { family, codec } = this;
    const { version } = family;
    return {
      family,
      command: family.commands[command],
      bytes: encode(0, NLM_F_REQUEST | flags, codec, { command, version, ...value }),
      attempt,
      dump: false,
      replies: false,
      codec,
    };
  }
}
