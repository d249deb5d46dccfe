import { inWords } from '../../../common/in-words';
import { defined } from '../../../common/objects';
import { NetlinkError } from '../../../netlink/error';
import type { Netns } from '../../../netns/netns';
import * as nft from '../../../nft';
import type { ImpairmentOptions } from '../../../traffic/impairment';
import { addQdisc, listQdiscs, removeQdisc } from '../../../traffic/qdiscs';
import { LabError } from '../../lab-error';
import { dropFault, listFaultRules, putFault } from '../fault-tables';
import { groupedBy } from '../../lists';
import type { SeenShape } from '../../shaping/device-shape';
import { pairsOf, type Shape } from '../../shaping/shape';
import type { WireEnd } from '../wire';

// What can be done on a kernel that has no netem: packets are lost by a rule at the other end of the wire, and slowed down by a tbf.

/** The parts of which a rule loses some: one in a million is the least. */
const PARTS = 1_000_000;

const random: nft.Selector = {
  type: 'mark',
  needs: {},
  load: (dreg) => ({ name: 'numgen', data: { dreg, modulus: PARTS, type: 'random', offset: 0 } }),
};

const CAN: readonly (keyof ImpairmentOptions)[] = ['loss', 'rate'];
/** They change nothing by themselves. */
const IDLE: readonly (keyof ImpairmentOptions)[] = ['limit', 'seed'];

/** A device whose packets are shaped, and the other end of its wire. */
export interface ShapedEnd {
  readonly end: WireEnd;
  readonly opposite: WireEnd;
}

/**
 * Shapes what leaves a device.
 *
 * @throws LabError ERR_LAB_NETEM for what takes a netem.
 */
export async function shapeWithoutNetem(
  { end, opposite }: ShapedEnd,
  shape: Shape,
  id: string,
  where: { lab: string | undefined; operation: string },
): Promise<void> {
  const { whole, flows } = shape;
  const lacking = [
    ...lackedBy(whole),
    ...flows.flatMap(({ options }) => [...lackedBy(options), ...(options.rate ? ['rate'] : [])]),
  ];
  if (lacking.length > 0) {
    const names = inWords([...new Set(lacking)], 'and');
    const reason = `this kernel has no netem, which ${names} ${lacking.length > 1 ? 'take' : 'takes'}: load its module (modprobe sch_netem)`;
    throw new LabError({ code: 'ERR_LAB_NETEM', reason, ...where });
  }
  await setRate(end.netns, end.device, whole?.rate ?? 0, where);
  const rules = rulesOf(shape);
  if (rules.length === 0) await dropFault(id, [opposite.netns]);
  else {
    const chain = {
      role: end.node === undefined ? 'in' : 'out',
      hook: { device: opposite.device },
      rules,
    };
    await putFault(id, [{ netns: opposite.netns, sets: [], chains: [chain] }]);
  }
}

function lackedBy(options: ImpairmentOptions = {}): string[] {
  const names = Object.keys(options) as (keyof ImpairmentOptions)[];
  return names.filter((name) => Boolean(options[name]) && ![...CAN, ...IDLE].includes(name));
}

function rulesOf({ whole, flows }: Shape): { statements: nft.Statement[]; comment?: string }[] {
  const own = flows.flatMap((flow) =>
    pairsOf(flow).flatMap(({ source, destination }) => {
      const is = [
        ...(source === undefined ? [] : [nft.match(headerOf(source).saddr, source)]),
        ...(destination === undefined ? [] : [nft.match(headerOf(destination).daddr, destination)]),
      ];
      const comment = JSON.stringify({ loss: flow.options.loss ?? 0, source, destination });
      return [
        { statements: [...is, ...losing(flow.options)], comment },
        { statements: [...is, nft.accept()] },
      ];
    }),
  );
  if (!whole?.loss) return own;
  return [...own, { statements: losing(whole), comment: JSON.stringify({ loss: whole.loss }) }];
}

function headerOf(addr: string): typeof nft.ip | typeof nft.ip6 {
  return addr.includes(':') ? nft.ip6 : nft.ip;
}

/** A part of the packets is dropped. */
function losing({ loss = 0 }: ImpairmentOptions): nft.Statement[] {
  const parts = Math.round((loss / 100) * PARTS);
  if (parts === 0) return [nft.counter()];
  return [...(parts < PARTS ? [nft.match(random, { from: 0, to: parts - 1 })] : []), nft.drop()];
}

/** Bytes that leave at once: those of ten milliseconds, and at least two packets. */
const burstOf = (rate: number): number => Math.max(3200, Math.ceil(rate / 8 / 100));

/** Milliseconds that a packet waits at most, as long as a netem of a thousand packets would let it wait at 100 Mbit/s. */
const LATENCY = 120;

async function setRate(
  netns: Netns,
  device: string,
  rate: number,
  where: { lab: string | undefined; operation: string },
): Promise<void> {
  const root = (await listQdiscs(netns, { device })).find(({ parent }) => parent === 'root');
  if (rate === 0) {
    if (root?.kind === 'tbf') await removeQdisc(netns, device, { kind: 'tbf', ifMissing: 'ignore' });
    return;
  }
  const options = { kind: 'tbf', rate, burst: burstOf(rate), latency: LATENCY, ifExists: 'replace' } as const;
  await addQdisc(netns, device, options).catch((error: unknown) => {
    if (!(error instanceof NetlinkError && error.code === 'ENOENT')) throw error;
    const reason =
      'this kernel has neither netem nor tbf, of which rate takes one: load a module (modprobe sch_netem)';
    throw new LabError({ code: 'ERR_LAB_NETEM', reason, ...where }, { cause: error });
  });
}

/** What a rule loses of what comes in by a device: of all packets, or of those from or to an address. */
export interface Loss {
  readonly loss: number;
  readonly source?: string;
  readonly destination?: string;
}

/** What rules lose in a namespace, by the devices at which they lose it. */
export async function readLosses(netns: Netns): Promise<ReadonlyMap<string, Loss[]>> {
  const found = (await listFaultRules(netns)).flatMap(([device, comment]) => {
    const loss = parsed(comment);
    return loss === undefined ? [] : [{ device, loss }];
  });
  const byDevice = groupedBy(found, ({ device }) => device);
  return new Map([...byDevice].map(([device, those]) => [device, those.map(({ loss }) => loss)]));
}

function parsed(comment: string): Loss | undefined {
  try {
    const read = JSON.parse(comment) as Partial<Loss>;
    return typeof read.loss === 'number' ? (read as Loss) : undefined;
  } catch {
    return undefined;
  }
}

/** What becomes of the packets of a device, also without netem: `losses` are those at the other end of its wire. */
export function withoutNetem(shape: SeenShape | undefined, losses: readonly Loss[] = []): SeenShape {
  const { whole, rate, classes = new Map<string, ImpairmentOptions>() } = shape ?? {};
  const loss = losses.find(
    ({ source, destination }) => source === undefined && destination === undefined,
  )?.loss;
  const ofSome = losses.flatMap(({ source, destination, loss: lost }) =>
    source === undefined && destination === undefined
      ? []
      : [[`${source ?? ''} ${destination ?? ''}`, { loss: lost }] as const],
  );
  const seen = rate === undefined && loss === undefined ? whole : { ...whole, ...defined({ loss, rate }) };
  return { whole: seen, rate, classes: new Map([...classes, ...ofSome]) };
}
