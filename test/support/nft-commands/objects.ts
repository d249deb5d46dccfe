import { nft } from '../../../lib';
import {
  b,
  bridged,
  clients,
  counted,
  counters,
  first,
  forw,
  hosts,
  ingress,
  marks,
  n,
  netports,
  nets,
  other,
  out,
  ports,
  ports6,
  post,
  pre,
  recent,
  senders,
  t,
  verdicts,
  x,
} from './references';

export const OBJECTS: Readonly<Record<string, nft.Operation>> = {
  'add table inet t { comment "hello" ; }': nft.addTable({ ...t, comment: 'hello' }),
  'create table ip x': nft.addTable(x, { ifExists: 'fail' }),
  'add table ip x { flags dormant ; }': nft.addTable({ ...x, flags: ['dormant'] }),
  'add table bridge b': nft.addTable(b),
  'add table netdev n': nft.addTable(n),
  'add chain inet t pre { type nat hook prerouting priority dstnat ; policy accept ; comment "cc" ; }':
    nft.addChain({
      ...pre,
      type: 'nat',
      hook: 'prerouting',
      priority: 'dstnat',
      policy: 'accept',
      comment: 'cc',
    }),
  'add chain inet t post { type nat hook postrouting priority srcnat + 1 ; policy accept ; }': nft.addChain({
    ...post,
    type: 'nat',
    hook: 'postrouting',
    priority: nft.PRIORITIES.srcnat + 1,
    policy: 'accept',
  }),
  'add chain inet t forw { type filter hook forward priority filter ; policy drop ; }': nft.addChain({
    ...forw,
    hook: 'forward',
    policy: 'drop',
  }),
  'add chain inet t first { type filter hook prerouting priority raw ; }': nft.addChain({
    ...first,
    hook: 'prerouting',
    priority: 'raw',
  }),
  'add chain inet t other': nft.addChain(other),
  'add chain ip x out { type route hook output priority mangle ; }': nft.addChain({
    ...out,
    type: 'route',
    hook: 'output',
    priority: 'mangle',
  }),
  'add chain bridge b f { type filter hook forward priority filter ; }': nft.addChain({
    ...bridged,
    hook: 'forward',
  }),
  'add chain netdev n i { type filter hook ingress device "lo" priority filter ; }': nft.addChain({
    ...ingress,
    hook: 'ingress',
    devices: ['lo'],
  }),

  'add map inet t ports { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service ; comment "m" ; }':
    nft.addSet({ ...ports, comment: 'm' }),
  'add map inet t ports6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service ; }':
    nft.addSet(ports6),
  'add map inet t hosts { type inet_service : ipv4_addr ; }': nft.addSet(hosts),
  'add map inet t verdicts { type ifname : verdict ; }': nft.addSet(verdicts),
  'add set inet t nets { type ipv4_addr ; flags interval ; }': nft.addSet(nets),
  'add set inet t merged { type ipv4_addr ; flags interval ; auto-merge ; comment "am" ; }': nft.addSet({
    ...nets,
    name: 'merged',
    autoMerge: true,
    comment: 'am',
  }),
  'add set inet t netports { type ipv4_addr . inet_service ; flags interval ; }': nft.addSet(netports),
  'add map inet t clients { type inet_service : ipv4_addr . inet_service ; flags dynamic, timeout ; timeout 60s ; size 1000 ; }':
    nft.addSet(clients),
  'add map inet t senders { type inet_service : ipv4_addr ; flags dynamic ; size 1000 ; }':
    nft.addSet(senders),
  'add set inet t recent { type ipv4_addr ; flags dynamic, timeout ; timeout 60s ; size 1000 ; }':
    nft.addSet(recent),
  'add set inet t counted { type ipv6_addr ; counter ; }': nft.addSet({
    ...counted,
    expressions: [{ name: 'counter', data: {} }],
  }),
  'add set inet t marks { type mark ; policy memory ; gc-interval 10s ; timeout 1h ; }': nft.addSet({
    ...marks,
    policy: 'memory',
    gcInterval: 10_000,
    timeout: 3_600_000,
  }),
  'add counter inet t hits { comment "of the web" ; }': nft.addObject({
    table: t,
    name: 'hits',
    type: 'counter',
    comment: 'of the web',
  }),
  'add limit inet t slow { rate 10/second burst 5 packets ; }': nft.addObject({
    table: t,
    name: 'slow',
    type: 'limit',
    rate: 10,
    burst: 5,
  }),
  'add quota inet t much { over 100 mbytes ; }': nft.addObject({
    table: t,
    name: 'much',
    type: 'quota',
    bytes: 104_857_600,
    over: true,
  }),
  'add ct helper inet t ftp-std { type "ftp" protocol tcp ; }': nft.addObject({
    table: t,
    name: 'ftp-std',
    type: 'ct helper',
    helper: 'ftp',
    protocol: 'tcp',
  }),
  'add map inet t counters { type inet_service : counter ; }': nft.addSet(counters),
};
