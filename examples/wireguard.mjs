// A namespace whose only way out is a tunnel of WireGuard: the encrypted packets go by the network of another one, the host's.
//
//   npx rtnetns sandbox -- node examples/wireguard.mjs
import {
  addAddr,
  addRoute,
  createLink,
  createNetns,
  createVeth,
  deleteNetns,
  exec,
  generateWireguardKeys,
  getWireguard,
  listLinks,
  ping,
  setLink,
} from 'rtnetns';

const host = await createNetns('host'); // or currentNetns()
const server = await createNetns('server');
const app = await createNetns('app');
await createVeth(
  { netns: host, name: 'eth0', up: true, addrs: ['192.0.2.1/24'] },
  { netns: server, name: 'eth0', up: true, addrs: ['192.0.2.9/24'] },
);

const ofServer = generateWireguardKeys();
const ofApp = generateWireguardKeys();
await createLink(server, {
  kind: 'wireguard',
  name: 'wg0',
  up: true,
  privateKey: ofServer.privateKey,
  listenPort: 51820,
  peers: [{ publicKey: ofApp.publicKey, allowedIps: ['10.9.0.2'] }],
});
await addAddr(server, 'wg0', '10.9.0.1/24');

// The device is in the namespace of the application, and its UDP socket in that of the host.
await createLink(app, {
  kind: 'wireguard',
  name: 'wg0',
  up: true,
  socketNetns: host,
  privateKey: ofApp.privateKey,
  peers: [{ publicKey: ofServer.publicKey, endpoint: '192.0.2.9:51820', allowedIps: ['0.0.0.0/0'] }],
});
await addAddr(app, 'wg0', '10.9.0.2/24');
await addRoute(app, { to: 'default', device: 'wg0' });

const reach = async (address) => {
  const { received } = await ping(app, address, { count: 1, timeout: 2000 }).catch(() => ({ received: 0 }));
  return received > 0 ? 'answers' : 'does not answer';
};
const sockets = async (netns) =>
  (await exec(netns, 'ss', ['-Huln'])).stdout.trim().split('\n').filter(Boolean);

console.log('the devices of app:', (await listLinks(app)).map(({ name }) => name).join(', '));
console.log('UDP sockets of app:', (await sockets(app)).length);
console.log('10.9.0.1', await reach('10.9.0.1'));
console.log('192.0.2.9', await reach('192.0.2.9'), 'by the tunnel');
const [peer] = (await getWireguard(server, 'wg0')).peers;
console.log(`the server knows ${peer.allowedIps} at ${peer.endpoint.replace(/:.*/, '')}`);
await setLink(app, 'wg0', { up: false });
console.log('without the tunnel, 192.0.2.9', await reach('192.0.2.9'));
await deleteNetns([app, server, host]);
