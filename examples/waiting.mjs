// Waiting for a link and for an address, without asking again and again.
//
//   npx rtnetns sandbox -- node examples/waiting.mjs
import { addAddr, createNetns, createVeth, deleteNetns, setLink, waitForAddr, waitForLink } from 'rtnetns';

const red = await createNetns('red');

// before there is a link at all: whoever makes it, and brings it up
const ready = waitForLink(red, 'eth0', { up: true, carrier: true, timeout: 5000 });
await createVeth({ netns: red, name: 'eth0', up: true }, { netns: red, name: 'eth1' });
await setLink(red, 'eth1', { up: true });
const { name, mac } = await ready;
console.log(`${name} (${mac.slice(0, 2)}:…) is up and has a carrier`);

// an address that somebody else might have: it can be used when nobody has said so
await addAddr(red, 'eth0', 'fd00::1/64', { dad: true });
const { addr, flags } = await waitForAddr(red, 'eth0', 'fd00::1', { timeout: 5000 });
console.log(`${addr} can be used:`, flags.join(' '));

// somebody else has this one
await addAddr(red, 'eth1', 'fd00::2/64');
await addAddr(red, 'eth0', 'fd00::2/64', { dad: true });
await waitForAddr(red, 'eth0', 'fd00::2').catch(({ message }) => console.log(message));

await waitForLink(red, 'eth0', { up: false, timeout: 100 }).catch(({ message }) => console.log(message));

await deleteNetns(red);
