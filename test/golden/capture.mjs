// Captures what `ip` and `nft` say to the kernel, and what it answers, as the bytes that the tests hold ours against:
//
//   build/Release/rtnetns-sandbox -- node test/golden/capture.mjs           writes test/golden/NOUN.json
//   build/Release/rtnetns-sandbox -- node test/golden/capture.mjs --check   compares the requests with them
//
// Needs iproute2, nftables and strace, whose hex dumps are parsed: that works in any namespace and needs no nlmon device.
// Sequence numbers and port ids are zeroed. What the kernel answers holds counters and clocks, so the replies
// differ from run to run, the requests do not.

import { Buffer } from 'node:buffer';
import { execFileSync, spawnSync } from 'node:child_process';
import console from 'node:console';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { URL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { nftCommands, nouns } from './commands.mjs';

const HEADER = 16;
const NLMSG_ERROR = 2;
const NLM_F_DUMP = 0x300;
const RTM_NEWLINK = 16;

// RTM_NEW…, DEL, GET and SET of one object are four numbers in a row.
const GET = 2;

/** RTM_NEW… of what a noun's commands ask for. */
const FIRST_TYPES = {
  link: [16, 108],
  bridge: [16],
  dummy: [16],
  vlan: [16],
  address: [20],
  route: [24],
  neighbor: [28],
  rule: [32],
  nsid: [88],
};

const directory = mkdtempSync(join(tmpdir(), 'golden-'));
const log = join(directory, 'strace');

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
function anonymous(message) {
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
function flowOf(argv, fails) {
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

function traced(argv, types, fails) {
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
function clear() {
  execFileSync('ip', ['-all', 'netns', 'delete']);
  for (const { ifname } of JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }))) {
    // one end of a pair goes with the other
    if (ifname !== 'lo') spawnSync('ip', ['link', 'del', ifname]);
  }
}

function capture(noun) {
  const captures = [];
  for (const entry of nouns[noun]) {
    const { command, captured = true, fails = [false] } = entry.command ? entry : { command: entry };
    const argv = Array.isArray(command) ? command : command.split(' ');
    if (captured) {
      const shown = argv.map((word) => word || "''").join(' ');
      captures.push({ command: shown, ...traced(argv, FIRST_TYPES[noun], fails) });
    } else {
      execFileSync(argv[0], argv.slice(1));
    }
  }
  clear();
  return captures;
}

const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_NEWGEN = 15;

/** What stands between the beginning and the end of a transaction; of a command that only reads, what it is told. */
function nftTraced(command) {
  const flow = flowOf(['nft', command], [false]);
  const of = ({ type }) => type >> 8 === NFNL_SUBSYS_NFTABLES && (type & 0xff) !== NFT_MSG_NEWGEN;
  const sent = flow.filter((message) => message.sent);
  const begin = sent.findIndex(({ type }) => type === NFNL_MSG_BATCH_BEGIN);
  const end = sent.findIndex(({ type }) => type === NFNL_MSG_BATCH_END);
  if (begin !== -1) return { request: sent.slice(begin + 1, end).map(({ message }) => anonymous(message)) };
  const told = flow.filter((message) => !message.sent && of(message));
  return { request: [], reply: told.map(({ message }) => anonymous(message)) };
}

function captureNft() {
  const captures = [];
  for (const entry of nftCommands) {
    const { command, captured = true } = entry.command ? entry : { command: entry };
    if (captured) captures.push({ command, ...nftTraced(command) });
    else execFileSync('nft', [command]);
  }
  execFileSync('nft', ['flush ruleset']);
  return captures;
}

/** Writes what was captured, or compares the requests with those of before. */
function keep(name, source, captures) {
  const file = new URL(`${name}.json`, import.meta.url);
  if (process.argv.includes('--check')) {
    const requests = (list) => list.map(({ command, request }) => ({ command, request }));
    const before = JSON.parse(readFileSync(file, 'utf8'));
    if (!isDeepStrictEqual(requests(captures), requests(before.captures))) {
      process.exitCode = 1;
      console.error(`${name}: other requests than those of ${before.source}`);
    }
  } else {
    writeFileSync(file, `${JSON.stringify({ source, captures }, undefined, 2)}\n`);
  }
  console.log(`${name}: ${captures.length} commands`);
}

if (process.env.RTNETNS_SANDBOX === undefined) {
  throw new Error(
    'this makes and deletes devices: build/Release/rtnetns-sandbox -- node test/golden/capture.mjs',
  );
}
try {
  const kernel = `Linux ${release().split('.', 2).join('.')}`;
  const ip = execFileSync('ip', ['-V'], { encoding: 'utf8' }).match(/iproute2-[^,\s]+/)[0];
  for (const noun of Object.keys(nouns)) keep(noun, `${ip}, ${kernel}`, capture(noun));
  const nft = execFileSync('nft', ['-v'], { encoding: 'utf8' }).match(/nftables v\S+/)[0];
  keep('nft', `${nft}, ${kernel}`, captureNft());
} finally {
  rmSync(directory, { recursive: true });
}
