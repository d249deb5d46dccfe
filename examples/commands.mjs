// Commands in namespaces: a server in one, a client in another, and what `ip` says in there.
//
//   npx rtnetns sandbox -- node examples/commands.mjs
import { once } from 'node:events';
import { createNetns, createVeth, deleteNetns, exec, spawn } from 'rtnetns';

const red = await createNetns('red');
const blue = await createNetns('blue');
await createVeth(
  { netns: red, name: 'eth0', up: true, addrs: ['10.0.1.1/24'] },
  { netns: blue, name: 'eth0', up: true, addrs: ['10.0.1.2/24'] },
);

const { stdout } = await exec(red, 'ip', ['-brief', 'addr', 'show', 'dev', 'eth0']);
console.log('red has', stdout.match(/10\.\S*/)[0]);

// node's own ChildProcess, with all that it can do
const program = `require('node:http')
  .createServer((request, response) => response.end('hello from ' + process.argv[1]))
  .listen(80, () => console.log('ready'))`;
const server = spawn(red, process.execPath, ['-e', program, 'red'], { stdio: ['ignore', 'pipe', 'inherit'] });
await once(server.stdout, 'data');

const client = `fetch('http://10.0.1.1/').then((response) => response.text()).then(console.log)`;
console.log('blue hears:', (await exec(blue, process.execPath, ['-e', client])).stdout.trim());

// an exit code that is an answer and no failure
const { exitCode } = await exec(blue, 'ip', ['route', 'get', '192.0.2.1'], { reject: false });
console.log('blue has a way to 192.0.2.1:', exitCode === 0);

server.kill();
const [, signal] = await once(server, 'exit');
console.log('the server ended by', signal);
await deleteNetns([red, blue]);
