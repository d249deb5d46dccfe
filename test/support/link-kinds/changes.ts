import type { Capability } from '../capabilities';
import type { View } from './types';
import { ENDS6, GRE_ENDS, KEYS, MACVLANS, OTHERS, TUNNELS, VLANS, VXLANS, WORDS4, WORDS6 } from './words';

/** One change, and `ip link set x0 type KIND` … */
type Step = readonly [change: View, words: string];

/** What is made first, as an example above, and then changed, step by step. */
export interface Change {
  kind: string;
  needs: Capability;
  first: View;
  words: string;
  steps: readonly Step[];
}

const changes = (
  kinds: string,
  needs: Capability,
  first: View,
  words: string,
  ...steps: readonly Step[]
): Change[] => kinds.split(' ').map((kind) => ({ kind, needs, first, words, steps }));

export const CHANGES: readonly Change[] = [
  ...changes(
    'macvlan macvtap',
    MACVLANS,
    { mode: 'bridge' },
    'mode bridge',
    ...['vepa', 'private', 'source', 'bridge'].map((mode): Step => [{ mode }, `mode ${mode}`]),
  ),
  ...changes(
    'vlan',
    VLANS,
    { id: 900, gvrp: true, egressPriorities: [{ from: 1, to: 3 }] },
    'id 900 gvrp on egress-qos-map 1:3',
    [{ bridgeBinding: true }, 'bridge_binding on'],
    [{ gvrp: false, mvrp: true }, 'gvrp off mvrp on'],
    [{ ingressPriorities: [{ from: 2, to: 5 }] }, 'ingress-qos-map 2:5'],
  ),
  ...changes(
    'bridge',
    'bridges filter VLANs',
    { ageingTime: 20000, helloTime: 300 },
    'ageing_time 20000 hello_time 300',
    [{ vlanFiltering: true }, 'vlan_filtering 1'],
    [{ vlanDefaultPvid: 100 }, 'vlan_default_pvid 100'],
    [{ vlanDefaultPvid: 0 }, 'vlan_default_pvid 0'],
    [{ multicastSnooping: false }, 'mcast_snooping 0'],
  ),
  ...changes(
    'ipvlan ipvtap',
    OTHERS,
    { mode: 'l3', flag: 'private' },
    'mode l3 private',
    [{ mode: 'l2' }, 'mode l2 private'],
    [{ mode: 'l3' }, 'mode l3 private'],
  ),
  ...changes(
    'vxlan',
    VXLANS,
    { id: 42, port: 4789, remote: '10.0.0.2', tos: 16 },
    'id 42 dstport 4789 remote 10.0.0.2 tos 0x10',
    [{ ttl: 64, ageing: 60 }, 'ttl 64 ageing 60'],
    [{ learning: false }, 'nolearning'],
  ),
  ...changes('geneve', TUNNELS, { id: 42, remote: '10.0.0.2', tos: 16 }, 'id 42 remote 10.0.0.2 tos 0x10', [
    { ttl: 9 },
    'id 42 remote 10.0.0.2 tos 0x10 ttl 9',
  ]),
  ...changes(
    'gre gretap',
    TUNNELS,
    { ...GRE_ENDS, ...KEYS, ttl: 64, link: 'lower' },
    `${WORDS4} ikey 5 okey 6 ttl 64 dev lower`,
    [{ tos: 16 }, 'tos 0x10'],
    [{ remote: '10.0.0.3' }, 'remote 10.0.0.3'],
  ),
  ...changes('ipip sit', TUNNELS, { ...GRE_ENDS, protocol: 'any', ttl: 64 }, `${WORDS4} ttl 64`, [
    { tos: 16 },
    'tos 0x10',
  ]),
  ...changes(
    'ip6gre ip6gretap',
    TUNNELS,
    { ...ENDS6, ...KEYS, trafficClass: 'inherit', copyDscp: true },
    `${WORDS6} ikey 5 okey 6 tclass inherit dscp inherit`,
    [{ hopLimit: 9, allowLocalRemote: true }, 'hoplimit 9 allow-localremote'],
  ),
  ...changes(
    'ip6tnl',
    TUNNELS,
    { ...ENDS6, protocol: 'any', encapLimit: 'none', flowLabel: 0x12345 },
    `${WORDS6} encaplimit none flowlabel 0x12345`,
    [{ hopLimit: 9 }, 'hoplimit 9'],
  ),
  ...changes('vti', TUNNELS, { ...GRE_ENDS, ...KEYS }, `${WORDS4} ikey 5 okey 6`, [{ mark: 7 }, 'fwmark 7']),
  ...changes('vti6', TUNNELS, { ...ENDS6, ...KEYS }, `${WORDS6} ikey 5 okey 6`, [{ mark: 7 }, 'fwmark 7']),
  ...changes(
    'bond',
    TUNNELS,
    { mode: 'active-backup' },
    'mode active-backup',
    [{ miimon: 100, upDelay: 200 }, 'miimon 100 updelay 200'],
    [{ miimon: 50, upDelay: 200 }, 'miimon 50 updelay 200'],
    [{ primaryReselect: 'failure' }, 'primary_reselect failure'],
  ),
  ...changes('macsec', TUNNELS, { icvLength: 12 }, 'icvlen 12', [
    { encrypt: true, validate: 'check' },
    'encrypt on validate check',
  ]),
];
