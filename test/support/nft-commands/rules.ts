import { nft } from '../../../lib';
import {
  bridged,
  chain,
  clients,
  first,
  forw,
  hosts,
  ingress,
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
} from './references';

const { ip, ip6, tcp, udp, th, meta, ct, fib, icmp, icmpv6, ether, socket } = nft;
const { match, not, vmap, accept, drop, verdict, jump, goto, counter, limit, log, reject, mangle } = nft;
const { dnat, snat, masquerade, redirect, addRule } = nft;

const mss = { mask: 3, value: 2 };

export const RULES: Readonly<Record<string, nft.Operation>> = {
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
  'add rule inet t first update @clients { udp sport timeout 10s : ct original ip saddr . ct original proto-src }':
    addRule(first, [
      nft.updateSet(clients, udp.sport, {
        timeout: 10_000,
        value: [ct.original.ipSaddr, ct.original.protoSrc],
      }),
    ]),
  'add rule inet t first add @senders { tcp dport : ct original ip saddr }': addRule(first, [
    nft.updateSet(senders, tcp.dport, { op: 'add', value: ct.original.ipSaddr }),
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
};
