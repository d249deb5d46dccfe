import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as rtnetns from '../../../lib';
import { ROOT } from '../../support/cli';
import { ip, isSettled, type Json, run, until } from '../../support/ip';
import { jsonLines } from '../../support/lines';

const PAGE = readFileSync(join(ROOT, 'docs/from-ip.md'), 'utf8');

/** The rows of all tables: a command, and the call that does the same. */
const ROWS = [...PAGE.matchAll(/^\| `(.+?)` +\| `(.+?)` +\|$/gm)].map(([, command = '', call = '']) => ({
  command,
  call,
}));

/** What `ip -j` shows, but for what the page says that differs, and for what depends on the time. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  // the index of a bridge, of its groups, is `index` alone
  'index',
  'ifindex',
  'link_index',
  'num_tx_queues',
  'num_rx_queues',
  // timers and random numbers of bridges
  // what the kernel makes of other times by chance, or counts, of all namespaces
  ...['reachable', 'refcnt', 'entries', 'thresh1', 'thresh2', 'thresh3', 'gc_interval'],
  ...['hello_timer', 'tcn_timer', 'topology_change_timer', 'gc_timer', 'bridge_id', 'root_id'],
]);

/** IPv6 makes these in its own time, out of the MAC address. */
const isLinkLocal = (entry: Json) => /^(fe80|ff00)::/.test(String(entry['local'] ?? entry['dst']));

/** Calls a MAC address by its device, as addresses of rtnetns are random and those of ip(8) are, too. */
function withNamedMacs(text: string, links: readonly Json[]): string {
  return links.reduce((before, { address, ifname }) => {
    const random = typeof address === 'string' && !address.startsWith('02:00:00') && ifname !== 'lo';
    return random ? before.replaceAll(address, `MAC of ${String(ifname)}`) : before;
  }, text);
}

/** What is shown of each namespace, by one process for each of these lists: a command and its flags, and what it is asked. */
const LOOKS: readonly (readonly [string, readonly string[]])[] = [
  [
    'ip -j -d',
    ['link show', 'addr show', 'neigh show nud permanent nud stale', 'neigh show proxy', 'ntable show'],
  ],
  ['ip -j -d -4', ['route show table all', 'nexthop show', 'rule show', 'netconf show']],
  ['ip -j -d -6', ['route show table all', 'nexthop show', 'rule show', 'netconf show']],
  // what a bridge learns comes in its own time
  ['bridge -j -d', ['link show', 'mdb show', 'fdb show state static']],
];

/** Of all these namespaces, one after another: node starts a single program, because it takes long for that. */
const LOOK = `for netns in "$@"; do
${LOOKS.map(([program, asked]) => `${program} -n "$netns" -batch - <<END\n${asked.join('\n')}\nEND`).join('\n')}
done`;

const byDestination = (one: Json, other: Json) =>
  JSON.stringify([one['dst'], one['name']]).localeCompare(JSON.stringify([other['dst'], other['name']]));

/** The kernel lists devices by their indexes, which createVeth chooses. */
const deviceOf = (one: Json) => JSON.stringify([one['ifname'], one['interface']]);
const byDevice = (list: readonly Json[]) =>
  [...list].sort((one, other) => deviceOf(one).localeCompare(deviceOf(other)));

/** What is compared of a namespace, of what the looks at it have shown. */
function compared(looks: readonly Json[][]): Json {
  const shown = [...looks];
  const next = (count: number) => shown.splice(0, count);
  const [links = [], addrs = [], ...neighbors] = next(5).map(byDevice);
  const found = {
    links,
    addrs: addrs.map(({ ifname, addr_info: all }) => ({
      ifname,
      addrs: (all as Json[]).filter((entry) => !isLinkLocal(entry)),
    })),
    // the kernel lists them by a random hash
    neighbors: neighbors.map((list) => list.sort(byDestination)),
    ip4: next(4).map(byDevice),
    ip6: next(4).map((list) => byDevice(list.filter((entry) => !isLinkLocal(entry)))),
    ports: byDevice(shown[0]!),
    groups: shown[1]!.map(({ mdb }) => (mdb as Json[]).filter(({ state }) => state === 'permanent')),
    fdb: byDevice(shown[2]!),
  };
  // the other end, in another namespace, has the index that createVeth chose
  const text = withNamedMacs(JSON.stringify(found), links).replace(/"if\d+"/g, '"if"');
  return JSON.parse(text, (key, value: unknown) => (LEFT_OUT.has(key) ? undefined : value)) as Json;
}

async function shown(): Promise<Json> {
  const list = await ip(undefined, 'netns', 'list');
  const all = list.map(({ name }) => String(name)).sort();
  const count = LOOKS.flatMap(([, asked]) => asked).length;
  let looks: Json[][] = [];
  await until(async () => {
    looks = jsonLines(await run(undefined, 'sh', '-euc', LOOK, 'sh', ...all)) as Json[][];
    return all.every((_, i) => isSettled(looks[i * count]!));
  });
  const found = all.map((name, i) => [name, compared(looks.slice(i * count, (i + 1) * count))] as const);
  return { ...Object.fromEntries(found), list };
}

/** Waits for the namespace that the command deletes: the kernel frees it, and the devices in it, a moment later. */
async function startWaiting(command: string): Promise<{ freed: Promise<void> }> {
  const [, name] = /^ip netns del (\w+)$/.exec(command) ?? [];
  if (name === undefined) return { freed: Promise.resolve() };
  const netns = await rtnetns.openNetns(name);
  const freed = rtnetns.waitGone(netns);
  netns.close();
  return { freed };
}

async function byCommands(): Promise<Json[]> {
  const after: Json[] = [];
  for (const { command } of ROWS) {
    const { freed } = await startWaiting(command);
    await run(undefined, 'bash', '-euc', command);
    await freed;
    after.push(await shown());
  }
  return after;
}

async function byCalls(): Promise<Json[]> {
  const after: Json[] = [];
  const steps = ROWS.map(({ call }, row) => `await begin(${row});\n${call};\nawait end();`).join('\n');
  const program = compileFunction(`return (async () => {\n${steps}\n})();`, [
    'host',
    'begin',
    'end',
    ...Object.keys(rtnetns),
  ]) as (...args: unknown[]) => Promise<void>;
  await using host = await rtnetns.currentNetns();
  let waiting: { freed: Promise<void> };
  const begin = async (row: number) => {
    waiting = await startWaiting(ROWS[row]!.command);
  };
  const end = async () => {
    await waiting.freed;
    after.push(await shown());
  };
  await program(host, begin, end, ...Object.values(rtnetns));
  return after;
}

describe('docs/from-ip.md', () => {
  test('each call leaves what its command leaves', async () => {
    const commands = await byCommands();
    const calls = await byCalls();
    expect(ROWS.length).toBeGreaterThan(50);
    for (const [index, { command, call }] of ROWS.entries()) {
      expect({ command, call, shown: calls[index] }).toEqual({ command, call, shown: commands[index] });
    }
  });
});
