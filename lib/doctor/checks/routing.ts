import type { Family } from '../../common/check';
import type { Link } from '../../links/link-view';
import { FORWARDING } from '../../network/forwarding';
import { TABLE } from '../../network/table/sets';
import { command, ipCommand, nameOf, setSysctlCommand } from '../command';
import { addressed, type Facts, hasDefaultRoute } from '../facts';
import type { Finding } from '../finding';
import { ofDevice } from '../sysctls';

const FAMILIES: readonly Family[] = [4, 6];

/**
 * The devices that a router forwards between; undefined where the namespace is no router. A router has at least two devices
 * with addresses, without bridges of internal networks and what is to be ignored. A bridge with ports among them makes it certain. Two pairs to other
 * namespaces make it likely where there is no default route: otherwise the namespace may be a host in two networks.
 */
function routed(
  facts: Facts,
  family: Family,
  ignored: readonly string[] = [],
): { devices: Link[]; certain: boolean } | undefined {
  const { links, networks } = facts;
  const internal = networks.filter((network) => network.internal).map(({ name }) => name);
  const left = new Set([...internal, ...ignored]);
  const devices = addressed(facts, family).filter(({ name }) => !left.has(name));
  if (devices.length < 2) return undefined;
  const certain = devices.some(
    ({ kind, index }) => kind === 'bridge' && links.some(({ master }) => master === index),
  );
  const pairs = devices.filter(({ kind, linkNsid }) => kind === 'veth' && linkNsid !== undefined);
  if (!certain && (pairs.length < 2 || hasDefaultRoute(facts, family))) return undefined;
  return { devices, certain };
}

export function isRouter(facts: Facts): boolean {
  return FAMILIES.some((family) => routed(facts, family)?.certain === true);
}

export function forwardingOff(facts: Facts): Finding[] {
  return FAMILIES.flatMap((family): Finding[] => {
    const router = routed(facts, family);
    if (router === undefined) return [];
    const { devices, certain } = router;
    const so = certain ? '' : ', if it is meant to';
    const finding = (key: string, what: string): Finding => ({
      code: 'forwarding-off',
      severity: certain ? 'error' : 'warning',
      what,
      where: `sysctl ${key} of ${nameOf(facts)}`,
      fix: setSysctlCommand(facts, key, 1),
    });
    const names = devices.map(({ name }) => name).join(', ');
    if (facts.sysctls[FORWARDING[family]] === '0') {
      return [
        finding(FORWARDING[family], `IPv${family} is not forwarded: between ${names}, nothing passes${so}`),
      ];
    }
    return devices.flatMap(({ name }) => {
      const key = ofDevice(family, name, 'forwarding');
      if (facts.sysctls[key] !== '0') return [];
      return finding(key, `IPv${family} that comes in by ${name} is not forwarded${so}`);
    });
  });
}

/** Routers by devices of others, where the rules of networks drop what is neither from nor to a network. */
export function forwardingGuarded(facts: Facts): Finding[] {
  const own = facts.networks.map(({ name }) => name);
  return facts.guarded.flatMap((family): Finding[] => {
    const router = routed(facts, family, own);
    if (router === undefined) return [];
    const names = router.devices.map(({ name }) => name).join(', ');
    const set = ['element', TABLE.family, TABLE.name, 'guarded', `{ ipv${family} }`];
    return [
      {
        code: 'forwarding-guarded',
        severity: 'warning',
        what: `IPv${family} was not forwarded before there were networks, so only what is from or to a network is: between ${names}, nothing passes`,
        where: `table ${TABLE.family} ${TABLE.name} of ${nameOf(facts)}`,
        fix: `if this is meant to be a router, too: ${command(facts, 'nft', 'delete', ...set)}`,
      },
    ];
  });
}

const STRICT = 1;

/** The kernel uses the larger one of two values: the device's, and that of 'all' (Documentation/networking/ip-sysctl.rst). */
export function strictReversePath(facts: Facts): Finding[] {
  const devices = addressed(facts, 4);
  if (devices.length < 2) return [];
  const all = ofDevice(4, 'all', 'rp_filter');
  return devices.flatMap(({ name }): Finding[] => {
    const own = ofDevice(4, name, 'rp_filter');
    const values = [all, own].map((key) => Number(facts.sysctls[key] ?? 0));
    if (Math.max(...values) !== STRICT) return [];
    return [
      {
        code: 'rp-filter-strict',
        severity: 'warning',
        what: `what comes in by ${name} is dropped if the way back to its sender is by another device: with several networks, answers that take another way get lost`,
        where: `sysctl ${own} of ${nameOf(facts)}`,
        fix: setSysctlCommand(facts, own, 2),
      },
    ];
  });
}

export function noDefaultRoute(facts: Facts): Finding[] {
  return FAMILIES.flatMap((family): Finding[] => {
    const devices = addressed(facts, family).filter(({ up }) => up);
    if (devices.length === 0 || hasDefaultRoute(facts, family)) return [];
    const own = facts.networks.map(({ name }) => name);
    const outside = devices.find(({ name }) => !own.includes(name));
    if (outside === undefined) return []; // only networks of ours: nowhere to go
    const words = [
      ...(family === 6 ? ['-6'] : []),
      'route',
      'add',
      'default',
      'via',
      'GATEWAY',
      'dev',
      outside.name,
    ];
    return [
      {
        code: 'no-default-route',
        severity: 'warning',
        what: `there is no default route for IPv${family}: only what is on a link, or has a route of its own, is reached`,
        where: `routes of ${nameOf(facts)}`,
        fix: `${ipCommand(facts, words)}, with the router's address`,
      },
    ];
  });
}
