import {
  checkObject,
  checkOptions,
  integerFrom,
  isText,
  oneOf,
  optionsOf,
  optionTable,
} from '../common/options';
import type { Lab } from '../lab/lab';
import { DEVICE, type LabDevice } from '../lab/faults/targets';

/** What a button asks for. */
interface ActionRequest {
  action: keyof typeof ACTIONS;
  target?: LabDevice;
  node?: string;
  /** Milliseconds. */
  delay?: number;
}

/** What a lab does on request. */
const ACTIONS = {
  cut: async (lab: Lab, { target }: ActionRequest) => lab.cut(given(target, 'target')),
  delay: async (lab: Lab, { target, delay }: ActionRequest) =>
    lab.impair(given(target, 'target'), { delay: given(delay, 'delay') }),
  isolate: async (lab: Lab, { node }: ActionRequest) => lab.isolate(given(node, 'node')),
  heal: async (lab: Lab) => lab.heal(),
} as const;

const REQUEST = optionTable<ActionRequest>(
  {
    action: oneOf(Object.keys(ACTIONS)),
    target: optionsOf(DEVICE),
    node: isText,
    delay: integerFrom(1, 60_000),
  },
  ['action'],
);

function given<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`${name}: it is missing`);
  return value;
}

/** Does what a request asks for. @throws TypeError or RangeError for a wrong one, and what the lab throws. */
export async function act(lab: Lab, request: unknown): Promise<void> {
  checkObject(request, 'request');
  checkOptions(request, REQUEST);
  const asked = request as unknown as ActionRequest;
  await ACTIONS[asked.action](lab, asked);
}
