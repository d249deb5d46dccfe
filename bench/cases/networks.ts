import { execFileSync } from 'node:child_process';
import { type BridgeNetwork, createBridgeNetwork, createNetns, deleteNetns, type Netns } from '../../lib';
import { json } from '../runner/kernel';
import { WrongState } from '../runner/state';
import { format, summarize } from '../runner/stats';

/**
 * Bridge networks at scale, with a goal for each: a hundred networks of ten members, members with two hundred published ports, and a
 * bridge with a thousand members: `npm run bench:case -- networks [--quick]`. With --quick there are few of each, and only the state is
 * looked at.
 */

const quick = process.argv.includes('--quick');
const NETWORKS = quick ? 3 : 100;
const MEMBERS = quick ? 2 : 10;
/** Each port is a descriptor of the process, and many machines allow 20,000. */
const PUBLISHING = quick ? 2 : 60;
const PORTS = quick ? 3 : 200;
const ON_ONE = quick ? 5 : 1000;
/** Where the bridges are. */
const HOST = 'bench-host';
/** So many calls are one median. */
const SAMPLE = quick ? 1 : 10;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function namespaces(count: number): Promise<Netns[]> {
  return Promise.all(Array.from({ length: count }, async () => createNetns()));
}

function print(title: string, milliseconds: number, most: number, unit = 'ms'): void {
  const note = quick ? '' : `; goal ≤ ${most}: ${milliseconds <= most ? 'met' : 'missed'}`;
  console.log(`${title}: ${format(milliseconds)} ${unit}${note}`);
}

function rulesetOfHost(): string {
  const nft = ['netns', 'exec', HOST, 'nft', 'list', 'ruleset'];
  return execFileSync('ip', nft, { encoding: 'utf8', maxBuffer: 1 << 26 });
}

interface State {
  members: number;
  published: number;
}

/** Ports of bridges, and published ports in the maps of nf_tables, as others see them. */
function checkState(expected: State): void {
  const published = rulesetOfHost().match(/\b(?:tcp|udp) \. \d+/g) ?? [];
  const ports = json('bridge', '-n', HOST, 'link', 'show');
  const state: State = { members: ports.length, published: published.length };
  const [is, wanted] = [state, expected].map((one) => JSON.stringify(one));
  if (is !== wanted) throw new WrongState(`expected ${wanted}, got ${is}`);
}

/** After the networks of a host were removed. */
function checkNothingLeft(): void {
  const links = json<{ ifname: string }>('ip', '-n', HOST, 'link', 'show').map(({ ifname }) => ifname);
  const rules = rulesetOfHost();
  if (links.length > 1 || rules !== '') throw new WrongState(`left: ${links.join(', ')} ${rules}`);
}

async function manyNetworks(): Promise<void> {
  await using host = await createNetns(HOST);
  const members = await namespaces(NETWORKS * MEMBERS);
  const networks: BridgeNetwork[] = [];
  const make = async (i: number): Promise<void> => {
    const network = await createBridgeNetwork(host, { name: `n${i}`, subnet: `10.${i}.0.0/24` });
    networks.push(network);
    const own = members.slice(i * MEMBERS, (i + 1) * MEMBERS);
    await Promise.all(own.map(async (member) => network.attach(member)));
  };
  const title = `${NETWORKS} networks of ${MEMBERS} members`;
  const all = Array.from({ length: NETWORKS }, (_, i) => i);
  print(`${title}, made`, await timed(async () => Promise.all(all.map(make))), 3000);
  checkState({ members: members.length, published: 0 });
  const remove = async () => Promise.all(networks.map(async (network) => network.remove()));
  print(`${title}, removed`, await timed(remove), 3000);
  checkNothingLeft();
  await deleteNetns(members);
}

async function manyPorts(protocol: 'tcp' | 'udp'): Promise<void> {
  await using host = await createNetns(HOST);
  const members = await namespaces(PUBLISHING);
  const network = await createBridgeNetwork(host, { name: 'ports', subnet: '10.1.0.0/16' });
  const portsOf = (i: number) =>
    Array.from({ length: PORTS }, (_, n) => ({ hostPort: 2000 + i * PORTS + n, port: 80 + n, protocol }));
  const attached: number[] = [];
  for (const [i, member] of members.entries())
    attached.push(await timed(async () => network.attach(member, { publish: portsOf(i) })));
  const title = `${PORTS} ports by ${protocol} on each of ${PUBLISHING} members`;
  print(`${title}, the last attached`, summarize(attached.slice(-SAMPLE)).median, 20);
  checkState({ members: PUBLISHING, published: PUBLISHING * PORTS });
  const unpublished: number[] = [];
  for (const [i, member] of members.slice(0, SAMPLE).entries())
    unpublished.push(await timed(async () => network.unpublish(member, portsOf(i))));
  print(`${title}, those of one taken back`, summarize(unpublished).median, 20);
  checkState({ members: PUBLISHING, published: (PUBLISHING - unpublished.length) * PORTS });
  await network.remove();
  checkNothingLeft();
  await deleteNetns(members);
}

async function manyMembers(): Promise<void> {
  await using host = await createNetns(HOST);
  const members = await namespaces(ON_ONE);
  const network = await createBridgeNetwork(host, { name: 'wide', subnet: '10.1.0.0/16' });
  const attach = async (some: readonly Netns[]): Promise<number> => {
    const times: number[] = [];
    for (const member of some) times.push(await timed(async () => network.attach(member)));
    return summarize(times).median;
  };
  const first = await attach(members.slice(0, SAMPLE));
  const between = members.slice(SAMPLE, -SAMPLE);
  const meanwhile = await timed(async () =>
    Promise.all(between.map(async (member) => network.attach(member))),
  );
  const last = await attach(members.slice(-SAMPLE));
  console.log(
    `one bridge: the first attached ${format(first)} ms, ${between.length} at once ${format(meanwhile)} ms`,
  );
  print(`one bridge, the last of ${ON_ONE}`, last / first, 2, 'times the first');
  checkState({ members: ON_ONE, published: 0 });
  await network.remove();
  checkNothingLeft();
  await deleteNetns(members);
}

async function main(): Promise<void> {
  await manyNetworks();
  await manyPorts('tcp');
  await manyPorts('udp');
  await manyMembers();
}

void main();
