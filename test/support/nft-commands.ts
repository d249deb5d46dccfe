import { nft } from '../../lib';

// Commands of nft (test/golden/commands.mjs), and what we call them: the same transactions, so the same bytes, and the
// same ruleset when nft prints it.

const { ip, ip6, tcp, udp, th, meta, ct, fib, icmp, icmpv6, ether, socket } = nft;
const { match, not, vmap, accept, drop, verdict, jump, goto, counter, limit, log, reject, mangle } = nft;
const { dnat, snat, masquerade, redirect, addRule } = nft;

const t = { family: 'inet', name: 't' } as const;
const x = { family: 'ip', name: 'x' } as const;
const b = { family: 'bridge', name: 'b' } as const;
const n = { family: 'netdev', name: 'n' } as const;

const chain = (table: nft.TableReference, name: string) => ({ table, name });
const [pre, post, forw] = [chain(t, 'pre'), chain(t, 'post'), chain(t, 'forw')];
const [first, other] = [chain(t, 'first'), chain(t, 'other')];
const [out, bridged, ingress] = [chain(x, 'out'), chain(b, 'f'), chain(n, 'i')];

const ports = {
  table: t,
  name: 'ports',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  value: ['ipv4_addr', 'inet_service'],
} as const;
const ports6 = {
  table: t,
  name: 'ports6',
  key: ['ipv6_addr', 'inet_proto', 'inet_service'],
  value: ['ipv6_addr', 'inet_service'],
} as const;
const hosts = { table: t, name: 'hosts', key: 'inet_service', value: 'ipv4_addr' } as const;
const verdicts = { table: t, name: 'verdicts', key: 'ifname', value: 'verdict' } as const;
const nets = { table: t, name: 'nets', key: 'ipv4_addr', flags: ['interval'] } as const;
const netports = {
  table: t,
  name: 'netports',
  key: ['ipv4_addr', 'inet_service'],
  flags: ['interval'],
} as const;
const recent = {
  table: t,
  name: 'recent',
  key: 'ipv4_addr',
  flags: ['dynamic'],
  timeout: 60_000,
  size: 1000,
} as const;
const counted = { table: t, name: 'counted', key: 'ipv6_addr' } as const;
const marks = { table: t, name: 'marks', key: 'mark' } as const;
const counters = { table: t, name: 'counters', key: 'inet_service', value: { object: 'counter' } } as const;

const mss = { mask: 3, value: 2 };

