import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addRoute,
  type BridgeNetwork,
  createBridgeNetwork,
  createNetns,
  createVeth,
  currentNetns,
  deleteNetns,
  exec,
  type Netns,
  setLink,
  setSysctl,
} from '../../lib';
import { format, summarize } from '../runner/stats';

/**
 * Bridge networks: what attaching, detaching and publishing take, beside the CNI plugins bridge, host-local and portmap where
 * they are installed; and with iperf3, how much goes through a bridge, NAT and a published port, beside the same set up by
 * hand: `npm run bench:case -- network [MEMBERS]`.
 */

const MEMBERS = Number(process.argv[2] ?? 30);
const PORTS = 1000;
const PLUGINS = '/usr/lib/cni';

interface Times {
  attach: number[];
  detach: number[];
}

async function timed(into: number[], work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  await work();
  into.push(performance.now() - begun);
}

interface Contender {
  title: string;
  attach: (i: number) => Promise<unknown>;
  detach: (i: number) => Promise<unknown>;
}

const memberName = (i: number, who: string) => `${who}${i}`;

function ours(network: BridgeNetwork, members: readonly Netns[]): Contender {
  const member = (i: number) => members[i] as Netns;
  return {
    title: 'rtnetns',
    attach: async (i) => network.attach(member(i), { publish: [{ hostPort: 20_000 + i, port: 80 }] }),
    detach: async (i) => network.detach(member(i)),
  };
}

/** The plugins, as a container runtime calls them: one process each, with JSON to its standard input. */
function cni(state: string): Contender {
  const network = {
    cniVersion: '1.0.0',
    name: 'cni',
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: true,
  };
  const ipam = { type: 'host-local', subnet: '10.201.0.0/16', dataDir: state };
  const plugin = (type: string, command: string, i: number, more: object, prevResult?: unknown) => {
    const name = memberName(i, 'cni');
    const env = {
      ...process.env,
      CNI_PATH: PLUGINS,
      CNI_COMMAND: command,
      CNI_CONTAINERID: name,
      CNI_NETNS: `/run/netns/${name}`,
      CNI_IFNAME: 'eth0',
    };
    const input = JSON.stringify({ ...network, ...more, type, prevResult });
    return run(join(PLUGINS, type), input, env);
  };
  const portmap = (i: number) => ({
    capabilities: { portMappings: true },
    runtimeConfig: { portMappings: [{ hostPort: 30_000 + i, containerPort: 80, protocol: 'tcp' }] },
    snat: true,
  });
  const results = new Map<number, unknown>();
  return {
    title: 'CNI bridge, host-local, portmap',
    async attach(i) {
      const result: unknown = JSON.parse(await plugin('bridge', 'ADD', i, { ipam }));
      results.set(i, result);
      await plugin('portmap', 'ADD', i, portmap(i), result);
    },
    async detach(i) {
      await plugin('portmap', 'DEL', i, portmap(i), results.get(i));
      await plugin('bridge', 'DEL', i, { ipam });
    },
  };
}

