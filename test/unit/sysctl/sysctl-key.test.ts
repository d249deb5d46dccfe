import { dotted, sysctlPath } from '../../../lib/sysctl/sysctl-key';

test.each([
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
  ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
  ['net.core.somaxconn', 'net/core/somaxconn'],
  ['net.netfilter.nf_log.2', 'net/netfilter/nf_log/2'],
  ['net.ipv4.conf.eth0.forwarding', 'net/ipv4/conf/eth0/forwarding'],
  ['net.ipv4.conf.eth0.100.forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
  ['net.ipv4.conf.eth0/100.forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
  ['net/ipv4/conf/eth0.100/forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
  ['net.ipv6.neigh.a.b.c.retrans_time_ms', 'net/ipv6/neigh/a.b.c/retrans_time_ms'],
  ['net.mpls.conf.br-1.20.input', 'net/mpls/conf/br-1.20/input'],
  ['net.ipv6.conf..hidden.accept_ra', 'net/ipv6/conf/.hidden/accept_ra'],
  ['net.ipv4.conf.veth:1.arp_notify', 'net/ipv4/conf/veth:1/arp_notify'],
])('%s', (key, path) => {
  expect(sysctlPath(key)).toBe(`/proc/sys/${path}`);
});

test.each([
  'net',
  'net.',
  'net/',
  'net..a',
  'net/../vm/x',
  'net.//.vm',
  'net/a/./b',
  'nets.a',
  '.net.a',
  '/net/a',
  'a\0b',
])('%p is refused', (key) => {
  expect(() => sysctlPath(key)).toThrow(TypeError);
});

test.each([
  ['net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
  ['net/ipv6/conf/eth0.100/accept_ra', 'net.ipv6.conf.eth0/100.accept_ra'],
])('%s with dots', (key, name) => {
  expect(dotted(key)).toBe(name);
  expect(sysctlPath(name)).toBe(sysctlPath(key));
});
