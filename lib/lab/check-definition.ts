import { checkAddrs, checkInteger, checkNetnsName, checkNewDeviceName, parsePrefix } from '../common/check';
import { type OptionCheck, optionTable, trueOrFalse } from '../common/options';
import { shown } from '../common/shown';
import { isMac } from '../links/mac';
import { bridge } from '../netlink/rtnetlink/kinds/bridge';
import type { BridgeSettings } from '../netlink/rtnetlink/kinds/bridge-settings';
import { netem } from '../netlink/rtnetlink/qdiscs/netem';
import { written } from '../netlink/codec';
import { ROUTE_OPTIONS, type RouteOptions } from '../routes/route-request';
import { routeRequest } from '../routes/routes';
import { sysctlPath } from '../sysctl/sysctl-key';
import { allOf, allOptionsOf } from './check-all';
import type {
  LabDefinition,
  LinkDefinition,
  LinkEndDefinition,
  NodeDefinition,
  PortDefinition,
  RouterDefinition,
  SwitchDefinition,
} from './definition';
import { type Findings, type Place } from './findings';
import { arePublished, isNat } from './nat/nat-options';
import { checkRun } from './processes/check-process';
import { checkRegions } from './regions';
import { checkRules } from './rules/check-rules';
import { checkShapes } from './shapes/expand-shapes';
import { areSubnets } from './subnets';

// What can be seen of each part by itself. What parts have to do with each other is seen when the topology is made of them.

const isName: OptionCheck = (value, path) => {
  checkNetnsName(value, path);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(value)) {
    throw new RangeError(`${path}: expected at most 64 letters, digits, '-' and '_', got ${shown(value)}`);
  }
};

const isText: OptionCheck = (value, path) => {
  if (typeof value !== 'string') throw new TypeError(`${path}: expected a name, got ${shown(value)}`);
};

const unless =
  (exception: unknown, check: OptionCheck): OptionCheck =>
  (value, path) => {
    if (value !== exception) check(value, path);
  };

/** Options of which a table knows the names alone, and the values are seen when the message to the kernel is made of them. */
const sendable =
  (isNamed: OptionCheck, send: (options: never) => unknown): OptionCheck =>
  (value, path) => {
    isNamed(value, path);
    // which a message takes for what is not given
    for (const [name, one] of Object.entries(value as object))
      if (one === null) throw new TypeError(`${path}.${name}: expected a value, got null`);
    try {
      send(value as never);
    } catch (error) {
      if (error instanceof TypeError) throw new TypeError(`${path}.${error.message}`);
      if (error instanceof RangeError) throw new RangeError(`${path}.${error.message}`);
      throw error;
    }
  };

// what the index of a device is matters to nobody here
const isRoute = sendable(allOptionsOf(ROUTE_OPTIONS), (route: RouteOptions) => routeRequest(route, () => 1));

const areBridgeSettings = sendable(allOptionsOf(optionTable(bridge.options)), (settings: BridgeSettings) =>
  written(bridge.table, bridge.toData(settings)),
);

const isAddr: OptionCheck = (value, path) => {
  parsePrefix(value, path);
};

const isMtu: OptionCheck = (value, path) => checkInteger(path, value, 68, 65535);

const isNewDevice: OptionCheck = (value, path) => {
  checkNewDeviceName(value, path);
  if (value === 'lo') throw new RangeError(`${path}: each node has a device 'lo' of its own`);
};

const areAddrs: OptionCheck = (value, path) => {
  allOf(isAddr)(value, path);
  checkAddrs(value, path);
};

const END = {
  device: isNewDevice,
  addrs: areAddrs,
  mac: isMac,
  impair: true,
} as const;

const IMPAIRMENT = optionTable(netem.options);

/** A part that may be impaired: each option of the impairment by itself, and then its own. */
function checkImpairable(
  one: unknown,
  table: Parameters<Findings['check']>[1],
  place: Place,
  findings: Findings,
): void {
  if (isObject(one) && one['impair'] !== undefined)
    findings.check(one['impair'], IMPAIRMENT, [...place, 'impair']);
  findings.check(one, table, place);
}

const LAB = optionTable<LabDefinition>({
  name: isName,
  switches: true,
  nodes: true,
  routers: true,
  links: true,
  shapes: true,
  regions: true,
  latency: true,
  linkSubnets: areSubnets,
  routing: trueOrFalse,
});

const SWITCH = optionTable<SwitchDefinition>({
  subnet: areSubnets,
  gateway: unless(false, isText),
  mtu: isMtu,
  bridge: areBridgeSettings,
});

const isSysctl: OptionCheck = (value, path) => {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TypeError(`${path}: expected text or a number, got ${shown(value)}`);
};

