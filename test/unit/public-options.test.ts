import { Server } from 'node:net';
import * as rtnetns from '../../lib';
import { BridgeNetwork, Netns } from '../../lib';
import { Lab } from '../../lib/lab/lab';
import { LabPlan } from '../../lib/lab/plan';
import { LabRecord } from '../../lib/lab/record';
import { LabProcess } from '../../lib/lab/processes/lab-process';
import { Output } from '../../lib/lab/processes/output';
import { Spaces } from '../../lib/lab/spaces';
import { NetnsStock } from '../../lib/netns-pool/netns-stock';
import { kinds } from '../../lib/netlink/rtnetlink/kinds';
import { filterKinds } from '../../lib/netlink/rtnetlink/filters';
import { classKinds, qdiscKinds } from '../../lib/netlink/rtnetlink/qdiscs';
import type { OpenedNetns } from '../../lib/addon/native';
import {
  type OptionNames,
  type Options,
  type Parameter,
  type PublicFunction,
  publicFunctions,
} from '../support/signatures';

// Every public function refuses wrong handles and options before it asks anything of the system. The functions and their
// options are read from the types, so that a function or an option that is added is tested as well.

jest.mock('../../lib/addon/native', () => ({
  packageRoot: () => '/',
  native: () => {
    throw new Error('the addon was asked');
  },
}));

/** A handle that is closed: a function that goes as far as to use it fails otherwise than by a TypeError. */
const closed = new Netns({
  opened: { netns: { fd: -1, close: () => undefined }, ino: 1, dev: 1 } as OpenedNetns,
});
closed.close();

const table = { family: 'inet', name: 't' } as const;
const chain = { table, name: 'c' };

/** Whoever makes a text of it fails. */
const BARE: unknown = Object.create(null);

/** An argument that can be, by the name of the parameter. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  ...{ addr: '10.0.0.1/24', address: '10.0.0.1', altName: 'x', args: [], bytes: 1, command: 'true' },
  ...{ condition: () => true, device: 'eth0', family: 4, id: 7 },
  ...{ elements: [], file: './file.js', host: '10.0.0.1', key: 'net.ipv4.ip_forward', keys: [] },
  ...{ kind: 'counter', master: 'br0', name: 'x', port: 80, ports: [], server: new Server() },
  ...{ statements: [], transaction: [], type: 'udp4', what: rtnetns.nft.ip.saddr },
  ...{ bridge: 'br0', group: '239.1.1.1', mac: '02:00:00:00:00:01', vlan: 1, msti: 1, vni: 1 },
  privateKey: Buffer.alloc(32).toString('base64'),
  ...{ to: '10.0.0.1', value: '10.0.0.1', map: [], size: 1 },
  'deleteLinkGroup(group)': 7,
  ...{ groupA: 'a', groupB: 'b', nodes: 'a', target: 'a' },
  'draw(what)': { red: closed },
  'serveLab(lab)': new Lab(new Spaces(closed, undefined), new Map()),
  ...{
    chain,
    table,
    rule: { chain, handle: 1, expressions: [] },
    object: { table, name: 'o', type: 'counter' },
  },
  ...{
    set: { table, name: 's', key: 'ipv4_addr' },
    star: { bridge: { index: 2, name: 'br0', found: false }, members: [] },
  },
  ...{ first: { netns: closed }, second: { netns: closed } },
};

const KINDS = [...Object.keys(kinds).map((kind) => ({ kind })), { kind: 'vcan', data: new Uint8Array() }];
const QDISCS = [...Object.keys(qdiscKinds), 'taprio'].map((kind) => ({
  kind,
  ...(kind === 'taprio' && { data: new Uint8Array() }),
}));

/** What was listed has an index. */
const asListed = (options: object) => ({ ...options, index: 2 });

const FILTERS = [...Object.keys(filterKinds), 'flow'].map((kind) => ({
  ...{ kind, parent: 'ingress' },
  ...(kind === 'flow' && { data: new Uint8Array() }),
}));

/** What is listed of a kind is under its name. */
const LISTED_KINDS = [qdiscKinds, classKinds, filterKinds].flatMap(Object.keys);

