// The same as a module.
import { getEnvironmentData, parentPort, resourceLimits, threadId, workerData } from 'node:worker_threads';

parentPort.postMessage({
  argv: process.argv,
  execArgv: process.execArgv,
  env: { ...process.env },
  environmentData: getEnvironmentData('rtnetns:worker'),
  resourceLimits,
  threaded: threadId > 0,
  workerData,
  url: import.meta.url,
  stack: new Error('here').stack,
  preloaded: globalThis.preloaded,
});
