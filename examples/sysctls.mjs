// Sysctls: a namespace becomes a router.
//
//   npx rtnetns sandbox -- node examples/sysctls.mjs
import { addRoute, createNetns, createVeth, deleteNetns, getSysctl, ping, setSysctl } from 'rtnetns';

const left = await createNetns('left');
const router = await createNetns('router');
const right = await createNetns('right');
for (const [i, netns] of [left, right].entries()) {
  await createVeth(
    { netns, name: 'eth0', up: true, addrs: [`10.0.${i}.2/24`] },
    // a VLAN would have such a name
    { netns: router, name: `eth0.${i}`, up: true, addrs: [`10.0.${i}.1/24`] },
  );
  await addRoute(netns, { to: 'default', via: `10.0.${i}.1` });
}
const reach = async () => (await ping(left, '10.0.1.2', { count: 1, timeout: 500 })).received > 0;

console.log(
  'forwarding',
  await getSysctl(router, 'net.ipv4.ip_forward'),
  '- right is reached:',
  await reach(),
);
await setSysctl(router, 'net.ipv4.ip_forward', 1);
console.log(
  'forwarding',
  await getSysctl(router, 'net.ipv4.ip_forward'),
  '- right is reached:',
  await reach(),
);

// many at once; the name of a device may hold dots
await setSysctl(router, { 'net.ipv4.conf.eth0.0.forwarding': 0, 'net.ipv4.icmp_ratelimit': 0 });
console.log(await getSysctl(router, ['net.ipv4.conf.eth0.0.forwarding', 'net.ipv4.conf.eth0.1.forwarding']));
console.log('right is reached:', await reach());
await deleteNetns([left, router, right]);
