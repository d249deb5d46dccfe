import type { Report } from './report';
import { inMarkdown, tables } from './tables';

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench -- --write\`; do not edit.

The work is called "star N". A contender makes a bridge \`br0\` with 10.200.0.1/16, up, and N namespaces in /run/netns. Each
namespace has lo up, and a veth pair. The inner end of the pair is \`eth0\`, up, with an address of the subnet and a default
route by 10.200.0.1; the outer end is on the bridge, up. Then the contender deletes all of it, until the last link is gone.

How it is measured:

- All contenders take their turns in one run, A B C A B C, in a network namespace and a mount namespace of their
  own. A turn begins when the kernel has finished the clean-up of the turn before. Figures are medians, with the
  least and the greatest beside them. Only ratios carry over to other machines.
- Creation is timed inside the contender's process, from the first call to the last answer. For scripts it is the wall
  time of the script. Start-up is not counted for any contender.
- A time counts only if \`ip -j\` and \`bridge -j\` find everything in place after the creation, and everything gone
  after the teardown. Teardown is timed until the last link has vanished from /proc/net/dev.
- CPU is the user and system time of the contender and of the processes that it waited for, to 10 ms. The work of the
  kernel's own threads (clean-up, IPv6 traffic) is not included. Peak memory is that of the contender's own process.
`;

const CONTENDERS = `## The contenders

- **C, floor** (\`bench/contenders/floor.c\`) is the measure of all others. One thread makes namespaces
  while another speaks netlink for the namespaces that are made; the bridge is brought up last. The other contenders of
  this name do without one technique each: *all namespaces before the first link* is the order of
  \`await Promise.all(names.map(createNetns))\`; *bridge up first* is that order with the bridge brought up before
  its ports, as people write it; *straightforward* is one thread that sends one request after the other.
- **rtnetns, plain calls** (\`bench/contenders/plain.ts\`) is \`Promise.all\` over \`createNetns\`,
  then over \`createVeth\`, \`setLink\` and \`addRoute\`.
- **Go** is vishvananda/netlink and netns as Debian packages them. The tuned one keeps its handles, sends MACs, queues,
  master and flags in the creating request, and uses two locked threads.
- **pyroute2** is used as Debian packages it. The tuned one needs no proxy process for each namespace, chooses indexes,
  and sends requests in batches.
- **CNI** is \`ip netns add\` with the plugins loopback, bridge and host-local, which write their state to disk.
- **npm netlink** can neither make nor enter a namespace, so it appears among the single calls only.
`;

export function page(report: Report, hasChart: boolean): string {
  const { machine, rounds, date } = report;
  const where = `Linux ${machine.kernel}, ${String(machine.cpus)} × ${machine.cpu}, Node ${machine.node}; ${String(rounds)} rounds; ${date}.`;
  const picture = hasChart
    ? ['![Milliseconds to create a star of N namespaces, over N](benchmarks.svg)\n']
    : [];
  const leftOut = report.leftOut.map(({ title, install }) => `- ${title}: not installed (\`${install}\`)`);
  const missing = leftOut.length ? [`## Left out\n\n${leftOut.join('\n')}\n`] : [];
  return [
    INTRODUCTION,
    `${where}\n`,
    ...picture,
    ...tables(report).map(inMarkdown),
    CONTENDERS,
    ...missing,
  ].join('\n');
}