const NODE = optionTable<NodeDefinition>({
  ports: true,
  routes: allOf(isRoute),
  sysctls: true,
  rules: true,
  run: true,
});

const ROUTER = optionTable<RouterDefinition>({ ...NODE, nat: isNat, outside: isText, publish: arePublished });

const PORT = optionTable<PortDefinition>({ ...END, switch: isText, mtu: isMtu }, ['switch']);

const LINK = optionTable<LinkDefinition>(
  { ends: true, subnet: unless(false, areSubnets), mtu: isMtu, impair: END.impair },
  ['ends'],
);

const LINK_END = optionTable<LinkEndDefinition>({ ...END, node: isText }, ['node']);

/** All that is wrong with the parts of a definition, each by itself. */
export function checkDefinition(definition: unknown, findings: Findings): void {
  findings.check(definition, LAB, []);
  if (!isObject(definition)) return;
  eachOf(definition, 'switches', findings, (one, place) => {
    findings.check(one, SWITCH, place);
  });
  for (const [group, table] of Object.entries({ nodes: NODE, routers: ROUTER })) {
    eachOf(definition, group, findings, (one, place) => {
      findings.check(one, table, place);
      checkPorts(one, place, findings);
      checkSysctls(one, place, findings);
      if (isObject(one) && one['rules'] !== undefined)
        checkRules(one['rules'], [...place, 'rules'], findings);
      if (isObject(one) && one['run'] !== undefined) checkRun(one['run'], [...place, 'run'], findings);
    });
  }
  if (definition['shapes'] !== undefined) checkShapes(definition['shapes'], findings);
  checkRegions(definition['regions'], definition['latency'], findings);
  const { links } = definition;
  if (links === undefined || !findings.passes(isList, links, ['links'])) return;
  // an empty place of a list is a link that is missing
  Array.from(links as readonly unknown[]).forEach((link, i) => {
    checkLink(link, ['links', i], findings);
  });
}

function checkPorts(node: unknown, place: Place, findings: Findings): void {
  if (!isObject(node) || node['ports'] === undefined) return;
  const { ports } = node;
  const list: readonly unknown[] = Array.isArray(ports) ? Array.from(ports as unknown[]) : [ports];
  list.forEach((port, i) => {
    const at = Array.isArray(ports) ? [...place, 'ports', i] : [...place, 'ports'];
    checkNamed(port, 'switch', PORT, at, findings);
  });
}

/** The name of a switch or of a node, or an object that has it among its options. */
function checkNamed(
  one: unknown,
  noun: 'switch' | 'node',
  table: Parameters<Findings['check']>[1],
  place: Place,
  findings: Findings,
): void {
  if (isObject(one)) checkImpairable(one, table, place, findings);
  else if (typeof one !== 'string') {
    const name = `the name of a ${noun}${typeof one === 'number' ? ' (a number in quotes)' : ''}`;
    findings.add(place, `expected ${name}, or an object with options, got ${shown(one)}`);
  }
}

function checkSysctls(node: unknown, place: Place, findings: Findings): void {
  if (!isObject(node) || node['sysctls'] === undefined) return;
  const { sysctls } = node;
  const at = [...place, 'sysctls'];
  if (!isObject(sysctls)) {
    findings.add(at, `expected an object like { 'net.ipv4.ip_forward': 1 }, got ${shown(sysctls)}`);
    return;
  }
  for (const [key, value] of Object.entries(sysctls)) {
    if (findings.passes(() => sysctlPath(key), value, [...at, key]))
      findings.passes(isSysctl, value, [...at, key]);
  }
}

function checkLink(link: unknown, place: Place, findings: Findings): void {
  checkImpairable(link, LINK, place, findings);
  if (!isObject(link) || link['ends'] === undefined) return;
  const { ends } = link;
  if (!Array.isArray(ends) || ends.length !== 2) {
    findings.add([...place, 'ends'], `expected the two nodes, like ['a', 'b'], got ${shown(ends)}`);
    return;
  }
  ends.forEach((end, i) => {
    checkNamed(end, 'node', LINK_END, [...place, 'ends', i], findings);
  });
}

function eachOf(
  definition: Readonly<Record<string, unknown>>,
  group: string,
  findings: Findings,
  check: (one: unknown, place: Place) => void,
): void {
  const all = definition[group];
  if (all === undefined) return;
  if (!isObject(all)) {
    findings.add([group], `expected an object with a name for each, got ${shown(all)}`);
    return;
  }
  for (const [name, one] of Object.entries(all)) check(one, [group, name]);
}

const isList: OptionCheck = (value, path) => {
  if (!Array.isArray(value)) throw new TypeError(`${path}: expected a list, got ${shown(value)}`);
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
