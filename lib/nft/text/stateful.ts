import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import { TIME_UNITS } from '../language/model';
import { Unprintable } from './printer';
import { bytesText, timeText } from './values';

// Texts of expressions that keep state between packets.

type Data<N extends keyof typeof expressions> = ValueOf<(typeof expressions)[N]>;

const OVER = 1; // NFT_LIMIT_F_INV, NFT_QUOTA_F_INV, NFT_CONNLIMIT_F_INV
const DEFAULT_BURST = 5;

const over = (flags = 0) => ((flags & OVER) === 0 ? '' : 'over ');

export function counterText({ packets = 0, bytes = 0 }: Data<'counter'>): string {
  return `counter packets ${packets} bytes ${bytes}`;
}

export function limitText({ rate = 0, unit = 1, burst = 0, type, flags }: Data<'limit'>): string {
  const [per = 'second'] = Object.entries(TIME_UNITS).find(([, seconds]) => seconds === unit) ?? [];
  if (type === 'bytes') {
    const rest = burst > 0 ? ` burst ${bytesText(burst)}` : '';
    return `limit rate ${over(flags)}${bytesText(rate)}/${per}${rest}`;
  }
  const rest = burst === DEFAULT_BURST || burst === 0 ? '' : ` burst ${burst} packets`;
  return `limit rate ${over(flags)}${rate}/${per}${rest}`;
}

export function quotaText({ bytes = 0, consumed = 0, flags }: Data<'quota'>): string {
  const used = consumed > 0 ? ` used ${bytesText(consumed)}` : '';
  return `quota ${over(flags)}${bytesText(bytes)}${used}`;
}

export function connlimitText({ count = 0, flags }: Data<'connlimit'>): string {
  return `ct count ${over(flags)}${count}`;
}

export function lastText({ set = 0, milliseconds = 0 }: Data<'last'>): string {
  return set === 0 ? 'last used never' : `last used ${timeText(milliseconds)}`;
}

type Stateful = NonNullable<Data<'dynset'>['expression']>;

const STATEFUL: Readonly<Record<string, (data: never) => string>> = {
  counter: () => 'counter',
  limit: limitText,
  quota: quotaText,
  connlimit: connlimitText,
  last: lastText,
};

/** The text of an element's own expression, without its state. */
export function statefulText({ name, data = {} }: Stateful): string {
  const print = STATEFUL[String(name)] as ((data: object) => string) | undefined;
  if (print === undefined) throw new Unprintable(String(name));
  return print(data);
}
