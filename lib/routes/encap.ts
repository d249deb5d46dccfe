import { refuse } from '../common/refuse';
import { oneOf, type OptionCheck, optionsOf, optionTable } from '../common/options';
import { ENCAP_TYPES } from '../netlink/rtnetlink/encap-type';

/** What a packet is wrapped into on its way: a light-weight tunnel, without a device. */
export interface Encap {
  /** 'mpls', 'ip', 'ip6', 'seg6', …: linux/lwtunnel.h, LWTUNNEL_ENCAP_*. */
  type: keyof typeof ENCAP_TYPES | number;
  /** Its attributes as the kernel has them, in hexadecimal: '0x0c0001000000000000000005…'. */
  data: string;
}

/** An encapsulation to be set: one that was listed, or bytes. */
export interface EncapOptions extends Omit<Encap, 'data'> {
  /** The attributes of the type (LWTUNNEL_IP_*, MPLS_IPTUNNEL_*, SEG6_IPTUNNEL_*, …) one behind the other. */
  data: string | Uint8Array;
}

const isData: OptionCheck = (value, path) => {
  if (value instanceof Uint8Array) return;
  if (typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value)) return;
  refuse(path, "expected bytes, or such in hexadecimal as '0x08000100…'", value);
};

/** @internal */
export const isEncap = optionsOf(
  optionTable<EncapOptions>({ type: oneOf(Object.keys(ENCAP_TYPES), { number: true }), data: isData }, [
    'type',
    'data',
  ]),
);

/** An encapsulation as the attributes of a route, of one of its ways, or of a next hop. */
export interface EncapAttributes {
  encapType?: Encap['type'];
  encap?: Uint8Array;
}

/** @internal */
export function toEncap({ encapType, encap }: EncapAttributes): Encap | undefined {
  if (encapType === undefined || encap === undefined) return undefined;
  return { type: encapType, data: `0x${Buffer.from(encap).toString('hex')}` };
}

/** @internal */
export function encapAttributes(encap: EncapOptions | undefined): EncapAttributes {
  if (encap === undefined) return {};
  const { type, data } = encap;
  return { encapType: type, encap: typeof data === 'string' ? Buffer.from(data.slice(2), 'hex') : data };
}
