// Events: what happens in a namespace, and which namespaces there are.
//
//   npx rtnetns sandbox -- node examples/events.mjs
import { addAddr, createBridge, createNetns, deleteNetns, setLink, watch, watchNetns } from 'rtnetns';

const red = await createNetns('red');
await createBridge(red, 'br0', { addrs: ['10.0.1.1/24'] });

/** An event in one line. */
function line(event) {
  const { kind, change, recovered } = event;
  const what = {
    link: ({ name, up, mtu }) => `${name} ${up ? 'up' : 'down'} mtu ${mtu}`,
    addr: ({ addr }) => addr,
    route: ({ to, table }) => `${to} in ${table}`,
    netns: () => event.name,
  }[kind];
  const words = [kind, change, what?.(event[kind]), event.changes?.join(' and '), recovered && '(recovered)'];
  return words.filter(Boolean).join(' ');
}

for await (const event of watchNetns()) {
  console.log(line(event));
  if (event.kind === 'ready') break;
}

// first what there is, then what changes: here, what this program does itself
let changing;
for await (const event of watch(red, { links: true, addrs: true, routes: true })) {
  console.log(line(event));
  if (event.kind === 'ready') {
    changing = setLink(red, 'br0', { up: true, mtu: 1400 }).then(() => addAddr(red, 'br0', '10.0.2.1/24'));
  }
  if (event.kind === 'addr' && event.change === 'new' && event.addr.addr === '10.0.2.1/24') break;
}
await changing;

await deleteNetns(red);
