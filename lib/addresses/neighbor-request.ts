import { AF, parseIp, shown } from '../common/check';
import { defined } from '../common/objects';
import { isText, listOf, oneOf, optionTable, trueOrFalse } from '../common/options';
import { IF_EXISTS_OR_REPLACE, type IfExists } from '../netlink/existence';
import { NTF, NTF_EXT, NUD } from '../netlink/rtnetlink/neighbor';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import { isState, stateNumber } from './neighbor-filter';
import type { Neighbor, NeighborState } from './neighbor-view';

/** How a neighbor is added; an entry that was listed is one, too. */
export interface AddNeighborOptions extends Partial<
  Pick<Neighbor, 'address' | 'family' | 'index' | 'protocol' | 'statistics'>
> {
  /**
   * 'aa:bb:cc:dd:ee:ff', as many bytes as the device's own address has; of a tunnel also the IP address of the other end:
   * '10.0.0.2'. It has to be given, but for a `proxy`, and where the kernel is to find it out (`use`, `managed`).
   */
  mac?: string;
  /**
   * 'permanent' by default: the entry is not checked and does not expire. 'reachable' and 'stale' are checked in time. With
   * `use` or `managed` it is 'none' by default.
   */
  state?: NeighborState;
  /** IPv6: it is a router. */
  router?: boolean;
  /**
   * This namespace answers for the address on the device, in the place of who has it. IPv4 does so where the device forwards, and
   * IPv6 where its sysctl proxy_ndp is 1 as well. A proxy that is there already is no failure to the kernel.
   */
  proxy?: boolean;
  /** The kernel asks for the neighbor at once, as if a packet were to go there. */
  use?: boolean;
  /** The kernel asks for the neighbor again and again. Since Linux 5.16: a kernel that does not know this refuses. */
  managed?: boolean;
  /** The entry is that of a program, which knows by itself when it is out of date: the kernel does not remove it. */
  externLearn?: boolean;
  /** Those of a listed entry: 'router', 'proxy', 'managed' and 'extern_learn' are as the options above, unless these are given. */
  flags?: readonly string[];
  /** Where there is an entry for the address: 'fail' (default) with EEXIST, 'ignore', or 'replace' it. */
  ifExists?: IfExists | 'replace';
}

/** @internal What an entry is listed with. */
export const LISTED = {
  address: true,
  family: true,
  index: true,
  mac: isText,
  state: isState,
  flags: listOf(isText),
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  statistics: true,
} as const;

/** @internal */
export const ADD_OPTIONS = optionTable<AddNeighborOptions>({
  ...LISTED,
  router: trueOrFalse,
  proxy: trueOrFalse,
  use: trueOrFalse,
  managed: trueOrFalse,
  externLearn: trueOrFalse,
  ifExists: IF_EXISTS_OR_REPLACE,
});

/** States in which the MAC address is not known. */
const WITHOUT_MAC: readonly number[] = [NUD.none, NUD.incomplete, NUD.failed];

/** @internal The entry, but for its device. */
export function neighborMessage(address: string, options: AddNeighborOptions) {
  const to = parseIp(address, 'address');
  const { mac, flags: listed = [], use = false, protocol } = options;
  const { router = listed.includes('router'), proxy = listed.includes('proxy') } = options;
  const { managed = listed.includes('managed'), externLearn = listed.includes('extern_learn') } = options;
  const { state = use || managed ? 'none' : 'permanent' } = options;
  if (mac === undefined && !proxy && !use && !managed && !WITHOUT_MAC.includes(stateNumber(state))) {
    throw new TypeError(`mac: expected a MAC address, got ${shown(mac)}`);
  }
  if (proxy && mac !== undefined) {
    throw new TypeError(
      'mac: a proxy has none, because this namespace answers with the address of the device',
    );
  }
  const flags =
    (router ? NTF.router : 0) |
    (proxy ? NTF.proxy : 0) |
    (use ? NTF.use : 0) |
    (externLearn ? NTF.extern_learn : 0);
  return {
    family: AF[to.family],
    state: stateNumber(state),
    flags,
    address: to.address,
    ...defined({ mac, protocol, extendedFlags: managed ? NTF_EXT.managed : undefined }),
  };
}
