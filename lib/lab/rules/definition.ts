/** Numbers or texts in their order, both ends included. */
export interface RuleRange {
  from: string | number;
  to: string | number;
}

/** What a field of a packet is compared with: a value, a range, or a list of these, of which one has to be so. */
export type RuleValue = string | number | RuleRange | readonly (string | number | RuleRange)[];

/** What becomes of packets. */
export interface RuleDefinition {
  /** What a packet has, all of it, by the fields as of `nft.match`: { 'ip.saddr': '10.0.0.0/8', 'tcp.dport': [80, 443] }. */
  match?: Readonly<Record<string, RuleValue>>;
  /** What a packet has not, any of it. */
  not?: Readonly<Record<string, RuleValue>>;
  /** 'reject' answers with an ICMP message that the port is unreachable. */
  do: 'accept' | 'drop' | 'reject';
}

/** The rules of a node. Of each list the first one counts that a packet meets, and a packet that meets none is accepted. */
export interface RulesDefinition {
  /** For packets to the node itself. */
  input?: readonly RuleDefinition[];
  /** For packets that the node sends. */
  output?: readonly RuleDefinition[];
  /** For packets that the node forwards. */
  forward?: readonly RuleDefinition[];
}