/** What the options have besides the misspelt one, where their names depend on that. */
const BASES: Readonly<Record<string, readonly object[]>> = {
  'createLink(options)': KINDS,
  'setLink(options)': [{}, ...KINDS],
  'addQdisc(options)': QDISCS,
  'setQdisc(options)': [...QDISCS, ...QDISCS.map(asListed)],
  'addClass(options)': Object.keys(classKinds).map((kind) => ({ kind })),
  'setClass(options)': Object.keys(classKinds).flatMap((kind) => [{ kind }, asListed({ kind })]),
  'setBridgePort(settings)': [{}, asListed({})],
  'setFeatures(settings)': [{}, { wanted: {} }],
  'addFilter(options)': FILTERS,
  'createVeth(first)': [{ netns: closed }],
  'createVeth(second)': [{ netns: closed }],
  'nft.addObject(object)': ['counter', 'quota', 'limit', 'ct helper', 'ct count'].map((type) => ({ type })),
  'nft.deleteObject(object)': [{ type: 'counter' }],
  'nft.dnat(target)': [{}, { map: { value: [] } }],
  'nft.snat(target)': [{}, { map: { value: [] } }],
};

/** What is not checked by names, and why. */
const EXCEPTIONS: readonly [path: RegExp, why: string][] = [
  [/^nft\.apply\(operations/, 'operations are made by functions that check them'],
  [/\.(needs|provides|sets)$/, 'statements are made by functions'],
  [/(\.data|^nft\.raw\(expressions)$/, 'expressions are as the kernel stores them'],
  [/\.(key|value)$/, 'one of several shapes, of which each is known by its names'],
  [/^nft\.(match|not|verdict|reject)\(/, 'one of several shapes, of which each is known by its names'],
  [/^addFilter\(options\.actions/, 'the names depend on the kind: test/integration/traffic/filters.test.ts'],
  [
    /^addFilter(Chain)?\(options\.(template\.)?(sourcePort|destinationPort)/,
    'one of several shapes, of which each is known by its names',
  ],
  [/\.encap$/, 'the names depend on the type: test/unit/routes/routes.test.ts'],
  [/^addFilter(Chain)?\(options\.(template\.)?unknown/, 'attributes as the kernel has them'],
  [/^nft\.deleteElements\(keys/, 'one of several shapes, of which each is known by its names'],
  [
    /^(formatTrace\(trace|setBridgePort\(settings\.(bridgeId|rootId|unknown)|deleteStar\(star.*\.|nft\.formatRule\(options\.sets|remove(Qdisc|Class|Filter|FilterChain)\(options\.|.*Neighbor(Table)?\(options\.(config|statistics))/,
    'what a function here has returned',
  ],
  [
    new RegExp(`^(add|set)(Qdisc|Class|Filter)\\(options\\.(statistics|${LISTED_KINDS.join('|')})\\b`),
    'what a function here has returned',
  ],
];

const isException = (path: string) => EXCEPTIONS.some(([pattern]) => pattern.test(path));

const never = new Promise<never>(() => undefined);

const INSTANCES: Readonly<Record<string, () => object | Promise<object>>> = {
  BridgeNetwork: () => {
    const subnet = { family: 4, subnet: '10.0.0.0/24', gateway: '10.0.0.1', prefixLength: 24 };
    const context = { plan: { name: 'shop', subnets: [subnet], internal: false } };
    return new BridgeNetwork(context as never, { found: true, sysctls: [] });
  },
  AddressPool: async () => rtnetns.openAddressPool({ subnet: '10.0.0.0/24' }),
  Lab: () => new Lab(new Spaces(closed, undefined), new Map()),
  LabProcess: () => {
    const running = { streams: [], begun: never, ended: never, kill: () => false };
    return new LabProcess({ name: 'a', node: 'a' }, running, new Output([], () => undefined));
  },
  LabPlan: () => new LabPlan([]),
  LabRecord: () => new LabRecord(),
  NetnsPool: () => new NetnsStock({ size: 1 }),
  SubnetPool: async () => rtnetns.openSubnetPool({ base: '10.0.0.0/16', prefixLength: 24 }),
  TunQueue: () => new rtnetns.TunQueue({ file: { fd: -1 }, name: 'tun0', netns: 'red' } as never),
};

const functions = publicFunctions();

/** Calls a function with arguments that can be, but for one. */
async function refusal(
  { name, parameters }: PublicFunction,
  wrong: Parameter,
  value: unknown,
): Promise<Error> {
  const [first = '', second] = name.split('.');
  const owner = second === undefined ? rtnetns : first === 'nft' ? rtnetns.nft : await INSTANCES[first]!();
  const call = (owner as unknown as Record<string, (...given: unknown[]) => unknown>)[second ?? first]!;
  const given = parameters.map((one) => {
    if (one === wrong) return value;
    if (one.handle !== undefined) return closed;
    return SAMPLES[`${name}(${one.name})`] ?? SAMPLES[one.name] ?? (one.options ? {} : undefined);
  });
  try {
    await call.apply(owner, given);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${name} took ${wrong.name} = ${String(value)}`);
}

/** Every options object that a parameter may hold, with how it is reached. */
interface Spot {
  /** As an error names what is in it: '', 'reply.', 'members[0].device.' */
  path: string;
  names: string[];
  /** The argument that has these options there. */
  wrap: (options: object) => unknown;
}

function spots(shown: string, { list, below }: Options, outer: Spot): Spot[] {
  if (isException(shown)) return [];
  const at = list ? `${outer.path.slice(0, -1)}[0].` : outer.path;
  const wrap = (options: object) => outer.wrap(list ? ([options] as object) : options);
  const own = { path: at, names: Object.keys(below), wrap };
  return [
    own,
    ...Object.entries(below).flatMap(([name, inner]) => {
      if (inner === undefined) return [];
      const inside = {
        path: `${at}${name}.`,
        names: [],
        wrap: (options: object) => wrap({ [name]: options }),
      };
      return spots(`${shown}.${name}`, inner, inside);
    }),
  ];
}

const cases = functions.flatMap((fn) =>
  fn.parameters.flatMap((parameter) => {
    if (parameter.options === undefined) return [];
    const { list, names } = parameter.options;
    const path = list || ['first', 'second', 'star'].includes(parameter.name) ? `${parameter.name}.` : '';
    const outer = { path, names: [], wrap: (options: object) => options };
    const found = spots(`${fn.name}(${parameter.name}`, { list, below: names }, outer);
    return found.map((spot) => [`${fn.name}(${parameter.name}) ${spot.path}`, fn, parameter, spot] as const);
  }),
);

describe('a misspelt option is refused by its name, with the one that was meant', () => {
  test.each(cases)('%s', async (_, fn, parameter, { path, names, wrap }) => {
    // those that have the option first: names come in order of the kinds that they belong to
    let bases = BASES[`${fn.name}(${parameter.name})`] ?? [{}];
    const meant = async (base: object, misspelt: string) => {
      const argument = wrap({ [misspelt]: 1 });
      const given = Array.isArray(argument) ? argument : { ...base, ...(argument as object) };
      const { message } = await refusal(fn, parameter, given);
      const said = /^(?:\d+ faults:\n {2})?(.*): there is no such option(?:; did you mean '(.*)'\?)?$/m.exec(
        message,
      );
      // of a kind that has no such option, it is the option around that there is not
      if (bases.length === 1) expect([message, said?.[1]]).toEqual([message, `${path}${misspelt}`]);
      return said?.[2];
    };
    for (const name of names) {
      let found: object | undefined;
      for (const base of bases) {
        if ([await meant(base, `${name}x`), await meant(base, `x${name}`)].includes(name)) {
          found = base;
          break;
        }
      }
      expect([name, found]).toEqual([name, expect.anything()]);
      bases = [found ?? {}, ...bases.filter((base) => base !== found)];
    }
  });
});

describe('what is no object of options is refused by the name of the argument', () => {
  const shaped = functions.flatMap((fn) =>
    fn.parameters
      .filter(({ options, name }) => options && !isException(`${fn.name}(${name}`))
      .map((parameter) => [`${fn.name}(${parameter.name})`, fn, parameter] as const),
  );

  test.each(shaped)('%s', async (_, fn, parameter) => {
    // a VLAN is a number, or a range
    for (const wrong of [
      null,
      ...(['vlan', 'vni'].includes(parameter.name) ? [] : [5]),
      Promise.resolve({}),
    ]) {
      const error = await refusal(fn, parameter, wrong);
      expect(error.name).toBe('TypeError');
      expect(error.message).toMatch(new RegExp(`^${parameter.name}: expected (an object|a list|a name)`));
    }
  });
});

describe('what is no handle is refused by the name of the argument', () => {
  const taking = functions.flatMap((fn) =>
    fn.parameters
      .filter(({ handle }) => handle !== undefined)
      .map((parameter) => [`${fn.name}(${parameter.name})`, fn, parameter] as const),
  );

  test.each(taking)('%s', async (_, fn, parameter) => {
    const expected = new RegExp(`^${parameter.name}: expected a (name, or a )?handle`);
    for (const wrong of [undefined, null, ...(parameter.handle === 'alone' ? ['red'] : [])]) {
      const error = await refusal(fn, parameter, wrong);
      expect([error.name, error.message]).toEqual(['TypeError', expect.stringMatching(expected)]);
    }
    const promise = await refusal(fn, parameter, Promise.resolve(closed));
    expect(promise.message).toMatch(/was `await` forgotten\?$/);
    expect(promise.message).toMatch(expected);
  });

  test('a name gets the function that opens it', async () => {
    const [fn] = functions.filter(({ name }) => name === 'createBridge');
    expect((await refusal(fn!, fn!.parameters[0]!, 'br0')).message).toBe(
      'netns: expected a handle of createNetns or openNetns, got "br0"; openNetns("br0") opens it by its name',
    );
  });
});

describe('a wrong argument is refused in our own words', () => {
  /** Values that are good for an argument, and why. */
  const GOOD: readonly [argument: RegExp, value: unknown, why: string][] = [
    [/^setSysctl\(key\)/, BARE, 'no sysctls'],
    [/^nft\.not\(value\)/, BARE, 'what it is compared with is known when it is'],
  ];
  /** What V8 writes of an argument that is used unchecked. */
  const UNCHECKED = /Cannot |is not (a function|iterable|defined)|undefined \(|must be of type/;

  const all = functions
    // the methods of what is no object of ours, and of what is there only in a namespace
    .filter(({ name }) => !/^(nft\.Selector|Capture)\./.test(name))
    .flatMap((fn) =>
      fn.parameters.map((parameter) => [`${fn.name}(${parameter.name})`, fn, parameter] as const),
    );

  test.each(all)('%s', async (argument, fn, parameter) => {
    for (const wrong of [null, BARE, Symbol('x'), new Array(1)]) {
      if (parameter.options !== undefined && wrong === BARE) continue; // options without a prototype are as good
      if (GOOD.some(([pattern, value]) => pattern.test(argument) && value === wrong)) continue;
      const { name, message } = await refusal(fn, parameter, wrong);
      expect([name, message]).toEqual([
        expect.stringMatching(/^(Type|Range|LabDefinition)Error$/),
        expect.stringMatching(/^[\w.[\]]+: /),
      ]);
      expect(message).not.toMatch(UNCHECKED);
    }
  });

  test.each<[name: string, argument: string, value: object, option: string]>([
    ['createBridge', 'options', { addrs: new Array(1) }, 'addrs'],
    ['BridgeNetwork.attach', 'options', { aliases: new Array(1) }, 'aliases'],
    ['BridgeNetwork.serveDns', 'options', { forward: new Array(1) }, 'forward'],
    ['capture', 'options', { filter: new Array(1) }, 'filter'],
  ])('a hole in a list: %s(%s = %j)', async (name, argument, value, option) => {
    const fn = functions.find((one) => one.name === name)!;
    const parameter = fn.parameters.find((one) => one.name === argument)!;
    const { message } = await refusal(fn, parameter, value);
    expect(message).toMatch(new RegExp(`^${option}\\[0\\]: `));
  });

  test.each([
    'formatTrace',
    'createWorker',
    'nft.match',
    'nft.vmap',
    'nft.mangle',
    'nft.jump',
    'createSocket',
  ])('%s without arguments', async (name) => {
    const fn = functions.find((one) => one.name === name)!;
    const first = fn.parameters.find(({ handle }) => handle === undefined)!;
    const error = await refusal(fn, first, undefined);
    expect([error.name, error.message]).toEqual([
      'TypeError',
      expect.stringMatching(new RegExp(`^${first.name}: expected `)),
    ]);
  });
});

test('the types have the functions, and the exceptions are of use', () => {
  expect(functions.length).toBeGreaterThan(100);
  const paths = functions.flatMap(({ name, parameters }) =>
    parameters.flatMap((one) => (one.options ? pathsIn(`${name}(${one.name}`, one.options.names) : [])),
  );
  for (const [pattern] of EXCEPTIONS) expect(paths.filter((path) => pattern.test(path))).not.toEqual([]);
});

function pathsIn(path: string, names: OptionNames): string[] {
  const below = Object.entries(names).flatMap(([name, inner]) =>
    inner === undefined ? [] : pathsIn(`${path}.${name}`, inner.below),
  );
  return [path, ...below];
}
