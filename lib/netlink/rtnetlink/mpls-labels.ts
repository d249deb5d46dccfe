import { type Codec, MalformedError } from '../codec';
import { be32 } from '../network-order';

/** An entry of a stack of MPLS labels (RFC 3032). The kernel sets all but the label itself. */
export interface MplsLabel {
  label: number;
  trafficClass: number;
  ttl: number;
}

const MOST = 0xfffff;
const SIZE = 4;
const BOTTOM = 0x100;

const integer = (max: number) => ({ kind: 'integer', min: 0, max }) as const;

/** Label, three bits, the mark of the last one, and eight bits: struct mpls_label. */
export const mplsLabels: Codec<readonly MplsLabel[]> = {
  shape: {
    kind: 'list',
    item: {
      kind: 'struct',
      fields: {
        label: integer(MOST),
        trafficClass: integer(7),
        ttl: integer(0xff),
      },
    },
  },
  write(to, value) {
    value.forEach(({ label, trafficClass, ttl }, i) => {
      if (!Number.isInteger(label) || label < 0 || label > MOST) {
        throw new RangeError(`expected labels from 0 to ${MOST}, got ${label}`);
      }
      const bottom = i === value.length - 1 ? BOTTOM : 0;
      be32.write(to, label * 0x1000 + ((trafficClass << 9) | bottom | ttl));
    });
  },
  read(from, start, end) {
    if ((end - start) % SIZE !== 0) {
      throw new MalformedError(`${end - start} bytes where ${SIZE} belong for each label`);
    }
    const labels: MplsLabel[] = [];
    for (let at = start; at < end; at += SIZE) {
      const entry = be32.read(from, at, at + SIZE);
      labels.push({ label: entry >>> 12, trafficClass: (entry >>> 9) & 7, ttl: entry & 0xff });
    }
    return labels;
  },
};
