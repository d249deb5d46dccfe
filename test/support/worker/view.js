'use strict';
// A worker that tells what it finds.
const {
  getEnvironmentData,
  parentPort,
  resourceLimits,
  threadId,
  workerData,
} = require('node:worker_threads');

parentPort.postMessage({
  argv: process.argv,
  execArgv: process.execArgv,
  env: { ...process.env },
  environmentData: getEnvironmentData('rtnetns:worker'),
  resourceLimits,
  threaded: threadId > 0,
  workerData,
  main: require.main === module,
  id: module.id,
  filename: module.filename,
  stack: new Error('here').stack,
  preloaded: globalThis.preloaded,
  title: process.title,
});
