import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Netns } from '../../lib';

const execFileAsync = promisify(execFile);

/** Runs a program in a namespace, entered by nsenter(1): none of our own code is between. */
export async function run(netns: Netns | undefined, command: string, ...args: string[]): Promise<string> {
  if (netns === undefined) return (await execFileAsync(command, args)).stdout;
  return netns.lend('run', async (fd) => {
    const target = `--net=/proc/${process.pid}/fd/${fd}`;
    const { stdout } = await execFileAsync('nsenter', [target, command, ...args]);
    return stdout;
  });
}

type Json = Record<string, unknown>;

/** What `ip -j ARGS` says, in a namespace or here. */
export async function ip(netns: Netns | undefined, ...args: string[]): Promise<Json[]> {
  return JSON.parse((await run(netns, 'ip', '-j', '-d', ...args)) || '[]') as Json[];
}

/** What `bridge -j ARGS` says. */
export async function bridge(netns: Netns | undefined, ...args: string[]): Promise<Json[]> {
  return JSON.parse((await run(netns, 'bridge', '-j', '-d', ...args)) || '[]') as Json[];
}
