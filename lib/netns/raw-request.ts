import { checkInteger } from '../common/check';
import {
  checkOptions,
  integerFrom,
  listOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { shown } from '../common/shown';
import { attributes, headed, type RawAttribute } from '../netlink/attributes';
import { bytes } from '../netlink/codec';
import { encode, type Message, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from '../netlink/message';
import { struct } from '../netlink/struct';
import { checkNetns } from './check-netns';
import type { Netns } from './netns';

/** A message of one's own: numbers and bytes as the kernel's headers have them. */
export interface RawRequest {
  /** 18 for RTM_GETLINK: 16 to 65,535. */
  type: number;
  /** NLM_F_CREATE, NLM_F_EXCL and others. NLM_F_REQUEST, NLM_F_ACK and, with `dump`, NLM_F_DUMP are added. */
  flags?: number;
  /** The struct in front of the attributes, in the machine's byte order: 16 bytes of struct ifinfomsg. */
  header: Uint8Array;
  /** The attributes behind it. The content of one with others inside is their bytes. */
  attributes?: readonly RawAttribute[];
  /** Whether all objects are asked for; off by default. */
  dump?: boolean;
}

/** A message that the kernel has answered with. */
export interface RawReply {
  type: number;
  /** NLM_F_MULTI and others. */
  flags: number;
  /** As many bytes as the header of the request has. */
  header: Uint8Array;
  attributes: readonly RawAttribute[];
}

const isBytes: OptionCheck = (value, path) => {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${path}: expected bytes, got ${shown(value)}`);
};

const ATTRIBUTE = optionTable<RawAttribute>({ type: integerFrom(0, 0xffff), data: isBytes }, [
  'type',
  'data',
]);

const OPTIONS = optionTable<RawRequest>(
  {
    // those below are netlink's own
    type: integerFrom(16, 0xffff),
    flags: integerFrom(0, 0xffff),
    header: isBytes,
    attributes: listOf(optionsOf(ATTRIBUTE)),
    dump: trueOrFalse,
  },
  ['type', 'header'],
);

/**
 * Sends a message of rtnetlink(7) for which there is no function here, and returns what the kernel answers. The kernel's
 * acknowledgement is no answer: without it the call rejects. The message leaves together with those of other calls, and nothing in it is
 * checked or made up: it is for whoever knows the kernel's headers.
 *
 * @throws {@link NetlinkError} with the kernel's error and its sentence. DumpInterruptedError where objects changed again and again while
 * they were listed.
 * @see rtnetlink(7), netlink(7)
 * @example
 * ```ts
 * const header = new Uint8Array(16); // struct ifinfomsg
 * const links = await requestRaw(red, { type: 18, header, dump: true }); // RTM_GETLINK
 * const names = links.map(({ attributes }) => attributes.find(({ type }) => type === 3)); // IFLA_IFNAME
 * console.log(Buffer.from(names[0]?.data ?? []).toString('latin1', 0, 2)); // lo
 * ```
 */
export async function requestRaw(netns: Netns, request: RawRequest): Promise<RawReply[]> {
  checkNetns(netns);
  checkOptions(request, OPTIONS, { whole: 'request' });
  const { type, flags = 0, header, attributes: content = [], dump = false } = request;
  const { length } = header;
  checkInteger('header.length', length, 1, 0xffff);
  const codec = headed(struct([['header', bytes, length]]), attributes({}));
  const read = (message: Message): RawReply => {
    const { header: struct, unknown = [] } = codec.read(message.from, message.start, message.end);
    return { type: message.type, flags: message.flags, header: struct, attributes: unknown };
  };
  const own = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
  return netns.request({
    bytes: encode(type, flags | own, codec, { header, unknown: content }),
    attempt: { operation: `send a message of type ${type}` },
    dump,
    replies: true,
    codec,
    read,
    parse: (replies) => Array.from(replies, read),
  });
}
