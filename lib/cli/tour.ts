import * as rt from '..';
import type { Star } from './picture';

export interface Check {
  what: string;
  ok: boolean;
}

/** What the steps hand on to one another. */
export interface Tour {
  here?: rt.Netns;
  before?: string;
  handles: Map<string, rt.Netns>;
  star?: Star;
}

interface Step {
  did: string;
  /** What one types for it today. */
  command: string;
  run(tour: Tour, check: (what: string, ok: boolean) => void): Promise<void>;
}

const MEMBERS = ['red', 'green', 'blue'] as const;
const BRIDGE = 'mybridge0';

/** The handle of a namespace that an earlier step has opened. */
function handle({ handles }: Tour, name: string): rt.Netns {
  const found = handles.get(name);
  if (found === undefined) throw new Error(`there is no handle for ${name}`);
  return found;
}

function host({ here }: Tour): rt.Netns {
  if (here === undefined) throw new Error('the current namespace is not open');
  return here;
}

/** All that the tour could change, as text, to compare before and after. */
async function snapshot(netns: rt.Netns): Promise<string> {
  const [links, addrs, routes, names] = await Promise.all([
    rt.listLinks(netns),
    rt.listAddrs(netns),
    rt.listRoutes(netns, { table: 'all' }),
    rt.listNetns(),
  ]);
  return JSON.stringify({ links, addrs, routes, names });
}

async function isGone(netns: rt.Netns, device: string): Promise<boolean> {
  return rt.getLink(netns, device).then(
    () => false,
    (error: unknown) => error instanceof rt.NetlinkError && error.code === 'ENODEV',
  );
}

async function reaches(netns: rt.Netns, address: string): Promise<boolean> {
  return (await rt.ping(netns, address)).received === 1;
}

