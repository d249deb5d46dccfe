import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import type { StarContender } from '../runner/contenders';
import { json } from '../runner/kernel';
import { cc } from '../runner/needs';
import { BUILD } from '../runner/paths';
import type { StarSample } from '../runner/report';
import { netnsName, starProblems } from '../runner/state';
import { format, summarize } from '../runner/stats';
import { inTerminal } from '../runner/tables';
import { runStar } from './star';

/**
 * What might be faster than the floor, each idea by a flag of floor.c, against the floor without flags, which takes its turn before
 * or after each: `npm run bench:case -- floor-ideas [N] [--rounds R] [--quick]`. With --quick only the state is looked at.
 */

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const { quick } = values;
const N = Number(positionals[0] ?? (quick ? 10 : 600));
const ROUNDS = Number(values.rounds ?? (quick ? 1 : 7));

interface Idea {
  flag: string;
  title: string;
  /** What is wrong apart from the star: the idea was not done, or not undone. */
  more?: (n: number) => string[];
  /** It makes something else than the star. */
  problems?: (n: number) => string[];
}

interface Link {
  ifname: string;
  mtu: number;
  group: string;
  flags: string[];
  inet6_addr_gen_mode?: string;
  linkinfo?: { info_kind: string; info_data?: { mcast_snooping?: number } };
}

interface Addresses {
  ifname: string;
  /** Absent where `ip` was asked for others. */
  addr_info?: { family: string; local: string }[];
}

const first = ['-n', netnsName(0)];
const outerEnds = (): Link[] =>
  json<Link>('ip', '-d', 'link', 'show').filter(({ linkinfo }) => linkinfo?.info_kind === 'veth');
const innerEnd = (): Link | undefined =>
  json<Link>('ip', ...first, '-d', 'link', 'show').find(({ ifname }) => ifname === 'eth0');

/** Those of the sentences whose condition does not hold. */
function unless(conditions: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(conditions).filter((sentence) => conditions[sentence] !== true);
}

function noAddressOfIpv6(where: readonly string[]): boolean {
  const all = json<Addresses>('ip', ...where, '-6', 'addr', 'show');
  return all.every(({ ifname, addr_info }) => (ifname === 'lo' && where.length === 0) || !addr_info?.length);
}

const answers = (address: string): boolean =>
  spawnSync('ip', ['netns', 'exec', netnsName(0), 'ping', '-c1', '-W2', address]).status === 0;

function routedProblems(n: number): string[] {
  const ends = outerEnds();
  const routes = json<{ dst: string; dev: string }>('ip', 'route', 'show');
  const last = `10.200.${(n + 1) >> 8}.${(n + 1) & 255}`;
  return unless({
    'not all outer ends are there and up': ends.filter(({ flags }) => flags.includes('UP')).length === n,
    'not each member has a route': routes.filter(({ dev }) => dev.startsWith('v')).length === n,
    'the gateway does not answer': answers('10.200.0.1'),
    'the last member does not answer': answers(last),
  });
}

const isMountPoint = (): boolean =>
  fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => /^.* \/run\/netns .* - tmpfs netns /.test(line));

const IDEAS: readonly Idea[] = [
  {
    flag: '--no-inner-ipv6',
    title: 'no link-local address inside (addr_gen_mode none)',
    more: () => unless({ 'eth0 has a link-local address': innerEnd()?.inet6_addr_gen_mode === 'none' }),
  },
  {
    flag: '--no-ipv6',
    title: 'no IPv6, inside and outside (disable_ipv6)',
    more: () =>
      unless({ 'ns0000 has IPv6': noAddressOfIpv6(first), 'the host has IPv6': noAddressOfIpv6([]) }),
  },
  {
    flag: '--small-mtu',
    title: 'no IPv6, because the MTU is 1,279',
    more: () => unless({ 'eth0 has another MTU': innerEnd()?.mtu === 1279 }),
  },
  { flag: '--made-before', title: 'the namespaces are there before' },
  {
    flag: '--group-up',
    title: 'ports up at the end, by one request for their group',
    more: () => unless({ 'the ports are not in the group': outerEnds().every(({ group }) => group === '7') }),
  },
  { flag: '--snooping-first', title: 'the bridge snoops multicast from its beginning' },
  { flag: '--routed', title: 'no bridge, but a route of /32 to each member', problems: routedProblems },
  { flag: '--two-makers', title: 'two threads make namespaces' },
  { flag: '--three-makers', title: 'three threads make namespaces' },
  { flag: '--clone', title: 'clone(CLONE_NEWNET) instead of unshare' },
  {
    flag: '--private-tmpfs',
    title: 'the names in a private tmpfs',
    more: () => unless({ 'there is no tmpfs': isMountPoint() }),
  },
];

