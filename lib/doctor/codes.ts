/** The codes of all findings that `doctor` may return. */
export const FINDING_CODES = [
  'link-down',
  'no-carrier',
  'mtu-mismatch',
  'many-ports',
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
  'slow-console',
  'not-seen',
] as const;

/**
 * What is wrong, for programs: one of {@link FINDING_CODES}.
 *
 * @useDeclaredType
 */
export type FindingCode = (typeof FINDING_CODES)[number];
