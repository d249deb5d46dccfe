import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import fc from 'fast-check';
import { type LabDefinition, LabDefinitionError } from '../../../lib';
import { resolve } from '../../../lib/lab/resolve';
import { parseYaml } from '../../../lib/lab-files/yaml';
import { ROOT } from '../../support/cli';
import { partOfRuns } from '../../support/part';

// lab.schema.json, which the build makes of the type, and what a definition is checked by, have to be of one mind.

type Json = Record<string, unknown>;

const schema = JSON.parse(readFileSync(join(ROOT, 'lab.schema.json'), 'utf8')) as {
  $defs: Record<string, { properties: Record<string, { description?: string }> }>;
};
const validate = new Ajv({ allErrors: true }).compile(schema);

function isTaken(definition: unknown): boolean {
  try {
    resolve(definition as LabDefinition);
    return true;
  } catch (error) {
    if (error instanceof LabDefinitionError || error instanceof TypeError) return false;
    throw error;
  }
}

/** Some of these, each of which may be missing. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });
const one = <T>(...values: T[]) => fc.constantFrom(...values);

const mtu = fc.integer({ min: 1280, max: 9000 });
const impair = some({
  delay: fc.integer({ min: 1, max: 1000 }),
  duplicate: fc.integer({ min: 0, max: 100 }),
  rate: one(8000, 1_000_000),
  limit: fc.integer({ min: 1, max: 9999 }),
  slot: fc.constant({ minDelay: 1 }),
});
const end = { impair, mac: one('02:00:00:00:00:01', '02:00:00:00:00:02') };
const route = fc.record(
  {
    to: one('default', '10.9.0.0/16', 'fd09::/64'),
    type: one('blackhole', 'unreachable', 'prohibit'),
    metric: fc.integer({ min: 1, max: 1000 }),
    table: one<unknown>('main', 77),
    protocol: one<unknown>('static', 77),
  },
  { requiredKeys: ['to', 'type'] },
);
const bridge = some({
  stp: fc.boolean(),
  ageingTime: fc.nat(30_000),
  priority: fc.nat(0xffff),
  multicastRouter: one<unknown>('auto', 'disabled', 1),
  vlanProtocol: one('802.1Q', '802.1ad'),
  multicastSnooping: fc.boolean(),
});
const port = some({ ...end, mtu, device: one('wan', 'lan0') }).map((fields) => ({
  switch: 'lan',
  ...fields,
}));
const ready = one<unknown>(
  { port: 80, host: '10.1.0.9' },
  { log: 'up' },
  { file: '/run/up' },
  { exitCode: 0 },
);
const process = some({ ready, env: fc.constant({ A: 'x' }), cwd: fc.constant('/'), timeout: fc.constant(5) });
const command = process.chain((fields) =>
  some({ uid: fc.constant(7), grace: fc.constant(7), mounts: fc.boolean() }).map((more) => ({
    command: ['node', 'server.js'],
    ...fields,
    ...more,
  })),
);
const worker = process.map((fields) => ({ worker: './worker.mjs', name: 'w', ...fields }));
const rule = some({
  match: one<unknown>(
    { 'tcp.dport': 80 },
    { 'ip.saddr': ['10.0.0.0/8'], 'tcp.dport': [{ from: 1, to: 9 }, 80] },
  ),
  not: fc.constant({ 'meta.iifname': 'eth0' }),
}).chain((fields) => one('accept', 'drop', 'reject').map((verdict) => ({ do: verdict, ...fields })));
const rules = some({ input: fc.array(rule, { maxLength: 2 }), forward: fc.tuple(rule) });
const node = some({
  rules,
  run: fc.oneof(command, worker, fc.tuple(command, worker)),
  ports: fc.oneof(fc.constant('lan'), port, fc.constant(['lan', { switch: 'dmz' }])),
  routes: fc.array(route, { maxLength: 2 }),
  sysctls: fc.constant({ 'net.ipv4.tcp_congestion_control': 'cubic', 'net.ipv4.ip_default_ttl': 64 }),
});
const link = some({
  mtu,
  impair,
  subnet: one<unknown>(false, '10.7.0.0/24', ['10.7.0.0/24', 'fd07::/64']),
}).chain((fields) =>
  some({ mac: end.mac, impair }).map((inner) => ({ ends: ['a', { node: 'b', ...inner }], ...fields })),
);
const definition = fc.record(
  {
    name: one('raft', 'lab-1'),
    switches: some({ bridge, mtu, gateway: fc.constant(false) }).map((fields) => ({
      lan: { subnet: ['10.1.0.0/16', 'fd01::/64'], ...fields },
      dmz: { subnet: '10.2.0.0/16' },
    })),
    nodes: fc.tuple(node, node).map(([a, b]) => ({ a, b, 'web{1..3}': {} })),
    routers: node.map((r) => ({ r })),
    links: fc.array(link, { maxLength: 1 }),
    shapes: some({
      star: some({ impair, subnet: fc.constant('10.3.0.0/24') }).map((fields) => ({ nodes: 2, ...fields })),
      line: fc.constant([
        { nodes: 2, prefix: 'l-' },
        { nodes: 2, prefix: 'm-' },
      ]),
      mesh: fc.constant({ nodes: 3, prefix: 'n-' }),
      tree: fc.constant({ depth: 2, fanout: 2, prefix: 't-' }),
      leafSpine: fc.constant({ spines: 1, leaves: 1, hosts: 1, prefix: 's-' }),
    }),
    regions: fc.constant({ eu: ['a', 'web{1..3}'], us: 'b' }),
    latency: fc.constant([{ between: ['eu', 'us'], delay: 80 }]),
    linkSubnets: fc.constant('10.200.0.0/16'),
    routing: fc.boolean(),
  },
  { requiredKeys: ['switches', 'nodes', 'regions'] },
);

/** Each place in a value, with what is there. */
function* placesIn(
  value: unknown,
  place: (string | number)[] = [],
): Generator<[(string | number)[], unknown]> {
  yield [place, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* placesIn(inner, [...place, Array.isArray(value) ? Number(key) : key]);
  }
}

