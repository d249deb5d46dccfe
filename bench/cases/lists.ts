import { callContenders } from '../runner/contenders';
import { LIST_GOALS } from '../runner/goals';
import { devices, ipBatch, untilOnly } from '../runner/kernel';
import { Session } from '../runner/session';
import { format, summarize } from '../runner/stats';
import { load, prepare } from './calls';

/**
 * Lists of links and routes beside a program in C that only walks the bytes, by turns: the first list of a process, and
 * those of one that is warm. Told are medians, and the ratio to C.
 *
 * `npm run bench:case -- lists [ROUNDS]`
 */

const ROUNDS = Number(process.argv[2] ?? 7);
const WARM_AFTER = 20;
const MEASURED = 11;

const LISTS = [
  { verb: 'routes', times: 10_000 },
  { verb: 'routes6', times: 10_000 },
  { verb: 'links', times: 1000 },
] as const;

const IDS = ['c-dump', 'rtnetns'] as const;

interface Sample {
  first: number;
  warm: number;
}

async function sample(command: readonly [string, ...string[]], verb: string): Promise<Sample> {
  const session = await Session.open(command);
  try {
    const ask = async () => (await session.ask(verb)).ms;
    const first = await ask();
    for (let i = 1; i < WARM_AFTER; i++) await ask();
    const taken: number[] = [];
    for (let i = 0; i < MEASURED; i++) taken.push(await ask());
    return { first, warm: summarize(taken).median };
  } finally {
    await session.close();
  }
}

function verdict(name: string, ratio: number): string {
  const goal = LIST_GOALS.find((one) => one.name === name);
  if (goal === undefined) return '';
  return `, ≤ ${goal.atMost}: ${ratio <= goal.atMost ? 'met' : 'missed'}`;
}

async function main(): Promise<void> {
  const commands = IDS.map((id) => {
    const contender = callContenders.find((one) => one.id === id);
    if (contender?.needs.prepare() !== true) throw new Error(`${id} cannot run here`);
    return contender.command;
  });
  const before = devices();
  for (const { verb, times } of LISTS) {
    ipBatch(load);
    const loaded = devices();
    prepare({ verb, times });
    const samples = commands.map((): Sample[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, command] of commands.entries()) samples[i]?.push(await sample(command, verb));
    }
    for (const when of ['first', 'warm'] as const) {
      const [c = NaN, ours = NaN] = samples.map((of) => summarize(of.map((one) => one[when])).median);
      const judged = verdict(when === 'warm' ? verb : `${verb}-${when}`, ours / c);
      const title = `${when === 'warm' ? 'a list' : 'the first list'} of ${times.toLocaleString('en-US')} ${verb}`;
      console.log(
        `${title.padEnd(34)} ${format(ours)} ms, C ${format(c)} ms, ÷ C ${format(ours / c)}${judged}`,
      );
    }
    ipBatch(devices().flatMap((d) => (loaded.includes(d) || !d.endsWith('a') ? [] : [`link del ${d}`])));
    ipBatch(['link del load0']);
    await untilOnly(before);
  }
}

void main();
