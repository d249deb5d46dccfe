// Who reaches whom by which address, and by which address servers see them: each cell is a real connection.
import {
  addAddr,
  addRoute,
  type BridgeNetwork,
  type BridgeNetworkOptions,
  createBridgeNetwork,
  createNetns,
  type Netns,
} from '../../../lib';
import {
  answering,
  createLab,
  HOST,
  LAN,
  reach,
  serve,
  setBridgeFilter,
  type Target,
} from '../../support/lab';
import { partOf } from '../../support/part';

const NETWORKS = {
  red: { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' },
  blue: { name: 'blue', subnet: '10.2.0.0/24', ipv6: 'fd02::/64' },
} as const;

const MEMBERS = { r1: 'red', r2: 'red', r3: 'red', b1: 'blue', b2: 'blue' } as const;
type Member = keyof typeof MEMBERS;

const ADDRESSES: Readonly<Record<Member | 'red' | 'blue' | 'host' | 'lan', Readonly<Record<4 | 6, string>>>> =
  {
    red: { 4: '10.1.0.1', 6: 'fd01::1' },
    r1: { 4: '10.1.0.2', 6: 'fd01::2' },
    r2: { 4: '10.1.0.3', 6: 'fd01::3' },
    r3: { 4: '10.1.0.4', 6: 'fd01::4' },
    blue: { 4: '10.2.0.1', 6: 'fd02::1' },
    b1: { 4: '10.2.0.2', 6: 'fd02::2' },
    b2: { 4: '10.2.0.3', 6: 'fd02::3' },
    host: HOST,
    lan: LAN,
  };

const PUBLISHED = {
  r1: [{ hostPort: 8080, port: 80 }],
  r2: [{ hostPort: 8081, port: 80, hostAddress: '127.0.0.1' }],
  b1: [{ hostPort: 8082, port: 80 }],
} as const;

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

const TARGETS: Readonly<Record<string, (family: 4 | 6) => Target>> = {
  r1: (family) => [ADDRESSES.r1[family], 80],
  r2: (family) => [ADDRESSES.r2[family], 80],
  b1: (family) => [ADDRESSES.b1[family], 80],
  'host:8080': (family) => [HOST[family], 8080],
  'host:8082': (family) => [HOST[family], 8082],
  'red:8080': (family) => [ADDRESSES.red[family], 8080],
  'localhost:8080': (family) => [LOOPBACK[family], 8080],
  'localhost:8081': (family) => [LOOPBACK[family], 8081],
  'host:8081': (family) => [HOST[family], 8081],
  lan: (family) => [LAN[family], 80],
};

const CLIENTS = ['lan', 'host', 'r1', 'r2', 'b1', 'b2'] as const;

/** For each target a word for each client: by whose address the server sees it. `v6` is where IPv6 is another. */
type Table = Readonly<Record<string, string | { v4: string; v6: string }>>;

async function measure(clients: Readonly<Record<string, Netns>>, family: 4 | 6) {
  const targets = Object.entries(TARGETS);
  const rows = await Promise.all(
    CLIENTS.map(async (client) =>
      reach(
        clients[client]!,
        targets.map(([, target]) => target(family)),
      ),
    ),
  );
  const names = new Map(Object.entries(ADDRESSES).map(([name, address]) => [address[family], name]));
  return Object.fromEntries(
    targets.map(([target], i) => [target, rows.map((row) => names.get(row[i]!) ?? row[i]!).join(' ')]),
  );
}

function expected(table: Table, family: 'v4' | 'v6') {
  const words = (row: Table[string]) =>
    (typeof row === 'string' ? row : row[family]).trim().split(/ +/).join(' ');
  return Object.fromEntries(Object.entries(table).map(([target, row]) => [target, words(row)]));
}

interface Variant {
  options?: Partial<BridgeNetworkOptions>;
  bridgeFilter?: boolean;
  table: Table;
  /** Of the table, where br_netfilter is on: on some machines it is not to be had. */
  differences?: Table;
}

// In IPv6 nothing is translated from or to ::1, so there is no way to a published port by it.
const LOCAL: Table = {
  'localhost:8080': { v4: 'no  red  no no no no', v6: 'no no no no no no' },
  'localhost:8081': { v4: 'no  red  no no no no', v6: 'no no no no no no' },
  'host:8081': 'no no no no no no',
};

const NAT: Table = {
  //                lan host   r1   r2   b1   b2
  ...LOCAL,
  r1: '             no  red    r1   r2   no   no',
  r2: '             no  red    r1   r2   no   no',
  b1: '             no  blue   no   no   b1   b2',
  'host:8080': '    lan host   red  red  b1   b2',
  'host:8082': '    lan host   r1   r2   blue blue',
  'red:8080': '     lan red    red  red  b1   b2',
  lan: '            lan host   host host host host',
};

const SEPARATE: Table = {
  ...NAT,
  r1: '         no  red    r1   no   no   no',
  r2: '         no  red    no   r2   no   no',
  b1: '         no  blue   no   no   b1   no',
};

const VARIANTS: Readonly<Record<string, Variant>> = {
  'by default': { table: NAT },
  'with br_netfilter': { bridgeFilter: true, table: NAT },
  'without NAT': {
    options: { nat: false },
    table: {
      ...NAT,
      r1: '         lan red    r1   r2   no   no',
      r2: '         lan red    r1   r2   no   no',
      b1: '         lan blue   no   no   b1   b2',
      'red:8080': ' lan red    red  red  b1   b2',
      lan: '        lan host   r1   r2   b1   b2',
    },
  },
  'not isolated': {
    options: { isolated: false },
    table: {
      ...NAT,
      r1: '         no  red    r1   r2   b1   b2',
      r2: '         no  red    r1   r2   b1   b2',
      b1: '         no  blue   r1   r2   b1   b2',
    },
  },
  'without connections between members': { options: { icc: false }, table: SEPARATE },
  'without connections between members, with br_netfilter': {
    options: { icc: false },
    bridgeFilter: true,
    table: SEPARATE,
    // translated on the bridge, which keeps isolated ports apart
    differences: {
      'host:8080': '    lan host   no   no   b1   b2',
      'host:8082': '    lan host   r1   r2   no   no',
      'red:8080': '     lan red    no   no   b1   b2',
    },
  },
  internal: {
    options: { internal: true },
    table: {
      r1: '         no  red    r1   r2   no   no',
      r2: '         no  red    r1   r2   no   no',
      b1: '         no  blue   no   no   b1   b2',
      'host:8080': 'no  no     no   no   no   no',
      'host:8082': 'no  no     no   no   no   no',
      'red:8080': ' no  no     no   no   no   no',
      'localhost:8080': 'no no no no no no',
      'localhost:8081': 'no no no no no no',
      'host:8081': 'no no no no no no',
      lan: '        lan host   no   no   no   no',
    },
  },
};

describe('createBridgeNetwork', () => {
  test.each(partOf(Object.entries(VARIANTS), 3))(
    'two networks %s',
    async (_, { options = {}, bridgeFilter = false, differences, table: unfiltered }) => {
      await using lab = await createLab();
      const { host, lan } = lab;
      const filtered = await setBridgeFilter(host, bridgeFilter);
      const table = filtered ? { ...unfiltered, ...differences } : unfiltered;
      // by which the kernel looks for the neighbor of a packet that it forwards: it has none to look by otherwise
      await addAddr(host, 'wan', 'fe80::1/64');
      await addAddr(lan, 'eth0', 'fe80::9/64');
      // without NAT, others have to know the way
      for (const { subnet, ipv6 } of Object.values(NETWORKS)) {
        await addRoute(lan, { to: subnet, via: HOST[4] });
        await addRoute(lan, { to: ipv6, via: HOST[6] });
      }
      const networks: Record<string, BridgeNetwork> = {};
      for (const [name, network] of Object.entries(NETWORKS)) {
        networks[name] = lab.use(await createBridgeNetwork(host, { ...network, ...options }));
      }
      const clients: Record<string, Netns> = { host, lan };
      lab.use(await serve(lan, 80));
      for (const [name, network] of Object.entries(MEMBERS)) {
        const netns = lab.use(await createNetns(name));
        clients[name] = netns;
        const publish =
          options.internal === true
            ? []
            : ((PUBLISHED as Record<string, (typeof PUBLISHED)[keyof typeof PUBLISHED]>)[name] ?? []);
        const { addresses } = await networks[network]!.attach(netns, { publish });
        expect(addresses).toEqual(ADDRESSES[name as Member]);
        lab.use(await serve(netns, 80));
      }
      for (const name of Object.keys(MEMBERS)) await answering(host, ADDRESSES[name as Member][6]);
      await answering(lan, HOST[6]);
      const measured = await Promise.all([measure(clients, 4), measure(clients, 6)]);
      expect(measured).toEqual([expected(table, 'v4'), expected(table, 'v6')]);
    },
  );
});
