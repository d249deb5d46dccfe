import { native } from '../addon/native';
import { toBytes } from '../common/byte-text';
import { inWords } from '../common/in-words';
import { isSystemError } from '../common/system-error';
import type { Words } from '../common/error-text';
import { NetnsError, toNetnsError } from '../netns/netns-error';
import { printable } from '../common/printable';
import { PROC_SYS_READ_ONLY } from '../common/wants';
import { shown } from '../common/shown';
import { checkObject } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { sysctlPath } from './sysctl-key';

const NO_SUCH = 'there is no such sysctl in this namespace';

const READING_WORDS: Words = {
  ENOENT: NO_SUCH,
  ENOTDIR: NO_SUCH,
  EACCES: 'it cannot be read',
  EIO: 'it has no value yet',
  EISDIR: 'it is a directory of sysctls, not one',
};

const WRITING_WORDS: Words = {
  ENOENT: NO_SUCH,
  ENOTDIR: NO_SUCH,
  EACCES: 'it is read-only, or CAP_NET_ADMIN is missing in the user namespace that owns this one',
  EPERM: 'it may not be changed',
  EROFS: PROC_SYS_READ_ONLY,
  EINVAL: 'the kernel does not take this value',
  ERANGE: 'the kernel does not take this value',
  EISDIR: 'it is a directory of sysctls, not one',
};

/**
 * Reads sysctls of a namespace: one, or many at once, which is one trip.
 *
 * A key is written as with sysctl(8), 'net.ipv4.ip_forward', or as the file's path, 'net/ipv4/ip_forward'. The name of a
 * device may hold dots in both forms: 'net.ipv4.conf.eth0.100.forwarding' and 'net.ipv4.conf.eth0/100.forwarding' mean
 * 'net/ipv4/conf/eth0.100/forwarding'.
 *
 * @returns the value as /proc/sys has it, without the end of the line; several numbers are separated by tabs. For
 * many, a record of the values by the keys that were asked for.
 * @throws {@link NetnsError} that names the key: ENOENT where there is none, EACCES for one that cannot be read, or
 * ERR_NETNS_CLOSED.
 * @throws TypeError for what is not below `net`: it does not belong to a network namespace.
 * @see sysctl(8), sysctl.d(5), proc_sys_net(5)
 * @example
 * ```ts
 * console.log(await getSysctl(red, 'net.ipv4.ip_forward')); // 0
 * const { 'net.ipv4.ip_default_ttl': ttl } = await getSysctl(red, ['net.ipv4.ip_default_ttl']);
 * ```
 */
export async function getSysctl(netns: Netns, key: string): Promise<string>;
export async function getSysctl<Key extends string>(
  netns: Netns,
  keys: readonly Key[],
): Promise<Record<Key, string>>;
export async function getSysctl(
  netns: Netns,
  keys: string | readonly string[],
): Promise<string | Record<string, string>> {
  checkNetns(netns);
  const all = isList(keys) ? keys : [keys];
  const values = await transfer(netns, all, null, 'read sysctl', READING_WORDS);
  return isList(keys) ? Object.fromEntries(keys.map((key, i) => [key, values[i] ?? ''])) : (values[0] ?? '');
}

/** A number is written in decimal. */
export type SysctlValue = string | number;

/**
 * Writes a sysctl of a namespace, or many at once in the order of the record. Keys are as for {@link getSysctl}.
 *
 * If one of several sysctls does not exist or cannot be written, none is written. If the kernel refuses a value, the
 * sysctls before it in the record have been written, and keep their new values, as with sysctl(8).
 *
 * @throws {@link NetnsError} that names the key: ENOENT where there is none, EINVAL for a value that the kernel refuses,
 * EACCES for one that is read-only, or ERR_NETNS_CLOSED. EROFS where /proc/sys is mounted read-only names all keys whose
 * sysctls have other values.
 * @throws TypeError for what is not below `net`, and for what is neither a string nor a number.
 * @example
 * ```ts
 * await setSysctl(red, 'net.ipv4.ip_forward', 1);
 * await setSysctl(red, { 'net.ipv4.conf.eth0.rp_filter': 2, 'net.ipv6.conf.all.forwarding': 1 });
 * ```
 */
