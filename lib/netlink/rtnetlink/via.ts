import { type Codec, ip, u16 } from '../codec';

/** struct rtvia: a gateway of another family than the route's, with its family before it. */
export interface Via {
  family: number;
  address: string;
}

export const via: Codec<Via> = {
  shape: { kind: 'struct', fields: { family: u16.shape, address: ip.shape } },
  write(to, value) {
    u16.write(to, value.family);
    ip.write(to, value.address);
  },
  read: (from, start, end) => ({
    family: u16.read(from, start, Math.min(start + 2, end)),
    address: ip.read(from, start + 2, end),
  }),
};