export const steps: readonly Step[] = [
  {
    did: 'Read the namespaces that this process is in.',
    command: 'ls -l /proc/self/ns',
    async run(tour, check) {
      tour.here = await rt.currentNetns();
      tour.before = await snapshot(tour.here);
      const ids = await rt.getNamespaceIds();
      const same = await rt.getNamespaceIds(process.pid);
      const kinds = rt.NAMESPACE_KINDS.filter((kind) => ids[kind] !== undefined);
      const told = kinds.map((kind) => `${kind}:[${ids[kind]}]`).join(' ');
      check(
        told,
        kinds.every((kind) => ids[kind] === same[kind]),
      );
    },
  },
  {
    did: 'Created the namespace mynet.',
    command: 'ip netns add mynet',
    async run(tour, check) {
      const mynet = await rt.createNetns('mynet');
      tour.handles.set('mynet', mynet);
      const listed = (await rt.listNetns()).find(({ name }) => name === 'mynet');
      check(`it is listed, as net:[${mynet.ino}]`, listed?.ino === mynet.ino);
      check(`that is not net:[${host(tour).ino}], where we are`, mynet.ino !== host(tour).ino);
      const links = await rt.listLinks(mynet);
      check(
        'it holds nothing but lo, which is down',
        links.length === 1 && links[0]?.name === 'lo' && !links[0].up,
      );
    },
  },
  {
    did: 'Brought its lo up.',
    command: 'ip -n mynet link set lo up',
    async run(tour, check) {
      const mynet = handle(tour, 'mynet');
      await rt.setLink(mynet, 'lo', { up: true });
      const addrs = (await rt.listAddrs(mynet, { device: 'lo' })).map(({ addr }) => addr);
      check(`it has ${addrs.join(' and ')}`, addrs.join() === '127.0.0.1/8,::1/128');
      check(
        '127.0.0.1 and ::1 answer a ping',
        (await reaches(mynet, '127.0.0.1')) && (await reaches(mynet, '::1')),
      );
    },
  },
  {
    did: 'Created two veth pairs: one with names of ours, one with names that the kernel chose.',
    command: 'ip link add left type veth peer name right; ip link add type veth',
    async run(tour, check) {
      const netns = host(tour);
      await rt.createVeth({ netns, name: 'left', mtu: 1400 }, { netns, name: 'right', mtu: 1400 });
      const [left, right] = await Promise.all(['left', 'right'].map((name) => rt.getLink(host(tour), name)));
      check(
        'left and right are the two ends of one pair',
        left?.link === right?.index && right?.link === left?.index,
      );
      const [a, b] = await rt.createVeth({ netns }, { netns });
      check(
        `the kernel chose ${a.name} and ${b.name}`,
        a.name.startsWith('veth') && b.name.startsWith('veth'),
      );
      await rt.deleteLink(host(tour), a.name);
    },
  },
  {
    did: 'Moved right into mynet, where it is eth0.',
    command: 'ip link set right netns mynet name eth0',
    async run(tour, check) {
      await rt.moveLink(host(tour), 'right', handle(tour, 'mynet'), { name: 'eth0' });
      check('right is gone here', await isGone(host(tour), 'right'));
      check('eth0 is there', (await rt.getLink(handle(tour, 'mynet'), 'eth0')).kind === 'veth');
    },
  },
  {
    did: 'Gave both ends addresses, brought them up, and gave mynet a default route.',
    command:
      'ip addr add 10.0.1.1/24 dev left; ip link set left up; ip -n mynet route add default via 10.0.1.1',
    async run(tour, check) {
      const mynet = handle(tour, 'mynet');
      await Promise.all([
        rt.addAddr(host(tour), 'left', '10.0.1.1/24'),
        rt.addAddr(mynet, 'eth0', '10.0.1.2/24'),
        rt.addAddr(mynet, 'eth0', 'fd00:1::2/64'),
        rt.setLink(host(tour), 'left', { up: true }),
        rt.setLink(mynet, 'eth0', { up: true }),
      ]);
      await rt.addRoute(mynet, { to: 'default', via: '10.0.1.1' });
      const { index } = await rt.getLink(host(tour), 'left');
      const routes = await rt.listRoutes(host(tour), { device: 'left', family: 4 });
      const connected = routes.find(({ to, src }) => to === '10.0.1.0/24' && src === '10.0.1.1');
      check(
        '10.0.1.0/24 dev left proto kernel scope link src 10.0.1.1',
        connected?.index === index && connected.protocol === 'kernel' && connected.scope === 'link',
      );
      check('192.0.2.1 is reached via 10.0.1.1', (await rt.getRoute(mynet, '192.0.2.1')).via === '10.0.1.1');
    },
  },
  {
    did: 'Pinged through the pair.',
    command: 'ip netns exec mynet ping -c 3 -i 0.01 10.0.1.1',
    async run(tour, check) {
      const mynet = handle(tour, 'mynet');
      const { received, rtt } = await rt.ping(mynet, '10.0.1.1', { count: 3, interval: 10 });
      check(`3 of 3 answers, ${rtt?.avg.toFixed(3) ?? '-'} ms on average`, received === 3);
      await rt.addRoute(mynet, { to: '198.51.100.0/24', type: 'unreachable' });
      const [packet] = (await rt.ping(mynet, '198.51.100.1')).packets;
      check(`198.51.100.1 is unreachable (${packet?.code ?? '-'})`, packet?.status === 'unreachable');
    },
  },
  {
    did: 'Deleted one end of the pair.',
    command: 'ip link del left',
    async run(tour, check) {
      await rt.deleteLink(host(tour), 'left');
      check('the other end is gone from mynet', await isGone(handle(tour, 'mynet'), 'eth0'));
    },
  },
  {
    did: `Joined three namespaces with the bridge ${BRIDGE}.`,
    command: `ip link add ${BRIDGE} type bridge; ip link set PORT master ${BRIDGE}; bridge link; …`,
    async run(tour, check) {
      await rt.createBridge(host(tour), BRIDGE, { up: true, addrs: ['10.0.2.1/24'] });
      await Promise.all(MEMBERS.map((name, i) => join(tour, name, `10.0.2.${i + 2}/24`)));
      await rt.releaseLink(host(tour), 'to-red');
      const released = (await rt.getLink(host(tour), 'to-red')).master === undefined;
      await rt.enslaveLink(host(tour), 'to-red', BRIDGE);
      check('a port can be released, and enslaved again', released);

      // up to a second after both ends are up, the kernel gives the bridge a port that has a carrier
      const forwarding = { bridgePortState: 'forwarding', timeout: 5000 } as const;
      await Promise.all(MEMBERS.map(async (name) => rt.waitForLink(host(tour), `to-${name}`, forwarding)));
      const ports = await rt.listBridgePorts(host(tour), BRIDGE);
      for (const { name, state, cost, priority } of ports) {
        check(`${name}: state ${state}, priority ${priority}, cost ${cost}`, state === 'forwarding');
      }
      tour.star = {
        bridge: { name: BRIDGE, addr: '10.0.2.1/24' },
        members: await Promise.all(MEMBERS.map((name) => describe(tour, name))),
      };
      const addresses = ['10.0.2.1', ...MEMBERS.map((_, i) => `10.0.2.${i + 2}`)];
      const pings = MEMBERS.flatMap((name) =>
        addresses.map((address) => reaches(handle(tour, name), address)),
      );
      const answers = await Promise.all(pings);
      check(
        'every namespace reaches every other and the bridge',
        ports.length === 3 && answers.every(Boolean),
      );
    },
  },
  {
    did: 'Tore all of it down.',
    command: `ip link del ${BRIDGE}; ip netns del mynet; …`,
    async run(tour, check) {
      const devices = [BRIDGE, ...MEMBERS.map((name) => `to-${name}`)];
      await Promise.all(devices.map((device) => rt.deleteLink(host(tour), device)));
      await Promise.all([...tour.handles.values()].map((netns) => rt.deleteNetns(netns)));
      check(
        'what was there before is there again, and nothing else',
        (await snapshot(host(tour))) === tour.before,
      );
      host(tour).close();
    },
  },
];

/** One member of the star, the long way: made here, moved, renamed, addressed, brought up, enslaved. */
async function join(tour: Tour, name: string, addr: string): Promise<void> {
  const netns = await rt.createNetns(name);
  tour.handles.set(name, netns);
  const port = `to-${name}`;
  await rt.createVeth({ netns: host(tour), name: port }, { netns: host(tour), name: `of-${name}` });
  await rt.moveLink(host(tour), `of-${name}`, netns, { name: 'eth0' });
  await rt.addAddr(netns, 'eth0', addr);
  await Promise.all([
    rt.setLink(netns, 'lo', { up: true }),
    rt.setLink(netns, 'eth0', { up: true }),
    rt.setLink(host(tour), port, { up: true }),
    rt.enslaveLink(host(tour), port, BRIDGE),
  ]);
}

async function describe(tour: Tour, name: string): Promise<Star['members'][number]> {
  const netns = handle(tour, name);
  const [addr] = await rt.listAddrs(netns, { device: 'eth0', family: 4 });
  const [eth0] = await rt.listLinks(netns, { kind: 'veth' });
  const ports = await rt.listBridgePorts(host(tour), BRIDGE);
  const port = ports.find(({ index }) => index === eth0?.link);
  return { netns: name, device: eth0?.name ?? '', addr: addr?.addr ?? '', port: port?.name ?? '' };
}
