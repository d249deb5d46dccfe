import { parseArgs } from 'node:util';
import { createLab, createNetns, createStar, exec, type LabDefinition, type Netns } from '../../lib';
import { settle } from '../runner/kernel';
import { WrongState } from '../runner/state';
import { format, summarize } from '../runner/stats';

/**
 * A lab of many nodes on ten switches against the bulk calls that make the same, in turns: `npm run bench:case -- labs [N] [--rounds R]
 * [--quick]`. With --quick only the state is looked at.
 */

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const { quick } = values;
const N = Number(positionals[0] ?? (quick ? 20 : 1000));
const ROUNDS = Number(values.rounds ?? (quick ? 1 : 7));
const SWITCHES = 10;
const GOAL = 1.15;

const each = Array.from({ length: SWITCHES }, (_, i) => i);

const definition: LabDefinition = {
  switches: Object.fromEntries(each.map((i) => [`s${i}`, { subnet: `10.0.${4 * i}.0/22` }])),
  nodes: Object.fromEntries(each.map((i) => [`n${i}-{1..${N / SWITCHES}}`, { ports: `s${i}` }])),
};

interface Made {
  middle: Netns;
  nodes: readonly Netns[];
  remove: () => Promise<void>;
}

async function byLab(): Promise<Made> {
  const lab = await createLab(definition);
  return { middle: lab.switches, nodes: [...lab.nodes.values()], remove: async () => lab.destroy() };
}

/** Stars in one namespace, all at once, whose devices are those of the lab. */
async function byBulkCalls(): Promise<Made> {
  const middle = await createNetns(undefined, { lo: true });
  const stars = await Promise.all(
    each.map(async (i) =>
      createStar(middle, {
        bridge: { name: `s${i}`, ipv6: false },
        members: Array.from({ length: N / SWITCHES }, (_, n) => ({
          device: { addrs: [`10.0.${4 * i + ((n + 1) >> 8)}.${(n + 1) & 255}/22`] },
          port: { name: `n${i}-${n + 1}`, ipv6: false },
        })),
      }),
    ),
  );
  const nodes = stars.flatMap(({ members }) =>
    members.flatMap((member) => (member.status === 'created' ? [member.netns] : [])),
  );
  const remove = async () => {
    await exec(middle, 'ip', ['link', 'set', 'group', 'default', 'down']);
    for (const netns of [...nodes, middle]) netns.close();
  };
  return { middle, nodes, remove };
}

/** As bridge(8) and ip(8) show it. */
async function check({ middle, nodes }: Made): Promise<void> {
  const ports = JSON.parse((await exec(middle, 'bridge', ['-j', 'link', 'show'])).stdout) as {
    state: string;
  }[];
  const forwarding = ports.filter(({ state }) => state === 'forwarding').length;
  const last = nodes.at(-1);
  const addrs =
    last === undefined ? '' : (await exec(last, 'ip', ['-br', '-4', 'addr', 'show', 'eth0'])).stdout;
  if (ports.length !== N || forwarding !== N || nodes.length !== N || !/ UP +10\./.test(addrs)) {
    throw new WrongState(`${ports.length} ports, ${forwarding} forward, ${nodes.length} nodes, ${addrs}`);
  }
}

interface Times {
  created: number[];
  removed: number[];
}

async function turn(make: () => Promise<Made>, times: Times): Promise<void> {
  await settle();
  const begin = performance.now();
  const made = await make();
  times.created.push(performance.now() - begin);
  await check(made);
  const end = performance.now();
  await made.remove();
  times.removed.push(performance.now() - end);
}

function row(title: string, times: Times): void {
  const { median, min, max } = summarize(times.created);
  const removed = format(summarize(times.removed).median);
  console.log(
    `${title}: created in ${format(median)} ms (${format(min)}–${format(max)}), given back in ${removed} ms`,
  );
}

async function main(): Promise<void> {
  const [lab, bulk]: [Times, Times] = [
    { created: [], removed: [] },
    { created: [], removed: [] },
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [async () => turn(byLab, lab), async () => turn(byBulkCalls, bulk)];
    for (const next of round % 2 === 0 ? turns : turns.reverse()) await next();
  }
  row(`a lab of ${N} nodes on ${SWITCHES} switches`, lab);
  row('the same by createStar', bulk);
  const ratio = summarize(lab.created).median / summarize(bulk.created).median;
  const note = quick ? '' : `; goal ≤ ${GOAL}: ${ratio <= GOAL ? 'met' : 'missed'}`;
  console.log(`ratio: ${format(ratio)}${note}`);
}

void main();
