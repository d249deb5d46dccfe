import { type ChildProcess, spawn as spawnHere, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { types } from 'node:util';
import { type Netns, spawn } from '../../lib';

export type Told = [event: string, ...unknown[]][];

/** All that a child tells of itself, to its end. */
export async function events(child: ChildProcess): Promise<Told> {
  const told: Told = [];
  for (const event of ['spawn', 'error', 'exit', 'disconnect']) {
    child.on(event, (...details: unknown[]) => told.push([event, ...details.map(plain)]));
  }
  told.push(['close', ...(await closed(child))]);
  return told;
}

/** Not once(): that fails where there is an error before. */
export async function closed(child: ChildProcess): Promise<unknown[]> {
  return new Promise((resolve) => child.once('close', (...details: unknown[]) => resolve(details)));
}

function plain(value: unknown): unknown {
  return types.isNativeError(value) ? { ...(value as object), message: value.message } : value;
}

/** What it says, without the end of the line. */
export async function output(child: ChildProcess): Promise<string> {
  const [said] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  return said.trim();
}

/** The same, started by node and by us. */
export async function both<T>(
  netns: Netns,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  look: (child: ChildProcess) => Promise<T>,
): Promise<[ours: T, nodes: T]> {
  return [await look(spawn(netns, command, args, options)), await look(spawnHere(command, args, options))];
}
