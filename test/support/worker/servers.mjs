// The same as a module, whose imports run before it does.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import net from 'node:net';
import { parentPort } from 'node:worker_threads';

const tcp = net.createServer().listen(8001);
const http = createServer((_, response) => response.end('hello')).listen(8002);
const udp = createSocket('udp4').bind(8003);

await Promise.all([tcp, http, udp].map((socket) => once(socket, 'listening')));
parentPort.once('message', () => [tcp, http, udp].forEach((socket) => socket.close()));
parentPort.postMessage('ready');
