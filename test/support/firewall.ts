/** A ruleset as people write it, with what firewalls have. */
export const FIREWALL = `
table inet fw {
  set blocked { type ipv4_addr; flags interval; elements = { 198.51.100.0/24 } }
  set services { type inet_service; elements = { 22, 80 } }
  map ways { type ipv4_addr : verdict; }
  map marks { type ipv4_addr : mark; }
  set clients { type ipv4_addr . inet_service; flags dynamic, timeout; timeout 1h; size 1000; }
  counter web { }
  limit slow { rate 3/minute; }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    iif lo accept
    iifname { "eth0", "eth1" } tcp dport 22 ct state new limit rate 3/minute burst 5 packets accept
    meta l4proto { icmp, ipv6-icmp } accept
    icmp type { echo-request, destination-unreachable, time-exceeded } accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    ip saddr @blocked counter drop
    ip saddr != 10.0.0.0/8 tcp dport @services accept
    tcp dport != { 1-1023, 8080 } drop
    tcp dport 1-1023 reject
    udp sport 67 udp dport 68 accept
    tcp flags & (fin | syn | rst | ack) == syn log prefix "new: " flags all
    tcp flags syn / syn,ack drop
    tcp flags != syn drop
    tcp flags == syn accept
    ct state != established,related drop
    ct status assured accept
    ct mark 0x7 accept
    ct mark and 0xff == 5 accept
    ct count over 20 drop
    ip protocol tcp accept
    ip protocol { tcp, udp } accept
    ip6 nexthdr tcp accept
    ip6 nexthdr udp udp dport 53 accept
    ip saddr 10.0.0.1 ip daddr 10.0.0.2 accept
    ip ttl < 5 drop
    ip length > 1400 drop
    ip6 saddr fe80::/10 accept
    ip6 saddr != fd00::/8 drop
    th dport 53 accept
    meta l4proto tcp accept
    meta nfproto ipv6 drop
    meta nfproto ipv4 meta l4proto icmp accept
    meta mark 0x1 accept
    meta mark != 0x1 accept
    meta mark set 0x5
    meta mark set meta mark and 0xff
    meta mark set ip saddr map @marks
    ct mark set ct mark or 0x1
    meta pkttype { broadcast, multicast } drop
    meta skuid 1000 accept
    meta skuid != 0 drop
    meta length > 100 accept
    meta cpu 0 accept
    meta iifgroup 0 accept
    tcp dport vmap { 22 : accept, 23 : drop, 80-90 : jump other }
    ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.0/24 . 90-99 } accept
    ip saddr vmap @ways
    fib daddr type { local, broadcast } accept
    fib daddr . iif type != local drop
    fib saddr oif != 0 accept
    fib saddr . iif oif missing drop
    add @clients { ip saddr . tcp dport }
    update @clients { ip saddr . tcp dport counter limit rate over 10/second } drop
    counter name "web"
    limit name "slow"
    limit rate over 1 mbytes/second burst 100 kbytes drop
    log level debug prefix "x y"
    log group 5
    socket transparent 1 socket mark 0x1 accept
    tcp option maxseg size 1-500 drop
    tcp sport 1024-65535 tcp dport { 80, 443 } accept
    ether saddr 02:00:00:00:00:01 accept
    ether saddr { 02:00:00:00:00:01, 02:00:00:00:00:02 } ip saddr 10.0.0.1 accept
    ether type ip accept
    rt ip nexthop 10.0.0.1 accept
    ip saddr & 0.0.0.255 == 0.0.0.1 drop
    @th,16,16 80 drop
    numgen random mod 3 < 2 drop
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
    reject with icmp port-unreachable
    goto other
  }
  chain other { return; }
  chain pre {
    type nat hook prerouting priority dstnat;
    dnat ip to 10.0.0.1
    tcp dport 80 dnat ip to 10.0.0.1:8080
    tcp dport 81 dnat ip6 to [fd00::1]:8080
    dnat ip to tcp dport map { 80 : 10.0.0.1, 81 : 10.0.0.2 }
    dnat ip to tcp dport map { 80 : 10.0.0.1 . 8080, 81 : 10.0.0.2 . 8081 }
    redirect
    tcp dport 443 redirect to :8443-8450 random
  }
  chain post {
    type nat hook postrouting priority srcnat;
    oifname "eth0" masquerade fully-random,persistent
    snat ip to 10.0.0.1-10.0.0.9
    meta l4proto udp snat ip to 10.0.0.1:1024-2000
  }
}
table ip old {
  chain in {
    type filter hook input priority filter;
    tcp dport 22 reject
    ip protocol icmp accept
    reject with icmp admin-prohibited
    reject
    icmp type echo-request drop
    ip frag-off & 0x1fff != 0 drop
  }
  chain nat {
    type nat hook prerouting priority dstnat;
    tcp dport 80 dnat to 10.0.0.1:80
    fib daddr type local jump other
  }
  chain other { }
}
table ip6 old {
  chain in {
    type filter hook input priority filter;
    ip6 saddr fd00::/64 tcp dport 22 accept
    icmpv6 type echo-request accept
    reject
  }
}
table arp a {
  chain in {
    type filter hook input priority filter;
    arp saddr ip 10.0.0.1 drop
    arp operation request accept
  }
}
table bridge br {
  chain forwarded {
    type filter hook forward priority filter;
    ether daddr 01:00:5e:00:00:01 drop
    ether type arp accept
    ip saddr 10.0.0.1 tcp dport 80 drop
    ip protocol tcp tcp dport 80 drop
  }
}
`;

/** What nft has words for, and we have not: told as numbers, by the kernel's name of a set, or by its expressions. */
export const UNWORDED: Readonly<Record<string, string | RegExp>> = {
  'iifname { "eth0", "wlan*" } drop': 'iifname @__set0 drop',
  'meta day "Monday" drop': 'meta day 1 drop',
  'meta hour "12:00"-"13:00" drop': 'meta hour 43200-46800 drop',
  'vlan id 5 drop': 'ether type vlan @ll,112,16 & 4095 == 5 drop',
  'ip dscp cs1 drop': 'meta nfproto ipv4 @nh,8,8 & 252 == 32 drop',
  'jhash ip saddr mod 2 0 drop':
    /^\[ meta .*\[ hash \{"sreg":2,"dreg":1,"length":4,"modulus":2.*"code":"drop"\}\}\} \]$/,
};
