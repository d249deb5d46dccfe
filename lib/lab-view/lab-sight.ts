import { toDot, wireId } from '../lab/draw/dot';
import { placesOf } from '../lab/draw/draw';
import { type Drawing, type DrawnEnd, drawingOf, type State } from '../lab/draw/drawing';
import { lookAt } from '../lab/draw/sight';
import { toText } from '../lab/draw/text';
import type { LabDevice } from '../lab/faults/targets';
import type { Lab } from '../lab/lab';
import type { Picture } from './picture';

/** A wire, as the page lists it. */
export interface ViewedWire {
  /** That of its picture. */
  id: string;
  /** 'web1 eth0 – lan' */
  title: string;
  state: State;
  /** '' of a wire that is as it should be; 'down', 'delay 50 ms' */
  faults: string;
  target: LabDevice;
  /** The port by which the counters of the switches' namespace are the wire's; undefined of one between two nodes. */
  port?: string;
}

/** A lab, as the page shows it. */
export interface LabSight {
  /** undefined where `@viz-js/viz` is not installed: then the page shows the text. */
  svg?: string;
  text: string;
  nodes: string[];
  wires: ViewedWire[];
}

/** Reads what there is. */
export async function lookAtLab(lab: Lab, picture: Picture): Promise<LabSight> {
  const drawing = drawingOf(await lookAt(placesOf(lab)));
  const svg = await picture.of(toDot(drawing));
  return {
    ...(svg !== undefined && { svg }),
    text: toText(drawing),
    nodes: drawing.nodes.map(({ name }) => name),
    wires: drawing.wires.flatMap((wire, i) => {
      const [one, other] = 'node' in wire.ends[0] ? wire.ends : [wire.ends[1], wire.ends[0]];
      if (!('node' in one)) return [];
      const { name: node = '', devices } = drawing.nodes[one.node] ?? {};
      const { name: device = '', faults = [] } = devices?.[one.device] ?? {};
      const theirs =
        'node' in other ? (drawing.nodes[other.node]?.devices[other.device]?.faults ?? []) : other.faults;
      return {
        id: wireId(i),
        title: `${node} ${device} – ${endWords(drawing, other)}`,
        state: wire.state,
        faults: [...new Set([...faults, ...theirs])].join(', '),
        target: { node, device },
        ...('switch' in other && other.port !== undefined && { port: other.port }),
      };
    }),
  };
}

function endWords({ nodes, switches }: Drawing, end: DrawnEnd): string {
  if ('switch' in end) return switches[end.switch]?.name ?? '';
  const { name = '', devices } = nodes[end.node] ?? {};
  return `${name} ${devices?.[end.device]?.name ?? ''}`;
}
