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
  const worker = await createWorker(netns, resolve(cwd, file), {
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
  const begun = new Promise<void>((done) => void worker.once('online', done));
  return { worker, streams, begun, ended, kill };
}