export async function setSysctl(netns: Netns, key: string, value: SysctlValue): Promise<void>;
export async function setSysctl(netns: Netns, values: Readonly<Record<string, SysctlValue>>): Promise<void>;
export async function setSysctl(
  netns: Netns,
  keys: string | Readonly<Record<string, SysctlValue>>,
  value?: SysctlValue,
): Promise<void> {
  checkNetns(netns);
  if (typeof keys !== 'string') checkObject(keys, 'key');
  const values = typeof keys === 'object' ? keys : { [keys]: value };
  const texts = Object.entries(values).map(([key, wanted]) => toText(key, wanted));
  await transfer(netns, Object.keys(values), texts, 'write sysctl', WRITING_WORDS);
}

/**
 * @internal Gives sysctls these values, and writes only those that have others, because /proc/sys may be read-only, as in a
 * container.
 */
export async function ensureSysctls(
  netns: Netns,
  values: Readonly<Record<string, SysctlValue>>,
): Promise<void> {
  const now = await getSysctl(netns, Object.keys(values));
  const others = Object.entries(values).filter(([key, value]) => now[key] !== `${value}`);
  if (others.length > 0) await setSysctl(netns, Object.fromEntries(others));
}

/** By which the system refuses to write a sysctl, whatever the value. */
const READ_ONLY: readonly string[] = ['EROFS', 'EACCES', 'EPERM'];

/** @internal Whether a sysctl was refused because it may only be read. */
export function isReadOnly(error: unknown): error is NetnsError {
  return error instanceof NetnsError && READ_ONLY.includes(error.code);
}

function isList(keys: string | readonly string[]): keys is readonly string[] {
  return Array.isArray(keys);
}

function toText(key: string, value: unknown): string {
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isFinite(value))) {
    throw new TypeError(`${printable(key)}: expected a string or a number, got ${shown(value)}`);
  }
  // Without the end of the line, because some kernels (6.1) count one byte as written to the forwarding of IPv6, however
  // long the text was. An empty value needs the end, because the kernel takes no notice of an empty text.
  return `${value}`.trimEnd() || '\n';
}

async function transfer(
  netns: Netns,
  keys: readonly string[],
  texts: readonly string[] | null,
  operation: string,
  words: Words,
): Promise<string[]> {
  // `map` would leave out the holes of a list
  const paths = Array.from(keys, (key) => toBytes(sysctlPath(key), 'key'));
  const asked = keys.length === 1 ? `${operation} ${keys[0]} of` : `${operation}s of`;
  const { values, failed, error } = await netns
    .lend(asked, async ({ entry }) => native().sysctl(entry, paths, texts))
    .catch((refusal: unknown) => {
      throw toNetnsError(refusal, asked, netns.toString());
    });
  if (error === undefined) return values;
  if (texts === null) throw toNetnsError(error, `${operation} ${keys[failed]} of`, netns.toString(), words);
  const isMount = isSystemError(error) && error.code === 'EROFS';
  const refused = isMount ? await others(netns, keys, texts) : [];
  if (refused.length === 0) refused.push(await stateOf(netns, keys[failed] ?? '', texts[failed] ?? ''));
  const isOne = refused.length === 1;
  const named = `${operation}${isOne ? '' : 's'} ${inWords(refused.map(({ key }) => key))} of`;
  const advice = isMount ? `: set ${isOne ? 'the sysctl' : 'the sysctls'} outside of the container` : '';
  const states = refused.map((state) => difference(state, isOne ? 'it' : state.key)).join('');
  const withStates = Object.entries(words).map(([code, word]) => [code, `${word}${advice}${states}`]);
  throw toNetnsError(error, named, netns.toString(), Object.fromEntries(withStates) as Words);
}

/** A sysctl that was to be written, with its value where it can be read. */
interface Unwritten {
  key: string;
  now: string | undefined;
  wanted: string;
}

async function stateOf(netns: Netns, key: string, text: string): Promise<Unwritten> {
  const now = await getSysctl(netns, key).catch(() => undefined);
  return { key, now, wanted: text.trimEnd() };
}

/** The sysctls that have not the values that they were to have. */
async function others(netns: Netns, keys: readonly string[], texts: readonly string[]): Promise<Unwritten[]> {
  const all = await Promise.all(keys.map(async (key, i) => stateOf(netns, key, texts[i] ?? '')));
  return all.filter(({ now, wanted }) => now !== wanted);
}

/** What a sysctl is, and what it was to be. */
function difference({ now, wanted }: Unwritten, name: string): string {
  return now === undefined ? '' : `; ${name} is ${shown(now)}, and was to be ${shown(wanted)}`;
}
