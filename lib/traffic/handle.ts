import { refuse } from '../common/refuse';
import { TC_H, TC_H_MIN } from '../netlink/rtnetlink/traffic';

// Queueing disciplines and classes are numbered as `tc` writes them: two hexadecimal numbers of 16 bits, '1:' and '1:10'.

/** Places that are no numbers. */
const PLACES: Readonly<Record<string, number>> = { root: TC_H.root, ingress: TC_H.ingress };

const NAMES = new Map(Object.entries(PLACES).map(([name, number]) => [number, name]));

const HANDLE = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})?$/i;

/** '1:', '1:10' */
export function handleText(handle: number): string {
  const minor = handle & 0xffff;
  return `${(handle >>> 16).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}

/** 'root', 'ingress', '1:10' */
export function parentText(parent: number): string {
  return NAMES.get(parent) ?? handleText(parent);
}

/** The number of a queueing discipline, such as '1:'. */
export function parseHandle(value: unknown, option = 'handle'): number {
  const rule = "expected a number of a queueing discipline, in hexadecimal, like '1:'";
  const { major, minor } = parse(value, option, rule);
  if (minor !== 0) refuse(option, rule, value);
  return major * 0x10000;
}

/** The number of a class, such as '1:10'. */
export function parseClassHandle(value: unknown, option = 'handle'): number {
  const rule = "expected a number of a class, in hexadecimal, like '1:10'";
  const { major, minor } = parse(value, option, rule);
  if (minor === 0) refuse(option, rule, value);
  return major * 0x10000 + minor;
}

/** Where something is attached: 'root', 'ingress', '1:', '1:10'. */
export function parseParent(value: unknown, option = 'parent'): number {
  const place = typeof value === 'string' && Object.hasOwn(PLACES, value) ? PLACES[value] : undefined;
  if (place !== undefined) return place;
  const { major, minor } = parse(
    value,
    option,
    "expected 'root', 'ingress', or a number like '1:' or '1:10'",
  );
  return major * 0x10000 + minor;
}

/** Where filters stand: 0 is the queueing discipline at the root, whatever its number. */
const FILTER_PLACES: Readonly<Record<string, number>> = {
  root: TC_H.unspec,
  ingress: 0xffff0000 + TC_H_MIN.ingress,
  egress: 0xffff0000 + TC_H_MIN.egress,
};

/** Where filters stand: 'root', 'ingress', 'egress', '1:', '1:10'. */
export function parseFilterParent(value: unknown, option = 'parent'): number {
  if (typeof value === 'string' && Object.hasOwn(FILTER_PLACES, value)) return FILTER_PLACES[value] ?? 0;
  const rule = "expected 'ingress', 'egress', 'root', or a number like '1:' or '1:10'";
  const { major, minor } = parse(value, option, rule);
  return major * 0x10000 + minor;
}

/** 'ingress', 'egress', '1:' */
export function filterParentText(parent: number): string {
  const found = Object.entries(FILTER_PLACES).find(([, number]) => number === parent);
  return found?.[0] ?? handleText(parent);
}

function parse(value: unknown, option: string, rule: string): { major: number; minor: number } {
  const match = typeof value === 'string' ? HANDLE.exec(value) : null;
  if (match === null) refuse(option, rule, value);
  const [major, minor] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '0', 16)];
  // 0 is no number: the kernel would choose one
  if (major === 0 && minor === 0) refuse(option, rule, value);
  return { major, minor };
}
