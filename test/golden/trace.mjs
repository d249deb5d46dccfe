// What a program says to the kernel, and what it answers, by strace, whose hex dumps are parsed: that works in any namespace and
// needs no nlmon device. Sequence numbers and port ids are zeroed.

import { Buffer } from 'node:buffer';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const HEADER = 16;
const NLMSG_ERROR = 2;
const NLM_F_DUMP = 0x300;
const RTM_NEWLINK = 16;

/** Above GENL_ID_CTRL. */
const FIRST_FAMILY = 17;

// RTM_NEW…, DEL, GET and SET of one object are four numbers in a row.
const GET = 2;

const directory = mkdtempSync(join(tmpdir(), 'golden-'));
const log = join(directory, 'strace');
process.on('exit', () => rmSync(directory, { recursive: true }));

/** The datagrams in strace's log, sent or received, in order. */
function datagrams(text) {
  const found = [];
  for (const line of text.split('\n')) {
    const call = /^(?:\d+ +)?(send|recv)[a-z]+\((\d+),/.exec(line);
    // the offset, 16 bytes, two blanks, and the same as text
    const dump = /^ \| [0-9a-f]+ {2}((?:[0-9a-f]{2} {1,2}){1,16})/.exec(line);
    if (call) found.push({ sent: call[1] === 'send', socket: call[2], hex: '' });
    else if (dump) found[found.length - 1].hex += dump[1].replaceAll(' ', '');
  }
  // a look at the next datagram's size (MSG_PEEK) reads nothing
  return found.filter(({ hex }) => hex !== '');
}

function* messages(bytes) {
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    // `ip addr show` sends the rest of its buffer, too
    if (length < HEADER) return;
    const message = bytes.subarray(at, at + length);
    yield { type: message.readUInt16LE(4), sequence: message.readUInt32LE(8), message };
    at += (length + 3) & ~3;
  }
}

/** Without sequence number and port id, also in the header that an error quotes. */
export function anonymous(message) {
  const copy = Buffer.from(message);
  copy.fill(0, 8, HEADER);
  if (copy.readUInt16LE(4) === NLMSG_ERROR) copy.fill(0, HEADER + 4 + 8, HEADER + 4 + HEADER);
  return copy.toString('hex');
}

function isDump({ message }) {
  return (message.readUInt16LE(6) & NLM_F_DUMP) === NLM_F_DUMP;
}

/** An empty request, whose refusal tells `ip` what the kernel can do. */
function isProbe({ type, message }) {
  return type === RTM_NEWLINK && message.subarray(HEADER).every((byte) => byte === 0);
}

function isSuccess({ type, message }) {
  return type === NLMSG_ERROR && message.readInt32LE(HEADER) === 0;
}

/** `ip` also looks up the devices that it names: what it is asked for is a change, else a dump, else comes first. */
function theRequest(sent) {
  const real = sent.filter((message) => !isProbe(message));
  return real.findLast(({ type }) => (type & 3) !== GET) ?? real.find(isDump) ?? real[0];
}

/** All messages that a command sends and receives, in order. */
export function flowOf(argv, fails) {
  const strace = [
    '-f',
    '-o',
    log,
    '-e',
    'trace=sendmsg,sendto,recvmsg,recvfrom',
    '-e',
    'read=all',
    '-e',
    'write=all',
  ];
  const { status, stderr } = spawnSync('strace', [...strace, ...argv], { encoding: 'utf8' });
  if (!fails.includes(status !== 0)) throw new Error(`${argv.join(' ')}: exit code ${status}: ${stderr}`);

  return datagrams(readFileSync(log, 'utf8')).flatMap(({ hex, ...call }) =>
    [...messages(Buffer.from(hex, 'hex'))].map((message) => ({ ...call, ...message })),
  );
}

export function traced(argv, types, fails) {
  const flow = flowOf(argv, fails);
  const request = theRequest(flow.filter(({ sent, type }) => sent && types.includes(type & ~3)));
  if (request === undefined)
    throw new Error(`${argv.join(' ')}: no such request in\n${readFileSync(log, 'utf8')}`);
  const replies = flow.filter(
    (message) =>
      !message.sent &&
      message.socket === request.socket &&
      message.sequence === request.sequence &&
      !isSuccess(message),
  );
  return {
    request: anonymous(request.message),
    ...(replies.length > 0 && { reply: replies.map(({ message }) => anonymous(message)) }),
  };
}

/** As it was before: no device but lo, no name of a namespace. */
export function clear() {
  execFileSync('ip', ['-all', 'netns', 'delete']);
  for (const { ifname } of JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }))) {
    // one end of a pair goes with the other
    if (ifname !== 'lo') spawnSync('ip', ['link', 'del', ifname]);
  }
}

/** What a command sends for what it is asked for: of rtnetlink, a message of these types; without types, of another family. */
export function request(argv, types) {
  const sent = flowOf(argv, [true, false]).filter((message) => message.sent);
  const found =
    types.length > 0
      ? theRequest(sent.filter(({ type }) => types.includes(type & ~3)))
      : sent.findLast(({ type }) => type >= FIRST_FAMILY);
  if (found === undefined) throw new Error(`${argv.join(' ')}: no such request`);
  const message = Buffer.from(found.message);
  // a family has another number on each machine
  if (types.length === 0) message.writeUInt16LE(0, 4);
  return anonymous(message);
}