/** The value with something else at a place. */
function withOther(value: unknown, [part, ...rest]: (string | number)[], other: unknown): unknown {
  if (part === undefined) return other;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as Json) }) as Json;
  copy[part] = withOther(copy[part], rest, other);
  return copy;
}

/** What is of another shape than this value, wherever that stands. */
function misshapen(value: unknown): unknown[] {
  if (typeof value === 'boolean') return [5, {}];
  if (typeof value === 'object' && !Array.isArray(value)) return [true, { ...value, 'no such': [[]] }];
  if (Array.isArray(value)) return [true];
  return [true, {}, null];
}

describe('lab.schema.json', () => {
  test('it takes the definitions that the checks take, of YAML and JSON', () => {
    const text = readFileSync(join(ROOT, 'examples/lab.yaml'), 'utf8');
    expect(validate(parseYaml(text).value)).toBe(true);
    fc.assert(
      fc.property(definition, (value) => {
        expect([validate(value), validate.errors, isTaken(value)]).toEqual([true, null, true]);
        expect(parseYaml(JSON.stringify(value)).value).toEqual(value);
      }),
      { numRuns: partOfRuns(300, 5) },
    );
  });

  test('what has another shape somewhere is refused by both', () => {
    fc.assert(
      fc.property(definition, fc.nat(), fc.nat(), (value, which, how) => {
        const places = [...placesIn(value)];
        const [place, found] = places[which % places.length]!;
        const others = misshapen(found);
        const other = others[how % others.length];
        const broken = withOther(value, place, other);
        expect([place, other, validate(broken), isTaken(broken)]).toEqual([place, other, false, false]);
      }),
      { numRuns: partOfRuns(2000, 5) },
    );
  });

  test.each([
    ['a port without a switch', { switches: { lan: {} }, nodes: { a: { ports: {} } } }],
    ['a link without ends', { nodes: { a: {}, b: {} }, links: [{}] }],
    ['a link of one end', { nodes: { a: {}, b: {} }, links: [{ ends: ['a'] }] }],
    ['a link of three', { nodes: { a: {}, b: {} }, links: [{ ends: ['a', 'b', 'a'] }] }],
    ['an end without a node', { nodes: { a: {}, b: {} }, links: [{ ends: ['a', {}] }] }],
    ['a route to nowhere', { nodes: { a: { routes: [{ type: 'blackhole' }] } } }],
  ])('%s is refused by both', (_, broken) => {
    expect([validate(broken), isTaken(broken)]).toEqual([false, false]);
  });

  test('options have the words of their TSDoc', () => {
    expect(schema.$defs['PortDefinition']?.properties['impair']?.description).toBe(
      'What becomes of the packets that the node sends by this device.',
    );
  });
});
