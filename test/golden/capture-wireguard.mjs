// Captures what wg(8) and the kernel say to each other, and prints it as JSON: test/golden/wireguard.json. It needs a kernel with
// WireGuard, wireguard-tools and strace:
//
//   test/kernel/qemu/boot build/kernels/6.1-qemu 'build/Release/rtnetns-sandbox -- node test/golden/capture-wireguard.mjs'

import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import console from 'node:console';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { anonymous, flowOf } from './trace.mjs';

/** Above GENL_ID_CTRL. */
const FIRST_FAMILY = 17;

if (process.env.RTNETNS_SANDBOX === undefined) throw new Error('this makes a device: run it in the sandbox');

const key = (byte) => Buffer.alloc(32, byte).toString('base64');
const [ONE, TWO] = [key(1), key(2)];

/** PRIVATE and PRESHARED are the names of files that hold keys. */
const COMMANDS = [
  'wg set wg0 private-key PRIVATE listen-port 51820',
  'wg set wg0 fwmark 0xcafe',
  `wg set wg0 peer ${ONE} preshared-key PRESHARED endpoint 192.0.2.1:51820 persistent-keepalive 25 allowed-ips 10.9.0.2/32,fd00::/64`,
  `wg set wg0 peer ${TWO} endpoint [fe80::1%1]:9 allowed-ips 0.0.0.0/0`,
  `wg set wg0 peer ${TWO} endpoint [2001:db8::1]:9`,
  'wg show wg0 dump',
  `wg set wg0 peer ${ONE} remove`,
  'wg set wg0 private-key /dev/null',
];

const directory = mkdtempSync(join(tmpdir(), 'keys-'));
process.on('exit', () => rmSync(directory, { recursive: true }));
const files = { PRIVATE: join(directory, 'private'), PRESHARED: join(directory, 'preshared') };
writeFileSync(files.PRIVATE, key(0x41), { mode: 0o600 });
writeFileSync(files.PRESHARED, key(0x42), { mode: 0o600 });
const argumentsOf = (command) => command.split(' ').map((word) => files[word] ?? word);

/** A family has another number on each machine. */
function withoutFamily(message) {
  const copy = Buffer.from(message);
  copy.writeUInt16LE(0, 4);
  return anonymous(copy);
}

execFileSync('ip', ['link', 'add', 'wg0', 'type', 'wireguard']);
const captured = COMMANDS.map((command) => {
  const argv = argumentsOf(command);
  const flow = flowOf(argv, [false]).filter(({ type }) => type >= FIRST_FAMILY);
  const [request] = flow.filter(({ sent }) => sent).slice(-1);
  const reply = flow.filter(({ sent, type }) => !sent && type === request.type);
  return {
    command,
    request: withoutFamily(request.message),
    ...(reply.length > 0 && {
      reply: reply.map(({ message }) => withoutFamily(message)),
      printed: execFileSync(argv[0], argv.slice(1), { encoding: 'utf8' }),
    }),
  };
});
console.log(JSON.stringify(captured, undefined, 1));
