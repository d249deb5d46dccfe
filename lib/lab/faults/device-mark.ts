import { getLink } from '../../links/links';
import { setLink } from '../../links/set-link';
import type { ImpairmentOptions } from '../../traffic/impairment';
import type { WireEnd } from './wire';

// What a fault does to a device itself, the kernel has in the device's alias, so that another process can put it right.

const BEGIN = 'rtnetns fault: ';

/** The longest alias (IFALIASZ). */
const LONGEST = 255;

/** What a fault has done to a device. */
export interface DeviceMark {
  /** It was set down. */
  cut?: boolean;
  /** It is impaired, and this is what the definition says of it; null where it says nothing. */
  base?: ImpairmentOptions | null;
}

/** Undefined of a device to which no fault has done anything. */
export function readMark(alias: string | undefined): DeviceMark | undefined {
  if (alias?.startsWith(BEGIN) !== true) return undefined;
  try {
    const mark: unknown = JSON.parse(alias.slice(BEGIN.length));
    return typeof mark === 'object' && mark !== null ? mark : undefined;
  } catch {
    // somebody else's words
    return undefined;
  }
}

/** Notes what is done to a device, beside what is noted already; undefined is no more. A device with an alias of another program's keeps that. */
export async function changeMark(
  { netns, device }: Omit<WireEnd, 'node'>,
  change: { [K in keyof DeviceMark]: DeviceMark[K] | undefined },
): Promise<void> {
  const { alias } = await getLink(netns, device);
  const before = readMark(alias);
  if (before === undefined && alias !== undefined && alias !== '') return;
  const mark = Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined),
  );
  const whole = `${BEGIN}${JSON.stringify(mark)}`;
  const base = `${BEGIN}${JSON.stringify({ ...mark, base: null })}`;
  const text = whole.length <= LONGEST ? whole : base;
  await setLink(netns, device, { alias: Object.keys(mark).length === 0 ? '' : text });
}
