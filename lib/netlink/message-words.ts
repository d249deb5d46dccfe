import { printable } from '../common/printable';
import { Bytes } from './bytes';
import { NLA_TYPE_MASK } from './attribute-reader';
import { bytes, type Codec } from './codec';
import { errnoName } from '../addon/errno';
import {
  type Message,
  messages,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  readAcknowledgement,
} from './message';
import { type MessageType, type Protocol, protocolOf, typeOfMessage } from './message-types';
import { pathAt } from './option-path';
import type { RawAttribute } from './rows';
import { Secret } from './secret';
import type { Reply } from '../addon/native';

// Messages in words, for people who follow what goes over the sockets: '→ RTM_NEWADDR seq 3 CREATE|EXCL {index: 2}'.

/** A message that is sent: its bytes, and how its content lies. */
export interface SentMessage {
  readonly bytes: Buffer;
  readonly codec: Codec<unknown>;
  /** What is read of a reply; all of it where this is missing. */
  readonly read?: (reply: Message) => unknown;
  /** Of generic netlink, whose messages have the number of their family, which is another one on each machine. */
  readonly family?: { readonly name: string };
}

type Flags = Readonly<Record<string, number>>;

const ADD_FLAGS: Flags = {
  CREATE: NLM_F_CREATE,
  EXCL: NLM_F_EXCL,
  REPLACE: NLM_F_REPLACE,
  APPEND: NLM_F_APPEND,
};

/** The same bits mean something else with each verb. REQUEST, ACK and MULTI are left out: all messages have them. */
const FLAGS: Readonly<Record<MessageType['verb'], Flags>> = {
  add: { ...ADD_FLAGS, ECHO: NLM_F_ECHO, INTERRUPTED: NLM_F_DUMP_INTR },
  get: { DUMP: NLM_F_DUMP },
  remove: { ECHO: NLM_F_ECHO },
  destroy: { ECHO: NLM_F_ECHO },
};

/** '→ RTM_NEWADDR seq 3 CREATE|EXCL {index: 2, local: '10.0.0.1'} in red' */
export function sentWords(sent: SentMessage, netns: string): string {
  const [message] = messages(new Bytes(sent.bytes));
  if (message === undefined) return `→ nothing in ${plain(netns)}`;
  return `→ ${messageWords(message, typeOfSent(message, sent))} in ${plain(netns)}`;
}

/** 'RTM_NEWADDR' */
export function sentType(sent: SentMessage): string {
  const [message] = messages(new Bytes(sent.bytes));
  return message === undefined ? '' : typeOfSent(message, sent).name;
}

function typeOfSent(message: Message, { codec, family }: SentMessage): MessageType {
  if (family !== undefined) return { name: family.name, verb: 'get', codec };
  return { ...typeOfMessage(protocolOf(codec), message), codec };
}

/** Of what was received: an answer of generic netlink has the family of its request. */
function typeOfReceived(
  message: Message,
  protocol: Protocol | undefined,
  request?: SentMessage,
): MessageType {
  if (request?.family !== undefined) return typeOfSent(message, request);
  return typeOfMessage(protocol, message);
}

/** '← ack seq 3 in red', '← EEXIST seq 3 in red', or the message itself. `request` is what it answers, if anything. */
export function receivedWords(
  message: Message,
  protocol: Protocol | undefined,
  netns: string,
  request?: SentMessage,
): string {
  const isEnd = message.type === NLMSG_ERROR || message.type === NLMSG_DONE;
  const text = isEnd
    ? orMalformed(() => endWords(message, request))
    : messageWords(message, typeOfReceived(message, protocol, request), request?.read);
  return `← ${text} in ${plain(netns)}`;
}

/** What a message holds, for programs. */
export function received(message: Message, protocol: Protocol): { type: string; content: unknown } {
  const { name, codec } = typeOfMessage(protocol, message);
  try {
    return { type: name, content: contentOf(message, codec) };
  } catch {
    return { type: name, content: bytes.read(message.from, message.start, message.end) };
  }
}