async function run(command: string, input: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(command, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${command} exited with ${code}: ${output}`);
  return output;
}

const rules = () =>
  execFileSync('nft', ['-a', 'list', 'ruleset'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).match(/^\t\t.* # handle/gm)?.length ?? 0;

async function membersTimes(contenders: readonly Contender[]): Promise<void> {
  const times = contenders.map((): Times => ({ attach: [], detach: [] }));
  const counts: number[] = contenders.map(() => 0);
  // in turn, so that what else the machine does hits all alike
  for (let i = 0; i < MEMBERS; i++) {
    for (const [n, { attach }] of contenders.entries()) {
      const before = rules();
      await timed(times[n]?.attach ?? [], async () => attach(i));
      counts[n] = (counts[n] ?? 0) + rules() - before;
    }
  }
  for (let i = 0; i < MEMBERS; i++) {
    for (const [n, { detach }] of contenders.entries())
      await timed(times[n]?.detach ?? [], async () => detach(i));
  }
  for (const [n, { title }] of contenders.entries()) {
    const { attach = [], detach = [] } = times[n] ?? {};
    const each = [attach, detach].map((some) => format(summarize(some).median));
    console.log(
      `${title}: attach ${each[0]} ms, detach ${each[1]} ms (medians of ${MEMBERS}, with one published port each); ` +
        `${counts[n]} rules for ${MEMBERS} members`,
    );
  }
}

async function portTimes(network: BridgeNetwork): Promise<void> {
  const netns = await createNetns();
  await network.attach(netns);
  const times: number[] = [];
  for (let i = 0; i < PORTS; i++) {
    await timed(times, async () => network.publish(netns, [{ hostPort: 40_000 + i, port: 80 }]));
  }
  const [first, last] = [times.slice(0, 50), times.slice(-50)].map((some) => summarize(some).median) as [
    number,
    number,
  ];
  console.log(
    `${PORTS} ports: the first ${format(first)} ms, the last ${format(last)} ms (medians of 50): ${format(last / first)} times`,
  );
  await network.detach(netns);
  netns.close();
}

/** Bits per second from one to another. */
async function throughput(client: Netns, server: Netns, address: string, port: number): Promise<number> {
  const serving = exec(server, 'iperf3', ['-s', '-1', '-p', '5201']);
  for (;;) {
    const { stdout } = await exec(server, 'ss', ['-Hlnt', 'sport', '=', ':5201']);
    if (stdout !== '') break;
  }
  const { stdout } = await exec(client, 'iperf3', ['-c', address, '-p', String(port), '-t', '1', '-J']);
  await serving;
  return (JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } }).end.sum_received
    .bits_per_second;
}

interface Way {
  title: string;
  client: Netns;
  server: Netns;
  address: string;
  port: number;
}

interface Setup {
  ways: Way[];
  all: Netns[];
}

/** A host, a neighbour, and two members: without the network that is to be measured. */
async function setting(prefix: string) {
  const [host, lan, a, b] = (await Promise.all(
    ['h', 'l', 'a', 'b'].map(async (name) => createNetns(prefix + name)),
  )) as [Netns, Netns, Netns, Netns];
  await createVeth(
    { netns: host, name: 'wan', up: true, addrs: ['192.0.2.1/24'] },
    { netns: lan, name: 'eth0', up: true, addrs: ['192.0.2.9/24'] },
  );
  const ways = [
    { title: 'bridge', client: a, server: b, address: '10.1.0.3', port: 5201 },
    { title: 'NAT', client: a, server: lan, address: '192.0.2.9', port: 5201 },
    { title: 'published port', client: lan, server: b, address: '192.0.2.1', port: 8080 },
  ];
  return { host, a, b, ways, all: [host, lan, a, b] };
}

async function ourSetup(): Promise<Setup> {
  const { host, a, b, ...rest } = await setting('o');
  const network = await createBridgeNetwork(host, { name: 'red', subnet: '10.1.0.0/24' });
  await network.attach(a);
  await network.attach(b, { publish: [{ hostPort: 8080, port: 5201 }] });
  return rest;
}

const BY_HAND = `
table ip nat {
  chain prerouting { type nat hook prerouting priority dstnat; tcp dport 8080 fib daddr type local dnat to 10.1.0.3:5201; }
  chain postrouting { type nat hook postrouting priority srcnat; ip saddr 10.1.0.0/24 oifname != "red" masquerade; }
}
table ip filter {
  chain forward {
    type filter hook forward priority filter; ct state established,related accept
    iifname "red" accept
    oifname "red" ct status dnat accept
    oifname "red" drop
  }
}`;

async function handSetup(): Promise<Setup> {
  const { host, a, b, ...rest } = await setting('n');
  const ip = async (netns: Netns, ...args: string[]) => exec(netns, 'ip', args);
  await ip(host, 'link', 'add', 'red', 'type', 'bridge');
  await ip(host, 'addr', 'add', '10.1.0.1/24', 'dev', 'red');
  await ip(host, 'link', 'set', 'red', 'up');
  for (const [i, netns] of [a, b].entries()) {
    await createVeth(
      { netns: host, name: `p${i}`, bridge: 'red', up: true },
      { netns, name: 'eth0', up: true, addrs: [`10.1.0.${i + 2}/24`] },
    );
    await setLink(netns, 'lo', { up: true });
    await addRoute(netns, { to: 'default', via: '10.1.0.1' });
  }
  await setSysctl(host, 'net.ipv4.ip_forward', 1);
  await exec(host, 'nft', [BY_HAND]);
  return rest;
}

async function throughputs(): Promise<void> {
  const [own, hand] = [await ourSetup(), await handSetup()];
  for (const [n, way] of own.ways.entries()) {
    const other = hand.ways[n] ?? way;
    const measured: [number[], number[]] = [[], []];
    for (let round = 0; round < 5; round++) {
      measured[0].push(await throughput(way.client, way.server, way.address, way.port));
      measured[1].push(await throughput(other.client, other.server, other.address, other.port));
    }
    const [ours, byHand] = measured.map((some) => summarize(some).median / 1e9) as [number, number];
    console.log(
      `${way.title}: ${format(ours)} Gbit/s, by hand ${format(byHand)}: ${format(ours / byHand)} times`,
    );
  }
  await deleteNetns([...own.all, ...hand.all]);
}

function installed(command: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(join(directory, command)));
}

async function main(): Promise<void> {
  const host = await currentNetns();
  const network = await createBridgeNetwork(host, { name: 'red', subnet: '10.200.0.0/16' });
  const members = await Promise.all(Array.from({ length: MEMBERS }, async () => createNetns()));
  const state = mkdtempSync(join(tmpdir(), 'cni-'));
  const contenders = [ours(network, members)];
  const named: Netns[] = [];
  if (existsSync(join(PLUGINS, 'portmap'))) {
    for (let i = 0; i < MEMBERS; i++) named.push(await createNetns(memberName(i, 'cni')));
    contenders.push(cni(state));
  } else console.log(`no CNI plugins in ${PLUGINS}: left out`);
  await membersTimes(contenders);
  await portTimes(network);
  await network.remove();
  await deleteNetns([...members, ...named]);
  rmSync(state, { recursive: true });
  if (installed('iperf3')) await throughputs();
  else console.log('no iperf3: throughput is left out');
  host.close();
}

void main();
