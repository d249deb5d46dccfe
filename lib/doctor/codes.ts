/** The codes of all findings that `doctor` may return. */
export const FINDING_CODES = [
  'link-down',
  'no-carrier',
  'mtu-mismatch',
  'forwarding-off',
  'forwarding-guarded',
  'rp-filter-strict',
  'no-default-route',
  'policy-drop',
  'bridge-netfilter',
  'rules-missing',
  'table-dormant',
  'network-flushed',
  'localnet-exposed',
  'bridge-gone',
  'gateway-missing',
  'member-gone',
  'member-unknown',
  'port-not-published',
  'port-local-only',
  'port-address-missing',
  'port-not-listening',
  'stale-name',
  'doubled-mount',
  'not-seen',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];
