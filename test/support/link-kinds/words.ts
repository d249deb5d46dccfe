// What the examples of kinds of links, and those of their changes, have in common.
import type { Capability } from '../capabilities';

export const MACVLANS = 'links of the kind macvlan' satisfies Capability;
export const VLANS = 'links of the kind vlan' satisfies Capability;
export const OTHERS = 'links of the kinds ipvlan, nlmon and vrf' satisfies Capability;
export const VXLANS = 'links of the kind vxlan' satisfies Capability;
export const TUNNELS = 'links of the kinds of tunnels, bond, macsec and team' satisfies Capability;
export const BAREUDP = 'links of the kind bareudp' satisfies Capability;
export const HSR = 'links of the kind hsr' satisfies Capability;
export const WIREGUARD_XFRM = 'links of the kinds wireguard and xfrm' satisfies Capability;

export const GRE_ENDS = { local: '10.0.0.1', remote: '10.0.0.2' };
export const ENDS6 = { local: 'fd00::1', remote: 'fd00::2' };
export const WORDS4 = 'local 10.0.0.1 remote 10.0.0.2';
export const WORDS6 = 'local fd00::1 remote fd00::2';
export const KEYS = { inputKey: 5, outputKey: 6 };
export const SEQUENCES = { inputSequence: true, outputSequence: true };
