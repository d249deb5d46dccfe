/**
 * The kernel's kinds of devices (6.18, IFLA_INFO_KIND) that are no kinds of this library: of these the caller gives the
 * attributes in bytes.
 */
export const FOREIGN_KINDS: ReadonlySet<unknown> = new Set([
  ...['amt', 'batadv', 'can', 'dsa', 'gtp', 'ipoib', 'netdevsim', 'ovpn', 'pfcp', 'ppp', 'rmnet'],
  ...['vcan', 'virt_wifi', 'vsockmon', 'vxcan', 'wwan'],
]);
