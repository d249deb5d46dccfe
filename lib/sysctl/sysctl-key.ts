import { shown } from '../common/shown';

const ROOT = '/proc/sys/';

// net.ipv4.conf.DEVICE.KEY, net.ipv6.neigh.DEVICE.KEY, …: nothing lies deeper, so that the dots between are the device's
const OF_DEVICE = /^(net\.(?:ipv4|ipv6|mpls)\.(?:conf|neigh))\.(.+)\.([^.]+)$/;

/** The file of a sysctl: 'net.ipv4.ip_forward' and 'net/ipv4/ip_forward' are /proc/sys/net/ipv4/ip_forward. */
export function sysctlPath(key: unknown): string {
  if (typeof key !== 'string') throw new TypeError(`key: a sysctl is named by a string, got ${shown(key)}`);
  if (key.includes('\0')) refuse('a sysctl has no NUL in its name', key);
  const names = split(key);
  if (names[0] !== 'net') refuse("only what is below 'net' belongs to a network namespace", key);
  if (names.length < 2 || names.some((name) => ['', '.', '..'].includes(name))) {
    refuse("expected a name like 'net.ipv4.ip_forward' or 'net/ipv4/conf/eth0.100/forwarding'", key);
  }
  return ROOT + names.join('/');
}

/** @internal The name of sysctl(8), 'net.ipv4.conf.eth0/100.forwarding', of 'net/ipv4/conf/eth0.100/forwarding'. */
export function dotted(key: string): string {
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

function split(key: string): string[] {
  // sysctl.d(5): if the first separator is a slash, dots mean dots; if it is a dot, a slash means a dot
  if (/[./]/.exec(key)?.[0] === '/') return key.split('/');
  const [, tree, device, name] = OF_DEVICE.exec(key) ?? [];
  const names =
    tree === undefined || device === undefined || name === undefined
      ? key.split('.')
      : [...tree.split('.'), device, name];
  return names.map((part) => part.replaceAll('/', '.'));
}

function refuse(rule: string, key: string): never {
  throw new TypeError(`key: ${rule}, got ${shown(key)}`);
}
