import { checkOptions, integerFrom, type OptionCheck, optionTable } from '../common/options';

/** By which the kernel counts, and `tc` classifies, the packets of a route: /etc/iproute2/rt_realms. */
export interface RouteRealms {
  /** Where packets come from that take the route back; 1 to 65535. */
  from?: number;
  /** Where the packets go to; 1 to 65535. */
  to?: number;
}

const REALM = integerFrom(1, 0xffff);
const REALMS = optionTable<RouteRealms>({ from: REALM, to: REALM });

/** @internal */
export const isRealms: OptionCheck = (value, path) => {
  checkOptions(value, REALMS, { path });
  const { from, to } = value as RouteRealms;
  if (from === undefined && to === undefined) throw new TypeError(`${path}: expected at least one`);
};

/** @internal RTA_FLOW has both in one number. */
export function realmsAttribute(realms: RouteRealms | undefined): { flow?: number } {
  return realms === undefined ? {} : { flow: ((realms.from ?? 0) * 0x10000 + (realms.to ?? 0)) >>> 0 };
}

/** @internal */
export function toRealms(flow: number | undefined): RouteRealms | undefined {
  if (flow === undefined || flow === 0) return undefined;
  const [from, to] = [flow >>> 16, flow & 0xffff];
  return { ...(from !== 0 && { from }), ...(to !== 0 && { to }) };
}
