import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as rtnetns from '../../../lib';
import { ROOT } from '../../support/cli';
import { bridge, ip, type Json, names, run, settled } from '../../support/ip';
import { jsonLines } from '../../support/lines';

const PAGE = readFileSync(join(ROOT, 'docs/from-ip.md'), 'utf8');

/** The rows of all tables: a command, and the call that does the same. */
const ROWS = [...PAGE.matchAll(/^\| `(.+?)` +\| `(.+?)` +\|$/gm)].map(([, command = '', call = '']) => ({
  command,
  call,
}));

/** What `ip -j` shows, but for what the page says that differs, and for what depends on the time. */
const LEFT_OUT: ReadonlySet<string> = new Set([
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

/** What `ip -j` shows for each of these commands, by one process. */
async function listed(name: string, commands: readonly string[], ...flags: string[]): Promise<Json[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-batch-'));
  const file = join(directory, 'batch');
  writeFileSync(file, commands.join('\n'));
  const output = await run(undefined, 'ip', '-j', '-d', ...flags, '-n', name, '-batch', file);
  rmSync(directory, { recursive: true });
  return jsonLines(output) as Json[][];
}

const LINKS = [
  'link show',
  'addr show',
  'neigh show nud permanent nud stale',
  'neigh show proxy',
  'ntable show',
];
const BOTH = ['route show table all', 'nexthop show', 'rule show', 'netconf show'];

const byDestination = (one: Json, other: Json) =>
  JSON.stringify([one['dst'], one['name']]).localeCompare(JSON.stringify([other['dst'], other['name']]));

async function shownIn(name: string): Promise<Json> {
  const [links = [], addrs = [], ...neighbors] = await listed(name, LINKS);
  const shown = {
    links,
    addrs: addrs.map(({ ifname, addr_info: all }) => ({
      ifname,
      addrs: (all as Json[]).filter((entry) => !isLinkLocal(entry)),
    })),
    // the kernel lists them by a random hash
    neighbors: neighbors.map((list) => list.sort(byDestination)),
    ip4: await listed(name, BOTH, '-4'),
    ip6: (await listed(name, BOTH, '-6')).map((list) => list.filter((entry) => !isLinkLocal(entry))),
    ports: await bridge(undefined, '-n', name, 'link', 'show'),
    groups: (await bridge(undefined, '-n', name, 'mdb', 'show')).map(({ mdb }) =>
      (mdb as Json[]).filter(({ state }) => state === 'permanent'),
    ),
    // what a bridge learns comes in its own time
    fdb: await bridge(undefined, '-n', name, 'fdb', 'show', 'state', 'static'),
  };
  const text = withNamedMacs(JSON.stringify(shown), links);
  return JSON.parse(text, (key, value: unknown) => (LEFT_OUT.has(key) ? undefined : value)) as Json;
}

async function shown(): Promise<Json> {
  const found: Json = {};
  for (const name of await names()) {
    const netns = await rtnetns.openNetns(name);
    await settled(netns);
    netns.close();
    found[name] = await shownIn(name);
  }
  return { ...found, list: await ip(undefined, 'netns', 'list') };
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
