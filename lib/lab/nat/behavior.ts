/** What routers do by their names: see `NAT_PRESETS`. */
export type NatPreset =
  'home' | 'fullCone' | 'restricted' | 'portRestricted' | 'symmetric' | 'cgnat' | 'corporate';

/** Of what behind the NAT's outer side something depends (RFC 4787). */
export type NatDependence = 'endpointIndependent' | 'addressDependent' | 'addressAndPortDependent';

/** Seconds without a packet after which a connection is forgotten. */
export interface NatTimeouts {
  /** UDP, as long as no answer has come. */
  udp?: number;
  /** UDP with answers. A mapping of UDP that is found again lasts as long as the longer of the two. */
  udpStream?: number;
  /** TCP that is open. */
  tcpEstablished?: number;
  /** Pings. */
  icmp?: number;
}

/**
 * What a NAT does, in the words of RFC 4787. Mapping, filtering and hairpinning are of UDP. Connections of TCP have a mapping and a filter of
 * their own each, as those of any NAT of Linux.
 */
export interface NatOptions {
  /** What holds for all that is not said: 'home' by default. */
  preset?: NatPreset;
  /**
   * Which packets of one address and port inside have the same port outside: 'endpointIndependent' is all of them, 'addressDependent' those to
   * one address, 'addressAndPortDependent' those to one address and port.
   */
  mapping?: NatDependence;
  /**
   * From where packets to a mapped port come in: 'endpointIndependent' is from anywhere, 'addressDependent' from the addresses to which
   * it has sent, 'addressAndPortDependent' from the addresses and ports to which it has.
   */
  filtering?: NatDependence;
  /** How the port of a new mapping is chosen: the same as inside where nobody has it, a random one, or a random one of a range. */
  ports?: 'preserve' | 'random' | NatPortRange;
  /** Whether those inside reach each other by their ports outside, past any filtering. */
  hairpinning?: boolean;
  timeouts?: NatTimeouts;
  /** Whether no UDP leaves. */
  blockUdp?: boolean;
  /** IPv6, whose addresses are never translated: 'firewall' lets in answers only, 'open' lets in all. */
  ipv6?: 'firewall' | 'open';
}

/** Ports, both ends included. */
export interface NatPortRange {
  from: number;
  to: number;
}

/** All that a NAT does. */
export interface NatBehavior extends Required<Omit<NatOptions, 'preset'>> {
  timeouts: Required<NatTimeouts>;
}

/** A port of a router's outer address that leads to a node inside. */
export interface PublishDefinition {
  /** 'tcp' by default. */
  protocol?: 'tcp' | 'udp';
  port: number;
  /** The node. */
  to: string;
  /** Its port: the same one by default. */
  toPort?: number;
}

/** A published port, with the address to which it leads. */
export interface NatPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly addr: string;
  readonly toPort: number;
}

/** The NAT of a router, as its table has it. */
export interface Nat extends Omit<NatBehavior, 'timeouts'> {
  preset: NatPreset;
  /** The device of the outer side. */
  device: string;
  /** Its address of IPv4, to which sources are translated; undefined of a router that has none, and translates nothing. */
  addr?: string;
  published: readonly NatPort[];
  /** Seconds that a mapping of UDP lasts. */
  lasting: number;
}
