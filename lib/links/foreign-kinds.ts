/**
 * The kernel's kinds of devices (6.18, IFLA_INFO_KIND) that are no kinds of this library: of these the caller gives the
 * attributes in bytes.
 */
export const FOREIGN_KINDS: ReadonlySet<unknown> = new Set([
  ...['amt', 'bareudp', 'batadv', 'bond', 'can', 'dsa', 'erspan', 'geneve', 'gre', 'gretap', 'gtp', 'hsr'],
  ...['ip6erspan', 'ip6gre', 'ip6gretap', 'ip6tnl', 'ipip', 'ipoib', 'macsec'],
  ...['netdevsim', 'netkit', 'ovpn', 'pfcp', 'ppp', 'rmnet', 'sit', 'team', 'tun'],
  ...['vcan', 'virt_wifi', 'vsockmon', 'vti', 'vti6', 'vxcan', 'vxlan', 'wireguard', 'wwan', 'xfrm'],
]);
