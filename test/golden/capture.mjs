// Captures what `ip` and `nft` say to the kernel, and what it answers, as the bytes that the tests hold ours against:
//
//   build/Release/rtnetns-sandbox -- node test/golden/capture.mjs           writes test/golden/NOUN.json
//   build/Release/rtnetns-sandbox -- node test/golden/capture.mjs --check   compares the requests with them
//
// Needs iproute2, nftables and strace. What the kernel answers holds counters and clocks, so the replies
// differ from run to run, the requests do not.

import { execFileSync } from 'node:child_process';
import console from 'node:console';
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import process from 'node:process';
import { URL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { nftCommands, nouns } from './commands.mjs';
import { anonymous, clear, flowOf, traced } from './trace.mjs';

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
const kernel = `Linux ${release().split('.', 2).join('.')}`;
const ip = execFileSync('ip', ['-V'], { encoding: 'utf8' }).match(/iproute2-[^,\s]+/)[0];
for (const noun of Object.keys(nouns)) keep(noun, `${ip}, ${kernel}`, capture(noun));
const nft = execFileSync('nft', ['-v'], { encoding: 'utf8' }).match(/nftables v\S+/)[0];
keep('nft', `${nft}, ${kernel}`, captureNft());
