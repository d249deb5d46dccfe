import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Netns } from '../../lib';
import { jsonLines } from './lines';

const execFileAsync = promisify(execFile);

/** Runs a program in a namespace, entered by nsenter(1): none of our own code is between. */
export async function run(netns: Netns | undefined, command: string, ...args: string[]): Promise<string> {
  if (netns === undefined) return (await execFileAsync(command, args)).stdout;
  return netns.lend('run', async ({ fd }) => {
    const target = `--net=/proc/${process.pid}/fd/${fd}`;
    const { stdout } = await execFileAsync('nsenter', [target, command, ...args]);
    return stdout;
  });
}

/** What a script of bash prints in a namespace, byte by byte: each byte is the character of its number. */
export async function bashBytes(netns: Netns, script: string): Promise<string> {
  return netns.lend('run', async ({ fd }) => {
    const args = [`--net=/proc/${process.pid}/fd/${fd}`, 'bash', '-euc', script];
    return (await execFileAsync('nsenter', args, { encoding: 'latin1' })).stdout;
  });
}

export type Json = Record<string, unknown>;

/** What `ip -j ARGS` says, in a namespace or here. */
export async function ip(netns: Netns | undefined, ...args: string[]): Promise<Json[]> {
  return byIndex(await run(netns, 'ip', '-j', '-d', ...args));
}

/** What `bridge -j ARGS` says. */
export async function bridge(netns: Netns | undefined, ...args: string[]): Promise<Json[]> {
  return byIndex(await run(netns, 'bridge', '-j', '-d', ...args));
}

/** Devices in the order of their indexes. Kernels before 6.6 list them by the last eight bits. */
function byIndex(printed: string): Json[] {
  const listed = JSON.parse(printed || '[]') as Json[];
  return listed.sort((one, other) => Number(one['ifindex'] ?? 0) - Number(other['ifindex'] ?? 0));
}

/** The names that `ip netns list` prints. */
export async function names(): Promise<string[]> {
  const lines = (await run(undefined, 'ip', 'netns', 'list')).split('\n');
  return lines.flatMap((line) => line.split(' ')[0] || []).sort();
}

/** The error that an attempt ends in. */
export async function failure(attempt: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await attempt;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it should have failed');
}

/** Waits for what the kernel does in its own time and reports to nobody, at most a minute: what other tests have left for its one worker comes first. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not happen');
}

/**
 * The kernel brings the operational state of a device in line with its carrier, and makes its link-local address, a
 * moment after it came up.
 */
export async function settled(netns: Netns | undefined): Promise<void> {
  await until(async () => isSettled(await ip(netns, 'link')));
}

/** Whether that has come to pass with what `ip -j -d link` shows. */
export function isSettled(links: readonly Json[]): boolean {
  return links.every(({ flags, operstate, linkinfo }) => {
    const is = (flag: string) => (flags as string[]).includes(flag);
    if (linkinfo === undefined || !is('UP')) return true;
    return is('LOWER_UP') ? operstate === 'UP' : operstate !== 'UNKNOWN';
  });
}

/** Links without what a worker of the kernel notices later, before 6.8: whether there is a carrier. */
export function withoutCarrier(links: readonly Json[]): Json[] {
  return links.map(({ operstate: _, flags, ...link }) => ({
    ...link,
    flags: (flags as string[]).filter((flag) => flag !== 'NO-CARRIER'),
  }));
}

/** A program in the background. It writes a line to its standard output when it is ready, and is killed at last. */
export async function background(command: string, ...args: string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'close');
  child.stdout.setEncoding('utf8');
  let output = '';
  const line = new Promise<void>((resolve) => {
    child.stdout.on('data', (part: string) => {
      output += part;
      if (output.includes('\n')) resolve(); // which may come in a part of its own
    });
  });
  await Promise.race([line, exited]);
  if (!output.includes('\n')) throw new Error(`${command} ended before it was ready`);
  return {
    pid: child.pid!,
    stdin: child.stdin,
    exited,
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

// The library as it is published: a child of these tests cannot load TypeScript.
const PREAMBLE = `
  const rtnetns = require(${JSON.stringify(join(__dirname, '../../dist'))});
  const say = (value) => console.log(JSON.stringify(value));
  const told = async (attempt) => {
    try { return { value: await attempt }; }
    catch ({ name, code, message }) { return { name, code, message }; }
  };`;

/** The command line of a node process that runs a script (JavaScript, in an async function) with `rtnetns`. */
export function script(source: string, ...options: string[]): [string, ...string[]] {
  return [process.execPath, ...options, '-e', `${PREAMBLE}\n(async () => {\n${source}\n})()`];
}

/** Longer on another kernel, where system calls take five to twenty times as long: test/kernel/run. */
export const CHILD_TIMEOUT = Number(process.env['RTNETNS_CHILD_TIMEOUT'] ?? 30_000);

/** What a script says with \`say()\`, line by line. In front of it may be what it is to be run by. */
export async function node(source: string, ...wrapper: string[]): Promise<unknown[]> {
  const [command = '', ...args] = [...wrapper, ...script(source)];
  const { stdout } = await execFileAsync(command, args, { timeout: CHILD_TIMEOUT });
  return jsonLines(stdout);
}
