import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Netns } from '../../netns/netns';
import { createWorker } from '../../process/worker';
import { defined } from '../../common/objects';
import type { WorkerDefinition } from './definition';
import type { LabProcessEnd, Running } from './running';

/** Starts a worker in a node. */
export async function startWorker(netns: Netns, definition: WorkerDefinition): Promise<Running> {
  const { worker: file, workerData, env, cwd = '.' } = definition;
  const path = resolve(cwd, file);
  const worker = await createWorker(netns, path, {
    ...defined({ workerData }),
    env: { ...process.env, ...env },
    stdout: true,
    stderr: true,
  });
  const streams = [worker.stdout, worker.stderr];
  let error: Error | undefined;
  worker.on('error', (thrown: unknown) => {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  });
  let running = true;
  const exited = new Promise<number>((done) => {
    worker.once('exit', (code) => {
      running = false;
      done(code);
    });
  });
  const ended = exited.then(async (exitCode): Promise<LabProcessEnd> => {
    await Promise.allSettled(streams.map(async (stream) => finished(stream)));
    return { exitCode, signal: null, ...defined({ error }) };
  });
  const kill = (): boolean => {
    const was = running;
    void worker.terminate();
    return was;
  };
  const begun = new Promise<void>((done) => {
    // a worker is online before it looks for its file, and of one that cannot be read an error follows
    worker.once('online', () => void access(path, constants.R_OK).then(done, () => undefined));
  });
  return { worker, streams, begun, ended, kill };
}
