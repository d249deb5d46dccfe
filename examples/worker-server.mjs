// A worker of worker.mjs.

import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const server = createServer((request, response) => response.end(`hello, ${request.socket.remoteAddress}`));
server.listen(workerData.port, '0.0.0.0', () => parentPort.postMessage('listening'));
