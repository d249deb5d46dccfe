import fs from 'node:fs';
import type { CallContender } from '../runner/contenders';
import { devices, ipBatch, settle, untilOnly } from '../runner/kernel';
import { Session } from '../runner/session';
import { WrongState } from '../runner/state';

/** A measurement of single calls: how often the verb is done, and what it is done to. */
export interface Call {
  /** What reports call it: the verb, or 'routes-first'. */
  name: string;
  verb: string;
  /** How often the verb is done before the measurement: code that is not warm yet is start-up, unless that is measured. */
  before: number;
  title: string;
  times: number;
  /** The unit that the result is divided down to. */
  per: 'call' | 'whole';
}

const number = (count: number): string => count.toLocaleString('en-US');

export function callsFor(quick: boolean): Call[] {
  const some = quick ? 10 : 100;
  const many = quick ? 100 : 1000;
  const routes = quick ? 100 : 10_000;
  const call = (verb: string, title: string, times: number, per: Call['per']): Call => ({
    ...{ name: verb, verb, title, times, per },
    before: DUMPS.includes(verb) ? WARM_AFTER : 0,
  });
  const dumpRoutes = call('routes', `dump ${number(routes)} routes`, routes, 'whole');
  return [
    call('netns', 'create a namespace', some, 'call'),
    call('veth', 'create a veth pair', some, 'call'),
    call('addr', 'add an address', many, 'call'),
    call('addrs', `add ${number(many)} addresses together`, many, 'whole'),
    call('links', `dump ${number(many)} links`, many, 'whole'),
    dumpRoutes,
    call('routes6', `dump ${number(routes)} routes of IPv6`, routes, 'whole'),
    {
      ...dumpRoutes,
      name: 'routes-first',
      title: `dump ${number(routes)} routes, the first time`,
      before: 0,
    },
  ];
}

const DUMPS: readonly string[] = ['links', 'routes', 'routes6'];
const WARM_AFTER = 10;

const range = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** The devices that addresses and routes are for. */
export const load = ['link add load0 type veth peer name load1', 'link set load0 up', 'link set load1 up'];

/** Puts there what the verb works on. */
export function prepare({ verb, times }: Pick<Call, 'verb' | 'times'>): void {
  if (verb === 'links')
    ipBatch(range(times >> 1, (i) => `link add d${String(i)}a type veth peer name d${String(i)}b`));
  if (verb === 'routes')
    ipBatch(range(times, (i) => `route add 10.${String(101 + (i >> 8))}.${String(i & 255)}.0/24 dev load0`));
  if (verb === 'routes6')
    ipBatch(range(times, (i) => `route add 2001:db8:${i.toString(16)}::/48 via fe80::1 dev load0`));
}

/** Removes what contenders made, and `prepare` if it was the last one's turn. */
async function clean(kept: readonly string[]): Promise<void> {
  const names = fs.readdirSync('/run/netns');
  ipBatch(names.map((name) => `netns del ${name}`));
  ipBatch(
    devices()
      .filter((d) => d.endsWith('a') && !kept.includes(d))
      .map((d) => `link del ${d}`),
  );
  ipBatch(['addr flush dev load0']);
  await untilOnly(kept);
}

async function runCall(contender: CallContender, call: Call, kept: readonly string[]): Promise<number> {
  await settle();
  const session = await Session.open(contender.command);
  try {
    for (let i = 0; i < call.before; i++) await session.ask(call.verb, call.times);
    const { ms, count } = await session.ask(call.verb, call.times);
    if (count < call.times) {
      throw new WrongState(`${contender.id} ${call.verb}: ${String(count)} instead of ${String(call.times)}`);
    }
    return call.per === 'call' ? ms / call.times : ms;
  } finally {
    await session.close();
    await clean(kept);
  }
}

/** All contenders in turn, `rounds` times: milliseconds by contender. One that fails is out, the others go on. */
export async function runCalls(
  contenders: readonly CallContender[],
  call: Call,
  rounds: number,
  failed: (contender: CallContender, error: unknown) => void,
): Promise<Map<CallContender, number[]>> {
  const results = new Map<CallContender, number[]>();
  const able = new Set(contenders.filter(({ verbs }) => verbs.includes(call.verb)));
  const before = devices();
  ipBatch(load);
  prepare(call);
  const kept = devices();
  for (let round = 0; round < rounds; round++) {
    for (const contender of able) {
      const times = results.get(contender) ?? [];
      try {
        times.push(await runCall(contender, call, kept));
        results.set(contender, times);
      } catch (error) {
        able.delete(contender);
        failed(contender, error);
      }
    }
  }
  await clean([...before, 'load0', 'load1']);
  ipBatch(['link del load0']);
  await untilOnly(before);
  return results;
}
