import type {
  BpfInstruction,
  Filter,
  FlowerCtState,
  MaskedLabels,
  MaskedNumber,
  TrafficControl,
} from '../../../lib';

type Own = Readonly<{ control: TrafficControl; [name: string]: unknown }>;
type Flower = NonNullable<Filter['flower']>;

const valueOf = (found: MaskedNumber | undefined) => (typeof found === 'object' ? found.value : found);
const bitsOf = (found: MaskedNumber | undefined) =>
  typeof found === 'object' ? found.mask.toString(16) : undefined;

/** '8', or '128/240' where only some bits count. */
const text = (found: MaskedNumber | undefined) =>
  typeof found === 'object' ? `${found.value}/${found.mask}` : found?.toString();

const mac = (found: string | undefined) => found?.replace('/ff:ff:00:00:00:00', '/16');

/** In the order in which tc prints them. */
const STATES: Readonly<Record<keyof FlowerCtState, string>> = {
  tracked: 'trk',
  new: 'new',
  established: 'est',
  related: 'rel',
  invalid: 'inv',
  reply: 'rpl',
};

const stateWords = (found: FlowerCtState) =>
  (Object.keys(STATES) as (keyof FlowerCtState)[])
    .filter((name) => found[name] !== undefined)
    .map((name) => `${found[name] === true ? '+' : '-'}${STATES[name]}`)
    .join('');

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const labels = (found: MaskedLabels) =>
  found instanceof Uint8Array ? hex(found) : `${hex(found.value)}/${hex(found.mask)}`;

/** What `tc -j` prints of the keys of flower that are no addresses and ports. */
export const KEYS_SHOWN: Readonly<Record<string, (found: Flower) => unknown>> = {
  arp_op: ({ arp }) => (typeof arp?.operation === 'string' ? arp.operation : text(arp?.operation)),
  arp_sip: ({ arp }) => arp?.source,
  arp_tip: ({ arp }) => arp?.target,
  arp_sha: ({ arp }) => mac(arp?.sourceMac),
  arp_tha: ({ arp }) => mac(arp?.targetMac),
  icmp_type: ({ icmp }) => text(icmp?.type),
  icmp_code: ({ icmp }) => text(icmp?.code),
  ip_tos: ({ tos }) => valueOf(tos),
  ip_tos_mask: ({ tos }) => bitsOf(tos),
  ip_ttl: ({ ttl }) => valueOf(ttl),
  ip_flags: ({ ipFlags }) => ipFlags && { frag: ipFlags.fragment, firstfrag: ipFlags.firstFragment },
  mpls_label: ({ mpls }) => mpls?.label,
  mpls_tc: ({ mpls }) => mpls?.trafficClass?.toString(),
  mpls_bos: ({ mpls }) => mpls?.bottom && '1',
  mpls_ttl: ({ mpls }) => mpls?.ttl?.toString(),
  tcp_flags: ({ tcpFlags }) =>
    tcpFlags && `0x${valueOf(tcpFlags)!.toString(16)}/${bitsOf(tcpFlags) ?? 'fff'}`,
  ct_state: ({ ctState }) => ctState && stateWords(ctState),
  ct_zone: ({ ctZone }) => valueOf(ctZone),
  ct_zone_mask: ({ ctZone }) => bitsOf(ctZone),
  ct_mark: ({ ctMark }) => valueOf(ctMark),
  ct_mark_mask: ({ ctMark }) => bitsOf(ctMark),
  ct_label: ({ ctLabels }) => ctLabels && labels(ctLabels),
  enc_key_id: ({ tunnel }) => tunnel?.id,
  enc_src_ip: ({ tunnel }) => tunnel?.source,
  enc_dst_ip: ({ tunnel }) => tunnel?.destination,
  enc_dst_port: ({ tunnel }) => valueOf(tunnel?.destinationPort),
  enc_tos: ({ tunnel }) => valueOf(tunnel?.tos),
  enc_tos_mask: ({ tunnel }) => bitsOf(tunnel?.tos),
  enc_ttl: ({ tunnel }) => valueOf(tunnel?.ttl),
};

/** And of the actions of tunnels. */
export const TUNNEL_ACTIONS_SHOWN: Readonly<
  Record<string, Readonly<Record<string, (found: Own) => unknown>>>
> = {
  tunnel_key: {
    mode: (found) => found['mode'],
    src_ip: (found) => found['source'],
    dst_ip: (found) => found['destination'],
    key_id: (found) => found['id'],
    dst_port: (found) => found['destinationPort'],
    flag: (found) => (found['checksum'] === true ? 'csum' : 'nocsum'),
    tos: (found) => found['tos'],
    ttl: (found) => found['ttl'],
    control_action: ({ control }) => ({ type: control }),
  },
  bpf: {
    bytecode: (found) => {
      const program = found['program'] as readonly BpfInstruction[];
      const insns = program.map(([code, jt, jf, k]) => ({ code, jt, jf, k }));
      return { length: program.length, insns };
    },
    control_action: ({ control }) => ({ type: control }),
  },
  connmark: {
    zone: (found) => found['zone'],
    control_action: ({ control }) => ({ type: control }),
  },
  sample: {
    rate: (found) => found['rate'],
    group: (found) => found['group'],
    trunc_size: (found) => found['truncate'],
    control_action: ({ control }) => ({ type: control }),
  },
};
