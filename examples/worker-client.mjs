// A worker of worker.mjs.

import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { parentPort, workerData } from 'node:worker_threads';

get(workerData.url, async (response) => parentPort.postMessage(await text(response)));