/** A line for each message that came back for these, of which the first had this number. */
export function replyWords(
  netns: string,
  sent: readonly SentMessage[],
  { bytes, errno }: Reply,
  first: number,
): string[] {
  const protocol = sent[0] && protocolOf(sent[0].codec);
  const lines: string[] = [];
  const failure = orMalformed(() => {
    for (const message of messages(new Bytes(bytes))) {
      lines.push(receivedWords(message, protocol, netns, sent[(message.sequence - first) >>> 0]));
    }
    return errno === 0 ? '' : `${errnoName(errno)}: there may be more`;
  });
  return failure === '' ? lines : [...lines, `← ${failure} in ${plain(netns)}`];
}

/** Of an acknowledgement, or of the end of a dump. */
function endWords(message: Message, request: SentMessage | undefined): string {
  const { errno, sentence, offset } = readAcknowledgement(message);
  const success = message.type === NLMSG_DONE ? 'done' : 'ack';
  const parts = [
    errno === 0 ? success : errnoName(errno),
    `seq ${message.sequence}`,
    (message.flags & NLM_F_DUMP_INTR) === 0 ? '' : 'INTERRUPTED',
    sentence === undefined ? '' : quoted(sentence),
    culprit(request, offset),
  ];
  return joined(parts);
}

function orMalformed(make: () => string): string {
  try {
    return make();
  } catch (error) {
    return `(malformed: ${(error as Error).message})`;
  }
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** Where in the request the attribute at fault lies. */
function culprit(request: SentMessage | undefined, offset: number | undefined): string {
  if (request === undefined || offset === undefined) return '';
  const { bytes, codec } = request;
  const path = pathAt(codec, new Bytes(bytes), NLMSG_HDRLEN, bytes.length, offset);
  return path.length === 0 ? '' : `at ${path.join('.')}`;
}

function messageWords(
  message: Message,
  { name, verb, codec }: MessageType,
  read?: (message: Message) => unknown,
): string {
  const set = FLAGS[verb];
  const flags = Object.keys(set).filter((flag) => (message.flags & (set[flag] ?? 0)) === set[flag]);
  const content = orMalformed(() => words(contentOf(message, codec, read)));
  return joined([name, `seq ${message.sequence}`, flags.join('|'), content]);
}

/** What a message holds, without those of the header's fields that are 0. */
function contentOf(
  message: Message,
  codec: Codec<unknown>,
  read = ({ from, start, end }: Message) => codec.read(from, start, end),
): unknown {
  const value = read(message);
  if (!('header' in codec)) return value;
  const { header } = codec as Codec<unknown> & { header: Codec<object> & { size: number } };
  const zero = header.read(new Bytes(Buffer.alloc(header.size)), 0, header.size) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(value as object).filter(
      ([name, field]) => !Object.hasOwn(zero, name) || zero[name] !== field,
    ),
  );
}

// More than this is of no use to a reader.
const MOST_BYTES = 64;

/** A value as JavaScript writes it, in one line, with bytes in hexadecimal. */
export function words(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Secret) return value.toString();
  if (Array.isArray(value)) return `[${value.map(words).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${name}: ${name === 'unknown' ? numbers(field) : words(field)}`).join(', ')}}`;
}

/** Of attributes that no table knows, only what they are numbered. */
function numbers(unknown: unknown): string {
  const types = (unknown as readonly RawAttribute[]).map(({ type }) => type & NLA_TYPE_MASK);
  return `[${types.join(', ')}]`;
}

function hex(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes.subarray(0, MOST_BYTES)).toString('hex');
  return `<${digits}${bytes.length > MOST_BYTES ? `… ${bytes.length} bytes` : ''}>`;
}

function quoted(text: string): string {
  return `'${printable(text.replace(/[\\']/g, '\\$&'))}'`;
}

/** The name of a namespace, which `ip netns` does not quote either where it needs none. */
function plain(name: string): string {
  return /^[\w.:[\]-]+$/.test(name) ? name : quoted(name);
}
