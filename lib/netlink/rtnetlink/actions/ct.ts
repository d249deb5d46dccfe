import { checkInteger, parseIp } from '../../../common/check';
import { ipBytes } from '../../../common/ip-text';
import { defined } from '../../../common/objects';
import {
  checkOptions,
  integerFrom,
  oneOf,
  type OptionCheck,
  optionTable,
  trueOrFalse,
} from '../../../common/options';
import { shown } from '../../../common/shown';
import { attributes } from '../../attributes';
import { be16, bytes, ipv4, ipv6, u16, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, GEN, isControl, times, toControl, type TrafficControl } from './control';

/** linux/tc_act/tc_ct.h, TCA_CT_ACT_*: what is done. */
const ACTIONS = {
  commit: 1, // TCA_CT_ACT_COMMIT
  force: 2, // TCA_CT_ACT_FORCE
  clear: 4, // TCA_CT_ACT_CLEAR
  nat: 8, // TCA_CT_ACT_NAT
  source: 16, // TCA_CT_ACT_NAT_SRC
  destination: 32, // TCA_CT_ACT_NAT_DST
} as const;

/** struct tc_ct */
const parms = struct(GEN);

const codec = attributes({
  parms: [1, parms], // TCA_CT_PARMS
  times: [2, times], // TCA_CT_TM
  action: [3, u16], // TCA_CT_ACTION
  zone: [4, u16], // TCA_CT_ZONE
  mark: [5, u32], // TCA_CT_MARK
  markMask: [6, u32], // TCA_CT_MARK_MASK
  labels: [7, bytes], // TCA_CT_LABELS
  labelsMask: [8, bytes], // TCA_CT_LABELS_MASK
  from4: [9, ipv4], // TCA_CT_NAT_IPV4_MIN
  to4: [10, ipv4], // TCA_CT_NAT_IPV4_MAX
  from6: [11, ipv6], // TCA_CT_NAT_IPV6_MIN
  to6: [12, ipv6], // TCA_CT_NAT_IPV6_MAX
  firstPort: [13, be16], // TCA_CT_NAT_PORT_MIN
  lastPort: [14, be16], // TCA_CT_NAT_PORT_MAX
});

type Data = ValueOf<typeof codec>;

/** The new source or destination of a connection. */
export interface CtNat {
  /** What is changed. */
  side: 'source' | 'destination';
  /** The new address, or those from one to another. */
  address?: string | { from: string; to: string };
  /** The new port, or those from one to another. */
  port?: number | { from: number; to: number };
}

/** A packet is given to connection tracking. What that says of it, flower finds by `ctState`, `ctZone`, `ctMark` and `ctLabels`. */
export interface CtOptions {
  /** The zone of the connection; 0 by default. */
  zone?: number;
  /** Whether the connection is kept; off by default. `mark`, `labels` and addresses need it. */
  commit?: boolean;
  /** Whether the connection is begun anew where the packet goes the other way; off by default. It takes `commit`. */
  force?: boolean;
  /** Whether the packet belongs to no connection any more; nothing else goes with it. */
  clear?: boolean;
  /** The mark of the connection. */
  mark?: number;
  /** The bits of the mark that are changed; all by default. */
  markMask?: number;
  /** The 16 bytes of the connection's labels. */
  labels?: Uint8Array;
  /** The bits of the labels that are changed; all by default. */
  labelsMask?: Uint8Array;
  /** New addresses or ports; 'as before' gives a packet those of its connection. */
  nat?: CtNat | 'as before';
  /** What becomes of it; 'pipe' by default. */
  control?: TrafficControl;
}

