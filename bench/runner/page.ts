import type { Report } from './report';
import { inMarkdown, tables } from './tables';

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench -- --write\`; do not edit.

The work, "star N": a bridge \`br0\` with 10.200.0.1/16, up; N namespaces in /run/netns, each with lo up, a veth pair
whose inner end is \`eth0\` with an address of the subnet, up, a default route by 10.200.0.1, and whose outer end is
on the bridge, up. Then all of it deleted, until the last link is gone.

How it is measured:

- All contenders take their turns in one run, A B C A B C, in a network namespace and a mount namespace of their
  own. Before each turn the kernel has finished the clean-up of the one before. Figures are medians; beside them the
  least and the greatest. Only ratios carry over to other machines.
- Creation is timed inside the contender's process, from the first call to the last answer; for scripts it is the wall
  time of the script. Start-up counts for none.
- Before a time counts, \`ip -j\` and \`bridge -j\` have found everything in place, and after the teardown
  everything gone. Teardown is timed until the last link has vanished from /proc/net/dev.
- CPU is user and system time of the contender and of the processes it waited for, to 10 ms; what the kernel does on
  threads of its own (clean-up, IPv6 traffic) is in none. Peak memory is the contender's own process.
`;

const CONTENDERS = `## The contenders

- **C, floor** ([floor.c](../bench/contenders/floor.c)) is what everything is measured by: one thread makes
  namespaces while another speaks netlink for those that are made; the bridge is brought up last. The others of its
  name take back one technique each: *all namespaces before the first link* is the order of
  \`await Promise.all(names.map(createNetns))\`; *bridge up first* is that order with the bridge brought up before
  its ports, as people write it; *straightforward* is one thread that sends one request after the other.
- **rtnetns, plain calls** ([plain.ts](../bench/contenders/plain.ts)) is \`Promise.all\` over \`createNetns\`,
  then over \`createVeth\`, \`setLink\` and \`addRoute\`.
- **Go** is vishvananda/netlink and netns as Debian packages them. Tuned: handles kept, MACs, queues, master and flags
  in the creating request, two locked threads.
- **pyroute2** as Debian packages it. Tuned: no proxy process for each namespace, indexes chosen, requests in batches.
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
