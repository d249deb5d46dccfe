import { allDone } from '../../../common/all-done';
import { takingBack } from '../../../common/take-back';
import { Turns } from '../../../common/turns';
import { ignoring } from '../../../netlink/error';
import type { ImpairmentOptions } from '../../../traffic/impairment';
import { isForLackOfNetem } from '../../lab-error';
import { combined } from '../../shaping/combined';
import { setFlows, shapeByNetem } from '../../shaping/device-shape';
import { type Flow, type FlowShape, type Shape, sortedAddrs } from '../../shaping/shape';
import type { Spaces } from '../../spaces';
import { keyOf as keyOfThing, type ThingOf, type Things } from '../../things';
import { addrsOfNodes } from '../addrs-of-nodes';
import { changeMark } from '../device-mark';
import { dropFault, newFaultId } from '../fault-tables';
import type { WireEnd } from '../wire';
import { type ShapedEnd, shapeWithoutNetem } from './without-netem';

/** What one fault does to a device. */
export interface Layer {
  readonly holder: string;
  readonly options: ImpairmentOptions;
  /** Only packets that have an address of these nodes. */
  readonly peers?: { readonly nodes: readonly string[]; readonly side: 'from' | 'to' };
}

/** A device that faults impair. */
interface Impaired extends ShapedEnd {
  layers: Layer[];
  readonly id: string;
  /** Whether it turned out that the kernel has no netem. */
  withoutNetem: boolean;
}

/** The devices of a lab that faults impair. What the last fault says holds, and after the last one what the definition says. */
export class Impairments {
  readonly #all = new Map<string, Impaired>();
  /** Of the rules in a namespace, which are one table's. */
  readonly #rules = new Turns();

  /** `things` are what there is to be. */
  constructor(
    private readonly spaces: Spaces,
    private readonly things: () => Things,
  ) {}

  /** Lays a layer over what there is. What fails leaves nothing of it. */
  async lay(ends: readonly (readonly [ShapedEnd, Layer])[]): Promise<void> {
    const work = allDone(
      ends.map(async ([where, layer]) => {
        const key = keyOf(where.end);
        const impaired = this.#all.get(key) ?? {
          ...where,
          layers: [],
          id: newFaultId('impair'),
          withoutNetem: false,
        };
        this.#all.set(key, impaired);
        impaired.layers = [...impaired.layers, layer];
        await this.#settle(impaired);
      }),
    );
    await work.catch(async (error: unknown) =>
      takingBack(error, async () =>
        this.lift(
          ends.map(([{ end }]) => end),
          ends.map(([, { holder }]) => holder),
        ),
      ),
    );
  }

  /** Takes the layers of these holders from devices. Devices that are gone are as good as mended. */
  async lift(ends: readonly WireEnd[], holders: readonly string[]): Promise<void> {
    await allDone(
      [...new Set(ends.map(keyOf))].map(async (key) => {
        const impaired = this.#all.get(key);
        if (impaired === undefined) return;
        impaired.layers = impaired.layers.filter(({ holder }) => !holders.includes(holder));
        if (impaired.layers.length === 0) this.#all.delete(key);
        if (impaired.end.netns.open && impaired.opposite.netns.open)
          await this.#settle(impaired).catch(ignoring('ENODEV'));
        // a rule outlives its device (6.18), and would take the next one of the same name
        if (impaired.layers.length === 0 && impaired.withoutNetem)
          await this.#inTurn(impaired, async () => dropFault(impaired.id, [impaired.opposite.netns]));
      }),
    );
  }

  /** The addresses of nodes may have changed. */
  async renew(ends: readonly WireEnd[]): Promise<void> {
    await allDone(
      ends.map(async (end) => {
        const impaired = this.#all.get(keyOf(end));
        if (impaired !== undefined) await this.#settle(impaired);
      }),
    );
  }

  /** Makes the kernel have what the layers say. */
  async #settle(impaired: Impaired): Promise<void> {
    const { end, layers } = impaired;
    const base = this.#definitionOf(end, 'impairment')?.options;
    const shape = await this.#shapeOf(end, layers, base);
    if (layers.length > 0) await changeMark(end, { base: base ?? null });
    if (!impaired.withoutNetem) {
      try {
        await shapeByNetem(end.netns, end.device, shape);
      } catch (error) {
        if (!isForLackOfNetem(error)) throw error;
        impaired.withoutNetem = true;
        // the htb of its flows, which is made before the first netem
        await setFlows(end.netns, end.device, 'faults', []);
      }
    }
    if (impaired.withoutNetem) {
      const where = {
        lab: this.spaces.name,
        operation: `impair ${end.device} of ${end.node ?? 'the switches'}`,
      };
      await this.#inTurn(impaired, async () => shapeWithoutNetem(impaired, shape, impaired.id, where));
    }
    if (layers.length === 0) await changeMark(end, { base: undefined });
  }

  /** One change of the rules of a namespace after another. */
  async #inTurn({ opposite }: ShapedEnd, change: () => Promise<void>): Promise<void> {
    await this.#rules.take(`${opposite.netns.ino}`, change);
  }

  async #shapeOf(
    end: WireEnd,
    layers: readonly Layer[],
    base: ImpairmentOptions | undefined,
  ): Promise<Shape> {
    let whole: ImpairmentOptions | undefined;
    const far = this.#definitionOf(end, 'latency')?.flows ?? [];
    const flows = new Map<string, FlowShape>();
    for (const { options, peers } of layers) {
      if (peers === undefined) whole = options;
      for (const node of peers?.nodes ?? []) {
        if (!this.spaces.nodes.has(node)) continue;
        const { 4: four, 6: six } = await addrsOfNodes([this.spaces.node(node)]);
        const { side } = peers as NonNullable<typeof peers>;
        const addrs = sortedAddrs([...four, ...six]);
        if (addrs.length === 0) continue;
        const flow = { from: [], to: [], [side]: addrs };
        flows.set(`${side} ${node}`, { ...flow, options: withLatency(flow, options, far) });
      }
    }
    const own = [...flows.values()];
    return { whole: whole ?? base, flows: whole === undefined ? own : [...own, ...besides(own, far, whole)] };
  }

  /** What the definition says of a device; of ports it says nothing. */
  #definitionOf<K extends 'impairment' | 'latency'>(
    { node, device }: WireEnd,
    kind: K,
  ): ThingOf<K> | undefined {
    return node === undefined
      ? undefined
      : (this.things().get(keyOfThing({ kind, node, device } as ThingOf<K>)) as ThingOf<K> | undefined);
  }
}

/** A fault of a peer that is far away leaves it as far. What a router sends itself is not told from what it forwards, which has no latency. */
function withLatency({ to }: Flow, options: ImpairmentOptions, far: readonly FlowShape[]): ImpairmentOptions {
  const latency = far.find((one) => one.from.length === 0 && to.some((addr) => one.to.includes(addr)));
  return latency === undefined ? options : combined(latency.options, options);
}

/** What becomes of packets to nodes that are far away, of which no other fault says anything, where all packets of a device are impaired. */
function besides(own: readonly Flow[], far: readonly FlowShape[], whole: ImpairmentOptions): FlowShape[] {
  const taken = new Set(own.flatMap(({ to }) => to));
  return far.flatMap(({ from, to, options }) => {
    const rest = to.filter((addr) => !taken.has(addr));
    return rest.length === 0 ? [] : [{ from, to: rest, options: combined(options, whole) }];
  });
}

function keyOf({ node = '', device }: WireEnd): string {
  return `${node} ${device}`;
}
