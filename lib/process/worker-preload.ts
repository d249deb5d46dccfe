import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { toNetnsError } from '../netns/netns-error';
import { native } from '../addon/native';
import { HANDOVER, type Handover } from './worker-handover';

// The first that runs on the thread of a new worker: createWorker has node preload it, before all else.

const handover = getEnvironmentData(HANDOVER) as Handover | undefined;
// There is none in the workers that such a worker starts: they inherit its options, this file among them, and its
// namespace as well.
if (handover !== undefined) {
  setEnvironmentData(HANDOVER, undefined);
  if (handover.execArgv !== undefined) process.execArgv = [...handover.execArgv];
  if (handover.nodeOptions === undefined) delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = handover.nodeOptions;
  try {
    native().enterNetns(handover.fd);
  } catch (error) {
    throw toNetnsError(error, 'enter with a new worker namespace', handover.netns);
  }
}
