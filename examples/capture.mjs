// Watches a ping go by, then writes the next ones to a file for tcpdump, tshark or wireshark.
//
//   npx rtnetns sandbox -- node examples/capture.mjs ping.pcap

import { capture, createNetns, createVeth, deleteNetns, ping } from 'rtnetns';

const [file = 'ping.pcap'] = process.argv.slice(2);

// tcpdump -ddd -y EN10MB icmp
const icmp = [
  [0x28, 0, 0, 12],
  [0x15, 0, 3, 0x0800],
  [0x30, 0, 0, 23],
  [0x15, 0, 1, 1],
  [0x06, 0, 0, 262144],
  [0x06, 0, 0, 0],
];

const red = await createNetns('red');
const blue = await createNetns();
try {
  await createVeth(
    { netns: red, name: 'eth0', up: true, addrs: ['10.0.1.1/24'] },
    { netns: blue, name: 'eth0', up: true, addrs: ['10.0.1.2/24'] },
  );

  const packets = capture(red, 'eth0', { filter: icmp, count: 2 });
  await packets.ready;
  await ping(red, '10.0.1.2');
  for await (const { time, direction, length } of packets) {
    console.log(new Date(Number(time / 1_000_000n)).toISOString(), direction, `${length} bytes`);
  }

  const written = capture(red, 'eth0', { filter: icmp, snaplen: 60 });
  const writing = written.toPcap(file);
  await written.ready;
  await ping(red, '10.0.1.2', { count: 5, interval: 10 });
  written.close();
  const { received, dropped } = await writing;
  console.log(`${received} packets in ${file}, ${dropped} lost`);
} finally {
  await deleteNetns([red, blue]);
}