/** A check of the 16 bytes of a connection's labels. */
export const isLabels: OptionCheck = (value, path) => {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${path}: expected bytes, got ${shown(value)}`);
  if (value.length !== 16) throw new RangeError(`${path}: expected 16 bytes, got ${value.length}`);
};

const isPort: OptionCheck = (value, path) => checkInteger(path, value, 1, 0xffff);
const PORTS = optionTable<{ from: number; to: number }>({ from: isPort, to: isPort }, ['from', 'to']);
const isIp: OptionCheck = (value, path) => void parseIp(value, path);
const ADDRESSES = optionTable<{ from: string; to: string }>({ from: isIp, to: isIp }, ['from', 'to']);

/** The kernel takes such a range, and chooses none of it. */
function refuseRange(path: string, { from, to }: { from: string | number; to: string | number }): never {
  throw new RangeError(`${path}.to: expected ${shown(from)} or one behind it, got ${shown(to)}`);
}

const NAT = optionTable<CtNat>(
  {
    side: oneOf(['source', 'destination']),
    address: (value, path) => {
      if (typeof value !== 'object' || value === null) {
        isIp(value, path);
        return;
      }
      checkOptions(value, ADDRESSES, { path });
      const { from, to } = value as { from: string; to: string };
      if (parseIp(from, path).family !== parseIp(to, path).family)
        throw new RangeError(`${path}: addresses of IPv4 and IPv6 at once`);
      if (Buffer.compare(ipBytes(from), ipBytes(to)) > 0) refuseRange(path, { from, to });
    },
    port: (value, path) => {
      if (typeof value !== 'object' || value === null) {
        isPort(value, path);
        return;
      }
      checkOptions(value, PORTS, { path });
      const { from, to } = value as { from: number; to: number };
      if (from > to) refuseRange(path, { from, to });
    },
  },
  ['side'],
);

const isNat: OptionCheck = (value, path) => {
  if (value === 'as before') return;
  checkOptions(value, NAT, { path });
  const { address, port } = value as CtNat;
  if (address === undefined && port === undefined) {
    throw new TypeError(`${path}.address: either 'address' or 'port' has to be given`);
  }
};

function check(options: CtOptions, path: string): void {
  const { commit, force, clear, zone, nat, mark, markMask, labels, labelsMask } = options;
  const refuseAny = (given: object, rule: string) => {
    const [name] = Object.keys(defined(given));
    if (name !== undefined) throw new TypeError(`${path}.${name}: ${rule}`);
  };
  const changes = { mark, markMask, labels, labelsMask };
  const forced = force === true ? true : undefined;
  if (clear === true) refuseAny({ commit, force, zone, nat, ...changes }, "it does not go with 'clear'");
  if (commit !== true) {
    refuseAny({ ...changes, force: forced, nat: nat === 'as before' ? undefined : nat }, "it takes 'commit'");
  }
  if (mark === undefined) refuseAny({ markMask }, "it takes 'mark'");
  if (labels === undefined) refuseAny({ labelsMask }, "it takes 'labels'");
}

const range = <T extends string | number>(given: T | { from: T; to: T }): { from: T; to?: T } =>
  typeof given === 'object' ? given : { from: given };

function natData(nat: CtOptions['nat']): { flags: number } & Data {
  if (nat === undefined) return { flags: 0 };
  if (nat === 'as before') return { flags: ACTIONS.nat };
  const flags = ACTIONS.nat | ACTIONS[nat.side];
  const addresses = nat.address === undefined ? undefined : range(nat.address);
  const ports = nat.port === undefined ? undefined : range(nat.port);
  const family = addresses && parseIp(addresses.from, 'address').family;
  return {
    flags,
    ...defined({ [`from${family}`]: addresses?.from, [`to${family}`]: addresses?.to }),
    ...defined({ firstPort: ports?.from, lastPort: ports?.to }),
  };
}

/** The kernel reports no end that is the beginning, or reports both alike. */
function fromRange<T>(from: T | undefined, to: T | undefined): T | { from: T; to: T } | undefined {
  return from === undefined || to === undefined || to === from ? from : { from, to };
}

function natOf(action: number, found: Data): CtOptions['nat'] {
  if ((action & ACTIONS.nat) === 0) return undefined;
  if ((action & (ACTIONS.source | ACTIONS.destination)) === 0) return 'as before';
  return {
    side: (action & ACTIONS.source) !== 0 ? 'source' : 'destination',
    ...defined({
      address: fromRange(found.from4 ?? found.from6, found.to4 ?? found.to6),
      port: fromRange(found.firstPort, found.lastPort),
    }),
  };
}

const ALL = 0xffffffff;

export const ct: ActionKind<CtOptions, Data, CtOptions> = {
  codec,
  options: {
    zone: integerFrom(0, 0xffff),
    ...{ commit: trueOrFalse, force: trueOrFalse, clear: trueOrFalse },
    ...{ mark: integerFrom(0, ALL), markMask: integerFrom(0, ALL), labels: isLabels, labelsMask: isLabels },
    nat: isNat,
    control: isControl,
  },
  check,
  toData({ control = 'pipe', commit, force, clear, nat, zone, mark, markMask, labels, labelsMask }) {
    const { flags, ...addresses } = natData(nat);
    const said = Object.entries({ commit, force, clear }).filter(([, value]) => value === true);
    return {
      parms: { control: controlNumber(control) } as ValueOf<typeof parms>,
      action: said.reduce((all, [name]) => all | ACTIONS[name as 'commit'], flags),
      ...defined({ zone, mark, markMask, labels, labelsMask }),
      ...addresses,
    };
  },
  toView(found) {
    const { parms: head, action = 0, zone, mark, markMask = ALL, labels, labelsMask } = found;
    const partial = (mask: Uint8Array | undefined) => mask?.some((byte) => byte !== 0xff) === true;
    return {
      ...defined({
        commit: (action & ACTIONS.commit) !== 0 || undefined,
        force: (action & ACTIONS.force) !== 0 || undefined,
        clear: (action & ACTIONS.clear) !== 0 || undefined,
        zone,
        mark,
        markMask: markMask === ALL ? undefined : markMask,
        labels,
        labelsMask: partial(labelsMask) ? labelsMask : undefined,
        nat: natOf(action, found),
      }),
      control: toControl(head?.control ?? 0),
    };
  },
};
