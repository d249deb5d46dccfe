import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Netns } from '../../lib';
import { run } from './ip';
import { jsonLines, lines } from './lines';
import { type Linked, linked } from './namespaces';

/** Two namespaces on one link, with lo up in both: red has 10.0.0.1 and fd00::1, blue 10.0.0.2 and fd00::2. */
export async function pair(): Promise<Linked> {
  const addrs = ['10.0.0.#/24', 'fd00::#/64'];
  return linked({ names: ['red', 'blue'], addrs, lo: true, addrGenMode: 'none' });
}

/** What somebody may look at in an error of a socket. */
export interface Shape {
  message: string;
  code?: unknown;
  errno?: unknown;
  syscall?: unknown;
  address?: unknown;
  port?: unknown;
  errors?: Shape[];
}

// as a text, it goes into a process of plain node, too
export function shape(error: Error): Shape {
  const { errors } = error as { errors?: Error[] };
  const others = errors === undefined ? {} : { errors: errors.map(shape) };
  const copy = Object.assign({}, error, others, { message: error.message });
  return JSON.parse(JSON.stringify(copy)) as Shape;
}

/** What a script tells that plain node runs in a namespace; none of our own code is there. */
export async function plainNode(netns: Netns, source: string): Promise<unknown[]> {
  const preamble = `const shape = ${shape.toString()};
    const tell = (value) => console.log(JSON.stringify(value));`;
  const said = await run(netns, process.execPath, '-e', `${preamble}\n(async () => {\n${source}\n})()`);
  return jsonLines(said);
}

/** Lines of ss(8) in a namespace, without its header. */
export async function ss(netns: Netns, ...args: string[]): Promise<string[]> {
  return lines(await run(netns, 'ss', '-nH', ...args));
}

export async function closeServer(server: net.Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** A key with a certificate for red.test, made by openssl(1). */
export function certificate(): { key: string; cert: string } {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  try {
    const names = 'subjectAltName=DNS:red.test,IP:10.0.0.1';
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const what = ['-subj', '/CN=red.test', '-addext', names, '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...kind, ...what], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
