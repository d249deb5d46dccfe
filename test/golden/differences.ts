// Where a tool and our call say the same by other attributes, or where one of them says what the kernel takes anyway.

/** What is compared: the attributes by their paths, 'info.data.ttl', each with its value. */
export type Content = Readonly<Record<string, unknown>>;

export interface Difference {
  /** The commands that it is of. */
  of: RegExp;
  path: RegExp;
  /** Why it makes no difference to the kernel. */
  because: string;
  /** Whether it is this one, by the two values and all that the tool sends. */
  is?: (theirs: unknown, ours: unknown, all: Content) => boolean;
}

/** Commands whose bytes are others than those that our tables write of what they have read. */
export const OTHER_BYTES: readonly Pick<Difference, 'of' | 'because'>[] = [
  { of: /^bridge vlan /, because: 'bridge sets no NLA_F_NESTED, on which the kernel does not insist' },
  { of: /^tc qdisc .* prio( |$)/, because: 'tc has an empty attribute behind the struct' },
  {
    of: / route add .* encap /,
    because:
      'ip leaves what its stack held between attributes, and a type is read before what it says of others',
  },
];

const NOTHING: readonly unknown[] = [0, 'none', undefined];

export const DIFFERENCES: readonly Difference[] = [
  {
    of: / encap xfrm /,
    path: /^index$/,
    because: 'ip (6.1) loses the words behind this encapsulation',
    is: (theirs) => theirs === undefined,
  },
  {
    of: / encap ila /,
    path: /^encap\.(checksum|identifier|hook)$/,
    because: 'the kernel takes these where ip says nothing',
    is: (theirs) => theirs === undefined,
  },
  {
    of: /./,
    path: /./,
    because: 'a number that is 0 is as one that is not there',
    is: (theirs, ours) => NOTHING.includes(theirs) && NOTHING.includes(ours),
  },
  {
    of: / type (gre|gretap|erspan|ipip|sit)\b/,
    path: /\.pathMtuDiscovery$/,
    because: 'the kernel looks for the MTU of the path if nothing is said',
    is: (theirs, ours) => theirs === true && ours === undefined,
  },
  {
    of: / type ip6/,
    path: /\.encapFlags$/,
    because: 'without an encapsulation, its checksum does not count',
    is: (_, ours, all) => ours === undefined && all['info.data.encapType'] === 'none',
  },
  {
    of: / type ip6gre(tap)? /,
    path: /\.version$/,
    because: 'only erspan has a version',
    is: (_, ours) => ours === undefined,
  },
  {
    of: / encaplimit none/,
    path: /\.encapLimit$/,
    because: 'a flag says that there is no limit',
    is: (_, ours) => ours === undefined,
  },
  {
    of: / type vxlan /,
    path: /\.learning$/,
    because: 'a vxlan learns if nothing is said',
    is: (theirs, ours) => theirs === true && ours === undefined,
  },
  {
    of: /^bridge fdb .*(self permanent|master permanent|del)/,
    path: /^state$/,
    because: 'NUD_NOARP beside NUD_PERMANENT says nothing more',
    is: (theirs, ours) => theirs === (0x40 | 0x80) && ours === 0x80,
  },
  {
    of: /^ip ntable/,
    path: /^family$/,
    because: 'the name of the table says it',
  },
  {
    of: / netem /,
    path: /\.(latency|jitter)(64)?$/,
    because: 'tc counts in ticks of 64 ns for kernels before 4.15',
    is: (_, ours, all) =>
      ours === 0 ||
      [all['options.latency'], all['options.jitter']].some((ticks) => ours === Number(ticks) * 64),
  },
  {
    of: /(tbf|htb|police) /,
    path: /\.((rate|peakRate|ceil)Table|cellLog)$/,
    because: 'the kernel computes the times of packets itself',
  },
  {
    of: / tbf rate 40gbit/,
    path: /\.parms\.buffer$/,
    because: 'tc 6.1 computes it with a rate of 32 bits, and the kernel goes by the attribute `burst`',
    is: (theirs, ours) => theirs === 3625 && ours === 3125,
  },
  {
    of: / htb rate 40gbit/,
    path: /\.parms\.(buffer|ceilBuffer)$/,
    because: 'tc 6.1 counts whole microseconds, of which the burst takes none',
    is: (theirs, ours) => theirs === 0 && Number(ours) * 64 < 1000,
  },
  {
    of: / (ingress|clsact)$/,
    path: /^handle$/,
    because: 'the kernel gives these the number ffff: itself',
    is: (theirs, ours) => theirs === 0xffff0000 && ours === 0,
  },
  {
    of: / red /,
    path: /\.flags(\.value|\.selector)?$/,
    because: 'what kernels before 5.6 know stands where they read it',
    is: (_, ours, all) => ours === undefined || ours === all['options.flags.value'],
  },
  {
    of: /^tc chain add .* protocol ip /,
    path: /^info$/,
    because: 'the keys of a template say its protocol',
  },
  {
    of: / flower /,
    path: /\.(udp|sctp|tcp|tunnel)(Source|Destination)(Port)?Mask$/,
    because: 'all bits of a port count if nothing is said',
    is: (theirs, ours) => theirs === undefined && ours === 0xffff,
  },
];
