'use strict';
// A worker that opens a socket of each sort, and ends when it is told to.
const { createSocket } = require('node:dgram');
const { once } = require('node:events');
const { createServer } = require('node:http');
const net = require('node:net');
const { parentPort } = require('node:worker_threads');

const tcp = net.createServer().listen(8001);
const http = createServer((_, response) => response.end('hello')).listen(8002);
const udp = createSocket('udp4').bind(8003);

void Promise.all([tcp, http, udp].map((socket) => once(socket, 'listening'))).then(() => {
  parentPort.once('message', () => [tcp, http, udp].forEach((socket) => socket.close()));
  parentPort.postMessage('ready');
});
