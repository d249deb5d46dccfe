import type { Capability } from '../capabilities';
import type { View } from './types';
import { ENDS6, GRE_ENDS, KEYS, MACVLANS, OTHERS, TUNNELS, VXLANS, WORDS4, WORDS6 } from './words';

/** What is made first, as an example above, and then changed. */
export interface Change {
  kind: string;
  needs: Capability;
  first: View;
  words: string;
  change: View;
  /** `ip link set x0 type KIND` … */
  changeWords: string;
}

const changes = (
  kinds: string,
  needs: Capability,
  first: View,
  words: string,
  change: View,
  changeWords: string,
): Change[] => kinds.split(' ').map((kind) => ({ kind, needs, first, words, change, changeWords }));

export const CHANGES: readonly Change[] = [
  ...changes(
    'macvlan macvtap',
    MACVLANS,
    { mode: 'bridge' },
    'mode bridge',
    { mode: 'private' },
    'mode private',
  ),
  ...changes(
    'ipvlan ipvtap',
    OTHERS,
    { mode: 'l3', flag: 'private' },
    'mode l3 private',
    { mode: 'l2' },
    'mode l2 private',
  ),
  ...changes(
    'vxlan',
    VXLANS,
    { id: 42, port: 4789, remote: '10.0.0.2', tos: 16 },
    'id 42 dstport 4789 remote 10.0.0.2 tos 0x10',
    { ttl: 64, ageing: 60 },
    'ttl 64 ageing 60',
  ),
  ...changes(
    'geneve',
    TUNNELS,
    { id: 42, remote: '10.0.0.2', tos: 16 },
    'id 42 remote 10.0.0.2 tos 0x10',
    { ttl: 9 },
    'id 42 remote 10.0.0.2 tos 0x10 ttl 9',
  ),
  ...changes(
    'gre gretap',
    TUNNELS,
    { ...GRE_ENDS, ...KEYS, ttl: 64 },
    `${WORDS4} ikey 5 okey 6 ttl 64`,
    { tos: 16 },
    'tos 0x10',
  ),
  ...changes(
    'ipip sit',
    TUNNELS,
    { ...GRE_ENDS, protocol: 'any', ttl: 64 },
    `${WORDS4} ttl 64`,
    { tos: 16 },
    'tos 0x10',
  ),
  ...changes(
    'ip6gre ip6gretap',
    TUNNELS,
    { ...ENDS6, ...KEYS, trafficClass: 'inherit', copyDscp: true },
    `${WORDS6} ikey 5 okey 6 tclass inherit dscp inherit`,
    { hopLimit: 9, allowLocalRemote: true },
    'hoplimit 9 allow-localremote',
  ),
  ...changes(
    'ip6tnl',
    TUNNELS,
    { ...ENDS6, protocol: 'any', encapLimit: 'none', flowLabel: 0x12345 },
    `${WORDS6} encaplimit none flowlabel 0x12345`,
    { hopLimit: 9 },
    'hoplimit 9',
  ),
  ...changes('vti', TUNNELS, { ...GRE_ENDS, ...KEYS }, `${WORDS4} ikey 5 okey 6`, { mark: 7 }, 'fwmark 7'),
  ...changes('vti6', TUNNELS, { ...ENDS6, ...KEYS }, `${WORDS6} ikey 5 okey 6`, { mark: 7 }, 'fwmark 7'),
  ...changes(
    'bond',
    TUNNELS,
    { mode: 'active-backup' },
    'mode active-backup',
    { miimon: 100, upDelay: 200 },
    'miimon 100 updelay 200',
  ),
  ...changes(
    'macsec',
    TUNNELS,
    { icvLength: 12 },
    'icvlen 12',
    { encrypt: true, validate: 'check' },
    'encrypt on validate check',
  ),
];
