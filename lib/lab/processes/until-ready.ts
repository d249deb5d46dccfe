import { watch } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { listAddrs } from '../../addresses/addresses';
import { unlessAborted } from '../../common/abort';
import type { Netns } from '../../netns/netns';
import { waitForPort } from '../../sockets/wait-for-port';
import type { ProcessDefinition, ReadyDefinition } from './definition';
import type { Output } from './output';

interface Watched {
  netns: Netns;
  ended: Promise<unknown>;
  output: Output;
  definition: ProcessDefinition;
}

/** Resolves when a process is ready; rejects with the signal's reason, which also ends the waiting for one that has ended wrongly. */
export async function untilReady(
  { netns, ended, output, definition }: Watched,
  signal: AbortSignal,
): Promise<void> {
  const { ready, cwd = '.' } = definition;
  if (ready === undefined) return;
  if ('port' in ready) await waitForPort(netns, await hostOf(ready, netns), ready.port, { signal });
  else if ('log' in ready) await output.line(ready.log, signal);
  else if ('exitCode' in ready) await unlessAborted(signal, ended);
  else await fileThere(resolve(cwd, ready.file), signal);
}

/** What has not come of a process that was not ready in time. */
export function missingOf({ ready }: ProcessDefinition): string {
  if (ready === undefined) return 'it did not run yet';
  if ('port' in ready)
    return `nothing listened at port ${ready.port} of ${ready.host ?? "the node's first address"}`;
  if ('log' in ready) return `no line of its output had '${ready.log}'`;
  return 'exitCode' in ready ? 'it had not ended' : `there was no file '${ready.file}'`;
}

async function hostOf({ host }: Extract<ReadyDefinition, { port: number }>, netns: Netns): Promise<string> {
  if (host !== undefined) return host;
  const [first] = (await listAddrs(netns)).filter(({ scope }) => scope === 'global');
  return first === undefined ? '127.0.0.1' : first.addr.slice(0, first.addr.indexOf('/'));
}

/** Resolves when there is a file, in a directory that is there already. */
async function fileThere(path: string, signal: AbortSignal): Promise<void> {
  const watcher = watch(dirname(path));
  try {
    const there = new Promise<void>((done, fail) => {
      const look = (): void => void access(path).then(done, () => undefined);
      watcher.on('change', look).on('error', fail);
      // it may have come before the watcher
      look();
    });
    await unlessAborted(signal, there);
  } finally {
    watcher.close();
  }
}
