import type { NatBehavior, NatPreset } from './behavior';

/** RFC 4787, REQ-5: two minutes at least, and five by default. RFC 5382, REQ-5: two hours and four minutes. RFC 5508, REQ-2: a minute. */
const TIMEOUTS = { udp: 120, udpStream: 300, tcpEstablished: 7440, icmp: 60 } as const;

/** Of UDP, what the kernel has of itself, and so many routers: less than RFC 4787 asks for. */
const SHORT_TIMEOUTS = { ...TIMEOUTS, udp: 30, udpStream: 120 } as const;

/** The presets of NAT, in the words of RFC 4787; those of RFC 3489 stand behind. */
export const NAT_PRESETS: Readonly<Record<NatPreset, NatBehavior>> = {
  // a router at home with Linux: "port restricted cone" that preserves ports
  home: {
    mapping: 'endpointIndependent',
    filtering: 'addressAndPortDependent',
    ports: 'preserve',
    hairpinning: true,
    timeouts: SHORT_TIMEOUTS,
    blockUdp: false,
    ipv6: 'firewall',
  },
  // "full cone"
  fullCone: {
    mapping: 'endpointIndependent',
    filtering: 'endpointIndependent',
    ports: 'preserve',
    hairpinning: true,
    timeouts: TIMEOUTS,
    blockUdp: false,
    ipv6: 'firewall',
  },
  // "restricted cone"
  restricted: {
    mapping: 'endpointIndependent',
    filtering: 'addressDependent',
    ports: 'preserve',
    hairpinning: true,
    timeouts: TIMEOUTS,
    blockUdp: false,
    ipv6: 'firewall',
  },
  // "port restricted cone", without hairpinning and with ports of its own choice
  portRestricted: {
    mapping: 'endpointIndependent',
    filtering: 'addressAndPortDependent',
    ports: 'random',
    hairpinning: false,
    timeouts: TIMEOUTS,
    blockUdp: false,
    ipv6: 'firewall',
  },
  // "symmetric"
  symmetric: {
    mapping: 'addressAndPortDependent',
    filtering: 'addressAndPortDependent',
    ports: 'random',
    hairpinning: false,
    timeouts: SHORT_TIMEOUTS,
    blockUdp: false,
    ipv6: 'firewall',
  },
  // a provider's, for many homes, as RFC 6888 asks: REQ-1 and REQ-7
  cgnat: {
    mapping: 'endpointIndependent',
    filtering: 'endpointIndependent',
    ports: { from: 1024, to: 65535 },
    hairpinning: true,
    timeouts: TIMEOUTS,
    blockUdp: false,
    ipv6: 'open',
  },
  // what a company lets out: TCP, and no UDP at all
  corporate: {
    mapping: 'addressAndPortDependent',
    filtering: 'addressAndPortDependent',
    ports: 'random',
    hairpinning: false,
    timeouts: SHORT_TIMEOUTS,
    blockUdp: true,
    ipv6: 'firewall',
  },
};
