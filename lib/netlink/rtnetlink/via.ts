import { AF_PACKET } from '../../addon/socket-constants';
import { AF } from '../../common/check';
import { type Codec, ip, mac, type Shape, u16 } from '../codec';

/** struct rtvia: a gateway of another family than the route's, with its family before it. */
export interface Via {
  family: number;
  /** Of AF_PACKET, to which routes of MPLS may lead, that of the link layer. */
  address: string;
}

const addressOf = (family: number) => (family === AF_PACKET ? mac : ip);

const shape = (family: number, address: Codec<string>): Shape => ({
  kind: 'struct',
  fields: { family: { kind: 'integer', min: family, max: family }, address: address.shape },
});

export const via: Codec<Via> = {
  shape: {
    kind: 'either',
    shapes: [...Object.values(AF).map((family) => shape(family, ip)), shape(AF_PACKET, mac)],
  },
  write(to, value) {
    u16.write(to, value.family);
    addressOf(value.family).write(to, value.address);
  },
  read(from, start, end) {
    const family = u16.read(from, start, Math.min(start + 2, end));
    return { family, address: addressOf(family).read(from, start + 2, end) };
  },
};
