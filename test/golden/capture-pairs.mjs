// Captures what the commands of pairs.ts send to the kernel, whether it can do what they ask for or not:
//
//   build/Release/rtnetns-sandbox -- node test/golden/capture-pairs.mjs           writes test/golden/pairs.json
//   build/Release/rtnetns-sandbox -- node test/golden/capture-pairs.mjs --check   compares what is sent with it
//
// Needs iproute2, ethtool and strace.

import { execFileSync, spawnSync } from 'node:child_process';
import console from 'node:console';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'esbuild';
import { clear, request } from './trace.mjs';

const FILE = new URL('pairs.json', import.meta.url);
const BUNDLE = fileURLToPath(new URL('../../build/golden/pairs.cjs', import.meta.url));

await build({
  entryPoints: [fileURLToPath(new URL('pairs.ts', import.meta.url))],
  outfile: BUNDLE,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
});
const { DEVICES, NOUNS } = createRequire(import.meta.url)(BUNDLE);

function makeDevices() {
  const [, bridge, ...rest] = Object.entries(DEVICES);
  const add = (words) => execFileSync('ip', `link add ${words}`.split(' '));
  add(`name ${bridge[0]} index ${bridge[1]} type bridge`);
  for (let i = 0; i < rest.length; i += 2) {
    const [[name, index], [peer, peerIndex]] = rest.slice(i, i + 2);
    add(`name ${name} index ${index} type veth peer name ${peer} index ${peerIndex}`);
  }
}

/** As if the command before had not been there. */
function takeBack() {
  spawnSync('ip', ['link', 'del', 'x0']);
  spawnSync('tc', ['qdisc', 'del', 'dev', 'v0', 'root']);
  spawnSync('tc', ['qdisc', 'del', 'dev', 'v0', 'ingress']);
}

function capture({ types, pairs }) {
  return Object.fromEntries(
    pairs.map(({ command }) => {
      const sent = request(command.split(' '), types);
      takeBack();
      return [command, sent];
    }),
  );
}

if (process.env.RTNETNS_SANDBOX === undefined) {
  throw new Error(
    'this makes and deletes devices: build/Release/rtnetns-sandbox -- node test/golden/capture-pairs.mjs',
  );
}
makeDevices();
const captured = Object.fromEntries(Object.entries(NOUNS).map(([name, noun]) => [name, capture(noun)]));
clear();
const count = Object.values(captured).reduce((sum, commands) => sum + Object.keys(commands).length, 0);
console.log(`${count} commands`);
if (process.argv.includes('--check')) {
  if (!isDeepStrictEqual(captured, JSON.parse(readFileSync(FILE, 'utf8')))) {
    process.exitCode = 1;
    console.error('other requests than those of test/golden/pairs.json');
  }
} else {
  writeFileSync(FILE, `${JSON.stringify(captured, undefined, 1)}\n`);
}