export const OPERATIONS: Readonly<Record<string, nft.Operation>> = {
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
  'add set inet t netports { type ipv4_addr . inet_service ; flags interval ; }': nft.addSet(netports),
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

  'add element inet t ports { 10.0.0.1 . tcp . 80 comment "x" : 10.1.0.2 . 8080 }': nft.addElements(ports, [
    { key: ['10.0.0.1', 'tcp', 80], value: ['10.1.0.2', 8080], comment: 'x' },
  ]),
  'add element inet t ports { 10.0.0.1 . udp . 53 : 10.1.0.3 . 53, 10.0.0.1 . sctp . 9 : 10.1.0.3 . 9 }':
    nft.addElements(ports, [
      { key: ['10.0.0.1', 'udp', 53], value: ['10.1.0.3', 53] },
      { key: ['10.0.0.1', 'sctp', 9], value: ['10.1.0.3', 9] },
    ]),
  'add element inet t ports6 { fd00::1 . tcp . 80 : fd01::2 . 8080 }': nft.addElements(ports6, [
    { key: ['fd00::1', 'tcp', 80], value: ['fd01::2', 8080] },
  ]),
  'add element inet t verdicts { "br0" : jump other, "br1" : drop, "br2" : return }': nft.addElements(
    verdicts,
    [
      { key: 'br0', value: { jump: 'other' } },
      { key: 'br1', value: 'drop' },
      { key: 'br2', value: 'return' },
    ],
  ),
  'add element inet t nets { 10.0.0.0/8, 192.168.1.5-192.168.1.9 }': nft.addElements(nets, [
    { key: '10.0.0.0/8' },
    { key: { from: '192.168.1.5', to: '192.168.1.9' } },
  ]),
  'add element inet t netports { 10.0.0.0/8 . 80-90 }': nft.addElements(netports, [
    { key: ['10.0.0.0/8', { from: 80, to: 90 }] },
  ]),
  'add element inet t counted { fd00::1 }': nft.addElements(counted, [{ key: 'fd00::1' }]),
  'add element inet t recent { 10.0.0.1 timeout 30s }': nft.addElements(recent, [
    { key: '10.0.0.1', timeout: 30_000 },
  ]),
  'add element inet t counters { 80 : "hits" }': nft.addElements(counters, [{ key: 80, value: 'hits' }]),
  'delete element inet t nets { 10.0.0.0/8 }': nft.deleteElements(nets, ['10.0.0.0/8']),
  'delete element inet t ports { 10.0.0.1 . udp . 53 }': nft.deleteElements(ports, [['10.0.0.1', 'udp', 53]]),

  'add rule inet t other iifname "br0" tcp dport 80 counter accept comment "rc"': addRule(
    other,
    [match(meta.iifname, 'br0'), match(tcp.dport, 80), counter(), accept()],
    { comment: 'rc' },
  ),
  'add chain inet t last': nft.addChain(chain(t, 'last')),
  'add rule inet t other oif lo ip6 daddr fd00::/64 goto last': addRule(other, [
    match(meta.oif, 1),
    match(ip6.daddr, 'fd00::/64'),
    goto('last'),
  ]),
  'insert rule inet t other ct state established,related accept': addRule(
    other,
    [match(ct.state, ['established', 'related']), accept()],
    { first: true },
  ),
  'add rule inet t pre fib daddr type local dnat ip to ip daddr . meta l4proto . th dport map @ports':
    addRule(pre, [
      match(fib.daddrType, 'local'),
      dnat({ key: [ip.daddr, meta.l4proto, th.dport], map: ports }),
    ]),
  'add rule inet t pre fib daddr type local dnat ip6 to ip6 daddr . meta l4proto . th dport map @ports6':
    addRule(pre, [
      match(fib.daddrType, 'local'),
      dnat({ key: [ip6.daddr, meta.l4proto, th.dport], map: ports6 }),
    ]),
  'add rule inet t pre meta l4proto tcp dnat ip to 10.0.0.1:80': addRule(pre, [
    match(meta.l4proto, 'tcp'),
    dnat({ address: '10.0.0.1', port: 80 }),
  ]),
  'add rule inet t pre dnat ip6 to fd00::1': addRule(pre, [dnat({ address: 'fd00::1' })]),
  'add rule inet t pre tcp dport 81 dnat ip to 10.0.0.2-10.0.0.5:80-90 persistent': addRule(pre, [
    match(tcp.dport, 81),
    dnat({
      address: { from: '10.0.0.2', to: '10.0.0.5' },
      port: { from: 80, to: 90 },
      persistent: true,
    }),
  ]),
  'add rule inet t pre dnat ip to tcp dport map @hosts': addRule(pre, [dnat({ key: tcp.dport, map: hosts })]),
  'add rule inet t pre tcp dport 82 redirect to :8080': addRule(pre, [
    match(tcp.dport, 82),
    redirect({ port: 8080 }),
  ]),
  'add rule inet t post ip saddr 10.0.0.0/24 oifname != "br0" masquerade': addRule(post, [
    match(ip.saddr, '10.0.0.0/24'),
    match(meta.oifname, not('br0')),
    masquerade(),
  ]),
  'add rule inet t post ip saddr 10.0.0.0/24 ip daddr != { 10.0.0.0/24, 224.0.0.0/4 } masquerade random':
    addRule(post, [
      match(ip.saddr, '10.0.0.0/24'),
      match(ip.daddr, not(['10.0.0.0/24', '224.0.0.0/4'])),
      masquerade({ random: true }),
    ]),
  'add rule inet t post meta l4proto tcp masquerade to :1024-65535': addRule(post, [
    match(meta.l4proto, 'tcp'),
    masquerade({ port: { from: 1024, to: 65_535 } }),
  ]),
  'add rule inet t post oif lo snat ip to 10.0.0.1': addRule(post, [
    match(meta.oif, 1),
    snat({ address: '10.0.0.1' }),
  ]),
  'add rule inet t forw ct state invalid drop': addRule(forw, [match(ct.state, 'invalid'), drop()]),
  'add rule inet t forw iifname vmap @verdicts': addRule(forw, [vmap(meta.iifname, verdicts)]),
  'add rule inet t forw ip saddr @nets drop': addRule(forw, [match(ip.saddr, nets), drop()]),
  'add rule inet t forw ip saddr != @nets drop': addRule(forw, [match(ip.saddr, not(nets)), drop()]),
  'add rule inet t forw ip saddr . tcp dport @netports drop': addRule(forw, [
    match([ip.saddr, tcp.dport], netports),
    drop(),
  ]),
  'add rule inet t forw iifname "br*" drop': addRule(forw, [match(meta.iifname, 'br*'), drop()]),
  'add rule inet t forw meta mark & 0xff == 0x1 meta mark set 0x2': addRule(forw, [
    match(meta.mark, { mask: 0xff, value: 1 }),
    mangle(meta.mark, 2),
  ]),
  'add rule inet t forw ct mark set meta mark': addRule(forw, [mangle(ct.mark, meta.mark)]),
  'add rule inet t forw meta mark set ct mark': addRule(forw, [mangle(meta.mark, ct.mark)]),
  'add rule inet t forw ct mark set 7': addRule(forw, [mangle(ct.mark, 7)]),
  'add rule inet t forw ct status dnat accept': addRule(forw, [match(ct.status, 'dnat'), accept()]),
  'add rule inet t forw ct original ip daddr 10.0.0.1 ct direction original drop': addRule(forw, [
    match(ct.original.ipDaddr, '10.0.0.1'),
    match(ct.direction, 'original'),
    drop(),
  ]),
  'add rule inet t forw limit rate 5/second burst 10 packets log prefix "hey" level info': addRule(forw, [
    limit({ rate: 5, burst: 10 }),
    log({ prefix: 'hey', level: 'info' }),
  ]),
  'add rule inet t forw limit rate over 10 mbytes/second drop': addRule(forw, [
    limit({ rate: 10_485_760, unit: 'bytes', over: true }),
    drop(),
  ]),
  'add rule inet t forw quota over 10 mbytes drop': addRule(forw, [
    nft.quota(10_485_760, { over: true }),
    drop(),
  ]),
  'add rule inet t forw log group 2 snaplen 100 queue-threshold 3 prefix "x"': addRule(forw, [
    log({ group: 2, snaplen: 100, queueThreshold: 3, prefix: 'x' }),
  ]),
  'add rule inet t forw reject with icmpx port-unreachable': addRule(forw, [reject()]),
  'add rule inet t forw tcp dport 22 reject with tcp reset': addRule(forw, [
    match(tcp.dport, 22),
    reject('tcp reset'),
  ]),
  'add rule inet t forw reject with icmp host-unreachable': addRule(forw, [
    reject({ icmp: 'host-unreachable' }),
  ]),
  'add rule inet t forw reject with icmpv6 admin-prohibited': addRule(forw, [
    reject({ icmpv6: 'admin-prohibited' }),
  ]),
  'add rule inet t forw tcp flags syn tcp option maxseg size set rt mtu': addRule(forw, [
    match(tcp.flags, 'syn'),
    nft.clampMss(),
  ]),
  'add rule inet t forw tcp flags & (fin|syn) == syn tcp option maxseg size set 1400': addRule(forw, [
    match(tcp.flags, mss),
    nft.clampMss(1400),
  ]),
  'add rule inet t first iifname != "lo" ip daddr 127.0.0.0/8 drop': addRule(first, [
    match(meta.iifname, not('lo')),
    match(ip.daddr, '127.0.0.0/8'),
    drop(),
  ]),
  'add rule inet t first tcp dport { 80, 443 } notrack': addRule(first, [
    match(tcp.dport, [80, 443]),
    nft.notrack(),
  ]),
  'add rule inet t first meta nftrace set 1': addRule(first, [nft.trace()]),
  'add rule inet t first update @recent { ip saddr timeout 10s limit rate 3/second }': addRule(first, [
    nft.updateSet(recent, ip.saddr, { timeout: 10_000, each: limit({ rate: 3 }) }),
  ]),
  'add rule inet t first add @recent { ip saddr }': addRule(first, [
    nft.updateSet(recent, ip.saddr, { op: 'add' }),
  ]),
  'add rule inet t first counter name "hits"': addRule(first, [nft.useObject('counter', 'hits')]),
  'add rule inet t first socket transparent 1 accept': addRule(first, [
    match(socket.transparent, 1),
    accept(),
  ]),
  'add rule inet t first udp dport 1000-2000 accept': addRule(first, [
    match(udp.dport, { from: 1000, to: 2000 }),
    accept(),
  ]),
  'add rule inet t first udp dport != 1000-2000 accept': addRule(first, [
    match(udp.dport, not({ from: 1000, to: 2000 })),
    accept(),
  ]),
  'add rule inet t first meta mark 5-9 accept': addRule(first, [
    match(meta.mark, { from: 5, to: 9 }),
    accept(),
  ]),
  'add rule inet t first ip saddr 10.64.0.0/11 accept': addRule(first, [
    match(ip.saddr, '10.64.0.0/11'),
    accept(),
  ]),
  'add rule inet t first icmp type echo-request accept': addRule(first, [
    match(icmp.type, 'echo-request'),
    accept(),
  ]),
  'add rule inet t first icmpv6 type { nd-neighbor-solicit, nd-router-advert } accept': addRule(first, [
    match(icmpv6.type, ['nd-neighbor-solicit', 'nd-router-advert']),
    accept(),
  ]),
  'add rule inet t first iif lo accept': addRule(first, [match(meta.iif, 1), accept()]),
  'add rule inet t first fib saddr . iif oif missing drop': addRule(first, [
    match(fib.saddrIifOif, 0),
    drop(),
  ]),
  'add rule inet t first meta pkttype multicast drop': addRule(first, [
    match(meta.pkttype, 'multicast'),
    drop(),
  ]),
  'add rule inet t first ether saddr 02:00:00:00:00:01 drop': addRule(first, [
    match(ether.saddr, '02:00:00:00:00:01'),
    drop(),
  ]),
  'add rule inet t first iifname vmap { "a" : jump other, "b" : drop }': addRule(first, [
    vmap(meta.iifname, [
      { key: 'a', value: { jump: 'other' } },
      { key: 'b', value: 'drop' },
    ]),
  ]),
  'add rule inet t first ip daddr . tcp dport vmap { 10.0.0.1 . 80 : drop, 10.0.0.2 . 81 : accept }': addRule(
    first,
    [
      vmap(
        [ip.daddr, tcp.dport],
        [
          { key: ['10.0.0.1', 80], value: 'drop' },
          { key: ['10.0.0.2', 81], value: 'accept' },
        ],
      ),
    ],
  ),
  'add rule inet t first counter packets 5 bytes 10 return': addRule(first, [
    counter({ packets: 5, bytes: 10 }),
    verdict('return'),
  ]),
  'add rule ip x out ip protocol tcp tcp dport 80 drop': addRule(out, [
    match(ip.protocol, 'tcp'),
    match(tcp.dport, 80),
    drop(),
  ]),
  'add rule ip x out meta skuid 0 drop': addRule(out, [match(meta.skuid, 0), drop()]),
  'add rule bridge b f ip saddr 10.0.0.1 drop': addRule(bridged, [match(ip.saddr, '10.0.0.1'), drop()]),
  'add rule bridge b f ip6 saddr fd00::1 udp dport 53 drop': addRule(bridged, [
    match(ip6.saddr, 'fd00::1'),
    match(udp.dport, 53),
    drop(),
  ]),
  'add rule bridge b f tcp dport 80 drop': addRule(bridged, [match(tcp.dport, 80), drop()]),
  'add rule netdev n i ip saddr 10.0.0.1 drop': addRule(ingress, [match(ip.saddr, '10.0.0.1'), drop()]),
  'add rule inet t other ct state new jump last': addRule(other, [match(ct.state, 'new'), jump('last')]),

  'flush chain inet t first': nft.flushChain(first),
  'flush set inet t nets': nft.flushSet(nets),
  'delete chain inet t first': nft.deleteChain(first),
  'delete set inet t marks': nft.deleteSet(marks),
  'delete limit inet t slow': nft.deleteObject({ table: t, name: 'slow', type: 'limit' }),
  'delete table inet t': nft.deleteTable(t),
  'flush ruleset': nft.flushRuleset(),
};
