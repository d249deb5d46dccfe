import path from 'node:path';
import { addon, cc, cni, go, iproute2, type Need, NPM_NETLINK, npmNetlink, pyroute2, PYTHON } from './needs';
import { BUILD, COMPILED, SOURCES } from './paths';

export interface Contender {
  id: string;
  title: string;
  needs: Need;
  command: readonly [string, ...string[]];
}

export interface StarContender extends Contender {
  /** The largest star that it is asked for, where more would take minutes. */
  most?: number;
  /** All that is wrong with what it made, where that is not the star of all others. */
  problems?: (n: number) => string[];
  /** It hands out the addresses itself. */
  anyAddress?: boolean;
  /** Its line is drawn in the chart. */
  charted?: boolean;
}

const built = (name: string): string => path.join(BUILD, name);
const source = (name: string): string => path.join(SOURCES, name);
const compiled = (name: string): string => path.join(COMPILED, name);
const floor = built('floor');
const python = source('pyroute2_star.py');

/** The one that all others are measured by. */
export const FLOOR = 'floor';

/** Who makes star N. Every program obeys the lines "create N" and "delete N". */
export const starContenders: readonly StarContender[] = [
  { id: FLOOR, title: 'C, floor', needs: cc, command: [floor], charted: true },
  {
    id: 'bulk',
    title: 'rtnetns, createStar',
    needs: addon,
    command: ['node', compiled('bulk.js')],
    charted: true,
  },
  {
    id: 'plain',
    title: 'rtnetns, plain calls, bridge up first',
    needs: addon,
    command: ['node', compiled('plain.js')],
    charted: true,
  },
  {
    id: 'plain-no-ipv6',
    title: 'rtnetns, plain calls, bridge up first, ipv6: false',
    needs: addon,
    command: ['node', compiled('plain.js'), 'no-ipv6'],
  },
  {
    id: 'plain-bridge-last',
    title: 'rtnetns, plain calls, bridge up last',
    needs: addon,
    command: ['node', compiled('plain.js'), 'bridge-last'],
    charted: true,
  },
  {
    id: 'floor-phases',
    title: 'C, floor, all namespaces before the first link',
    needs: cc,
    command: [floor, '--phases'],
  },
  {
    id: 'floor-bridge-first',
    title: 'C, floor, bridge up first',
    needs: cc,
    command: [floor, '--bridge-first', '--phases'],
  },
  { id: 'c', title: 'C, straightforward', needs: cc, command: [floor, '--straightforward'], charted: true },
  { id: 'go', title: 'Go, as documented', needs: go, command: [built('go-star'), 'docs'] },
  { id: 'go-tuned', title: 'Go, tuned', needs: go, command: [built('go-star'), 'tuned'], charted: true },
  {
    id: 'go-bridge-last',
    title: 'Go, tuned, bridge up last',
    needs: go,
    command: [built('go-star'), 'tuned-bridge-last'],
  },
  {
    id: 'ip-batch',
    title: 'ip -batch, one per namespace',
    needs: iproute2,
    command: ['bash', source('ip-batch.sh')],
    charted: true,
  },
  {
    id: 'pyroute2',
    title: 'pyroute2, as documented',
    needs: pyroute2,
    command: [PYTHON, python, 'docs'],
    most: 500,
  },
  {
    id: 'pyroute2-tuned',
    title: 'pyroute2, tuned',
    needs: pyroute2,
    command: [PYTHON, python, 'tuned'],
    charted: true,
  },
  {
    id: 'ip',
    title: 'ip, a process per command',
    needs: iproute2,
    command: ['bash', source('ip.sh')],
    charted: true,
  },
  {
    id: 'execfile',
    title: "node, execFile('ip'), 1 at once",
    needs: iproute2,
    command: ['node', compiled('execfile.js'), '1'],
    most: 500,
  },
  {
    id: 'execfile-8',
    title: "node, execFile('ip'), 8 at once",
    needs: iproute2,
    command: ['node', compiled('execfile.js'), '8'],
    charted: true,
  },
  {
    id: 'cni',
    title: 'CNI bridge + host-local, 1 at once',
    needs: cni,
    command: ['bash', source('cni.sh'), '1'],
    most: 100,
    anyAddress: true,
  },
  {
    id: 'cni-4',
    title: 'CNI bridge + host-local, 4 at once',
    needs: cni,
    command: ['bash', source('cni.sh'), '4'],
    most: 500,
    anyAddress: true,
    charted: true,
  },
];

export interface CallContender extends Contender {
  /** The verbs that it obeys, of those in calls.ts. */
  verbs: readonly string[];
}

const all = ['netns', 'veth', 'addr', 'addrs', 'links', 'routes'];

/** Who makes single calls. What one cannot do, or does no other way than one by one, is not among its verbs. */
export const callContenders: readonly CallContender[] = [
  {
    id: 'rtnetns',
    title: 'rtnetns',
    needs: addon,
    command: ['node', compiled('library-calls.js')],
    verbs: [...all, 'routes6'],
  },
  { id: 'c', title: 'C', needs: cc, command: [built('calls')], verbs: ['netns', 'veth', 'addr', 'addrs'] },
  {
    id: 'c-dump',
    title: 'C, only walking the bytes',
    needs: cc,
    command: [built('dump')],
    verbs: ['links', 'routes', 'routes6'],
  },
  {
    id: 'go',
    title: 'Go',
    needs: go,
    command: [built('go-calls')],
    verbs: ['netns', 'veth', 'addr', 'links', 'routes'],
  },
  {
    id: 'pyroute2',
    title: 'pyroute2',
    needs: pyroute2,
    command: [PYTHON, source('pyroute2_calls.py')],
    verbs: all,
  },
  {
    id: 'npm-netlink',
    title: 'npm netlink',
    needs: npmNetlink,
    command: ['node', compiled('npm-netlink.js'), NPM_NETLINK],
    verbs: ['veth', 'addr', 'addrs', 'links', 'routes'],
  },
];
