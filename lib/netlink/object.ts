import type { HeadedCodec, NameOf } from './attributes';
import type { Bytes } from './bytes';
import type { Attempt } from './error';
import {
  encode,
  type Message,
  NLM_F_ACK,
  NLM_F_BULK,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLM_F_REQUEST,
  type Replies,
} from './message';

/** A request is plain data, with the reader of its replies beside it. */
export interface Request<T> {
  readonly bytes: Buffer;
  readonly attempt: Attempt;
  /** A dump goes out alone; its replies end with NLMSG_DONE instead of an acknowledgement. */
  readonly dump: boolean;
  /** Whether replies beside the acknowledgement are expected: they take room in the socket's buffer. */
  readonly replies: boolean;
  /** Lays out the request's content, to find the option at fault. */
  readonly codec: HeadedCodec<unknown, object>;
  /** What one reply holds for this request. */
  readonly read?: (reply: Message) => unknown;
  parse(replies: Replies): T;
}

/** Message types of one kind of object: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK. */
export interface Verbs {
  readonly add: number;
  readonly remove: number;
  readonly get: number;
}

/** Reads a value from a message's content. */
type Read<T> = (from: Bytes, start: number, end: number) => T;

/**
 * The requests for one kind of kernel object, whose replies are read as `R`. `flags` are those besides the ones that the
 * kind of request implies.
 */
export class ObjectRequests<H, A extends object, R> {
  constructor(
    readonly verbs: Verbs,
    readonly codec: HeadedCodec<H, A>,
    private readonly readContent: Read<R>,
  ) {}

  /** Create or change. */
  add(value: Partial<H> & A, flags: number, attempt: Attempt): Request<undefined> {
    return { ...this.#request(this.verbs.add, flags | NLM_F_ACK, value, attempt), parse: () => undefined };
  }

  /** Create, and read the kernel's echo of the new object. The kernel echoes links since 6.2 (NLM_F_ECHO). */
  addEcho(value: Partial<H> & A, flags: number, attempt: Attempt): Request<R | undefined> {
    return this.#replied(this.verbs.add, flags | NLM_F_ACK | NLM_F_ECHO, value, attempt);
  }

  remove(value: Partial<H> & A, attempt: Attempt): Request<undefined> {
    return { ...this.#request(this.verbs.remove, NLM_F_ACK, value, attempt), parse: () => undefined };
  }

  /** Remove, and read the first of the kernel's echoes of what was removed, if anything was. The kernel echoes filters. */
  removeEcho(value: Partial<H> & A, attempt: Attempt): Request<R | undefined> {
    return this.#replied(this.verbs.remove, NLM_F_ACK | NLM_F_ECHO, value, attempt);
  }

  /** Remove all that a filter chooses (NLM_F_BULK). The kernel knows it since 5.19, of some objects later. */
  removeAll(filter: Partial<H> & A, attempt: Attempt): Request<undefined> {
    const request = this.#request(this.verbs.remove, NLM_F_ACK | NLM_F_BULK, filter, attempt);
    return { ...request, parse: () => undefined };
  }

  get(value: Partial<H> & A, attempt: Attempt): Request<R | undefined> {
    return this.#replied(this.verbs.get, NLM_F_ACK, value, attempt);
  }

  dump(filter: Partial<H> & A, attempt: Attempt): Request<R[]> {
    return this.list(filter, attempt, (found) => found);
  }

  /** A dump of which each reply is taken as it is read; undefined leaves it out. No reply is kept meanwhile. */
  list<T>(filter: Partial<H> & A, attempt: Attempt, take: (found: R) => T | undefined): Request<T[]> {
    const { readContent } = this;
    return {
      ...this.#request(this.verbs.get, NLM_F_DUMP, filter, attempt),
      dump: true,
      replies: true,
      read: (reply) => this.read(reply),
      parse: (replies) => {
        const taken: T[] = [];
        replies.forEach(({ from, start, end }) => {
          const item = take(readContent(from, start, end));
          if (item !== undefined) taken.push(item);
        });
        return taken;
      },
    };
  }

  read({ from, start, end }: Message): R {
    return this.readContent(from, start, end);
  }

  #replied(type: number, flags: number, value: Partial<H> & A, attempt: Attempt): Request<R | undefined> {
    const read = (reply: Message) => this.read(reply);
    return {
      ...this.#request(type, flags, value, attempt),
      replies: true,
      read,
      parse: ([reply]) => (reply === undefined ? undefined : read(reply)),
    };
  }

  #request(
    type: number,
    flags: number,
    value: Partial<H> & A,
    attempt: Attempt,
  ): Omit<Request<never>, 'parse'> {
    return {
      bytes: encode(type, flags | NLM_F_REQUEST, this.codec, value),
      attempt,
      dump: false,
      replies: false,
      codec: this.codec,
    };
  }
}

/** Requests whose replies are of use only until the next is read. */
export type ListRequests<H, A extends object, R> = Pick<ObjectRequests<H, A, R>, 'list' | 'read'>;

/** One kind of kernel object, as its table has it. Its replies are read whole, with what the table does not know. */
export class NetlinkObject<H, A extends object> extends ObjectRequests<H, A, H & A> {
  constructor(verbs: Verbs, codec: HeadedCodec<H, A>) {
    super(verbs, codec, (from, start, end) => codec.read(from, start, end));
  }

  /** The same requests for somebody who reads only the header and these attributes: to be made once. */
  reading<N extends NameOf<A>>(...names: readonly N[]): ObjectRequests<H, A, H & Pick<A, N>> {
    return new ObjectRequests(this.verbs, this.codec, this.codec.reader(names));
  }

  /** For long lists, whose replies are taken one by one: see {@link HeadedCodec.viewer}. */
  viewing<N extends NameOf<A>>(...names: readonly N[]): ListRequests<H, A, H & Pick<A, N>> {
    return new ObjectRequests(this.verbs, this.codec, this.codec.viewer(names));
  }
}
