import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import type { Printer } from './printer';
import { valueText } from './values';

// Texts of translations.

type Data<N extends keyof typeof expressions> = ValueOf<(typeof expressions)[N]>;

/** linux/netfilter/nf_nat.h */
const NAT_FLAGS = {
  random: 4, // NF_NAT_RANGE_PROTO_RANDOM
  'fully-random': 16, // NF_NAT_RANGE_PROTO_RANDOM_FULLY
  persistent: 8, // NF_NAT_RANGE_PERSISTENT
} as const;

function natFlags(flags = 0): string {
  const names = Object.entries(NAT_FLAGS).filter(([, bit]) => (flags & bit) !== 0);
  return names.length === 0 ? '' : ` ${names.map(([name]) => name).join(',')}`;
}

/** One value, or a range: 10.0.0.1-10.0.0.5. A map gives one value for both ends. */
function rangeText(
  [from, to]: readonly [number | undefined, number | undefined],
  printer: Printer,
  type: 'ipv4_addr' | 'ipv6_addr' | 'inet_service',
): string | undefined {
  if (from === undefined) return undefined;
  const one = (register: number) => {
    const held = printer.held(register);
    if (held === undefined) return undefined;
    return 'term' in held ? held.term.text : valueText(type, held.value, printer.surroundings.devices);
  };
  const low = one(from);
  return to === undefined || to === from || low === undefined ? low : `${low}-${one(to)}`;
}

export function printNat(data: Data<'nat'>, printer: Printer): void {
  const { type, family, addressMin, addressMax, portMin, portMax, flags } = data;
  const inet = printer.surroundings.family === 'inet' ? ` ${family}` : '';
  const kind = family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr';
  const address = rangeText([addressMin, addressMax], printer, kind);
  const held = printer.held(addressMin);
  const byMap = held !== undefined && 'term' in held;
  // The text of a map contains the port.
  const port = byMap ? undefined : rangeText([portMin, portMax], printer, 'inet_service');
  const place =
    kind === 'ipv6_addr' && port !== undefined && address !== undefined
      ? address
          .split('-')
          .map((one) => `[${one}]`)
          .join('-')
      : (address ?? '');
  printer.say(`${type}${inet} to ${place}${port === undefined ? '' : `:${port}`}${natFlags(flags)}`);
}

export function printMasquerade({ flags, portMin, portMax }: Data<'masq'>, printer: Printer): void {
  printer.say(`masquerade${portText([portMin, portMax], printer)}${natFlags(flags)}`);
}

export function printRedirect({ flags, portMin, portMax }: Data<'redir'>, printer: Printer): void {
  printer.say(`redirect${portText([portMin, portMax], printer)}${natFlags(flags)}`);
}

function portText(ends: readonly [number | undefined, number | undefined], printer: Printer): string {
  const port = rangeText(ends, printer, 'inet_service');
  return port === undefined ? '' : ` to :${port}`;
}