/** The floor turns snooping off until the bridge is up. */
function snoopingProblems(): string[] {
  const [bridge] = json<Link>('ip', '-d', 'link', 'show', 'dev', 'br0');
  return unless({ 'br0 does not snoop': bridge?.linkinfo?.info_data?.mcast_snooping === 1 });
}

const bridged = (n: number): string[] => [...starProblems(n), ...snoopingProblems()];

const floor: StarContender = {
  id: 'floor',
  title: 'floor',
  needs: cc,
  command: [`${BUILD}/floor`],
  problems: bridged,
};

const contenderOf = ({ flag, title, more, problems }: Idea): StarContender => ({
  ...floor,
  id: flag,
  title,
  command: [`${BUILD}/floor`, flag],
  problems: problems ?? ((n) => [...bridged(n), ...(more?.(n) ?? [])]),
});

type Sample = StarSample & { runningMs: number };

type Pair = Readonly<Record<'idea' | 'plain', Sample>>;

/** The kernel may still have to notice the carriers when the last request is answered. */
async function measure(contender: StarContender): Promise<Sample> {
  let runningMs = NaN;
  const sample = await runStar(contender, N, async (session) => {
    ({ ms: runningMs } = await session.ask('running', N));
  });
  return { ...sample, runningMs };
}

/** Whoever comes first has the turn after the other's clean-up, so they change places from round to round. */
async function takeTurns(idea: StarContender, round: number): Promise<Pair> {
  if (round % 2 === 0) return { plain: await measure(floor), idea: await measure(idea) };
  return { idea: await measure(idea), plain: await measure(floor) };
}

function row(title: string, pairs: readonly Pair[]): string[] {
  const ratios = (what: keyof Sample) => summarize(pairs.map(({ idea, plain }) => idea[what] / plain[what]));
  const [create, cpu, remove] = [ratios('createMs'), ratios('createCpuMs'), ratios('deleteMs')];
  const running = ratios('runningMs');
  const text = (ratio: number) => (Number.isFinite(ratio) ? ratio.toFixed(2) : '–');
  const { median } = summarize(pairs.map(({ idea }) => idea.createMs));
  return [
    title,
    format(median),
    text(create.median),
    `${text(create.min)}–${text(create.max)}`,
    text(running.median),
    text(cpu.median),
    text(remove.median),
  ];
}

async function main(): Promise<void> {
  fs.mkdirSync(BUILD, { recursive: true });
  if (!cc.prepare()) throw new Error(`there is no compiler: ${cc.install}`);
  const taken = new Map(IDEAS.map((idea) => [contenderOf(idea), [] as Pair[]]));
  await measure(floor); // the first is start-up
  for (let round = 0; round < ROUNDS; round++) {
    for (const [idea, pairs] of taken) pairs.push(await takeTurns(idea, round));
  }
  const head = ['idea', 'create ms', '× floor', 'min–max', 'until running', 'CPU × floor', 'delete × floor'];
  const rows = [...taken].map(([{ title }, pairs]) => row(title, pairs));
  const title = quick
    ? `Star ${N}: all as it should be; the times mean nothing`
    : `Star ${N}, ${ROUNDS} rounds`;
  console.log(inTerminal({ title, rows: [head, ...rows] }));
}

void main();
