import { type Answer, decode } from 'dns-packet';
import { canonicalIp } from '../../common/ip-text';

/** The addresses that a message answers a name with. */
export interface AnsweredAddresses {
  addresses: readonly string[];
  /** Seconds for which all of the records that lead to the addresses may be kept. */
  ttl: number;
}

interface NameRecord {
  type: 'A' | 'AAAA' | 'CNAME';
  name: string;
  data: string;
  ttl?: number;
}

const TYPES: readonly string[] = ['A', 'AAAA', 'CNAME'];
const LONGEST_TTL = 2 ** 31 - 1; // RFC 2181, 8: a longer one is 0

const isOfNames = (answer: Answer): answer is Answer & NameRecord => TYPES.includes(answer.type);

/** Undefined where the message cannot be read. Records that the name does not lead to, by aliases or itself, are none of its. */
export function answeredAddresses(message: Buffer, name: string): AnsweredAddresses | undefined {
  const records = recordsIn(message);
  if (records === undefined) return undefined;
  const owners = new Set([name.toLowerCase()]);
  const led = () => records.filter((one) => owners.has(one.name.toLowerCase()));
  // each round follows an alias at least, whatever the order of the records
  for (let before = 0; owners.size > before;) {
    before = owners.size;
    for (const { type, data } of led()) if (type === 'CNAME') owners.add(data.toLowerCase());
  }
  const used = led();
  const addresses = used.flatMap(({ type, data }) => (type === 'CNAME' ? [] : [canonicalIp(data)]));
  return { addresses: [...new Set(addresses)], ttl: Math.min(...used.map(ttlOf)) };
}

function recordsIn(message: Buffer): NameRecord[] | undefined {
  try {
    return (decode(message).answers ?? []).filter(isOfNames);
  } catch {
    return undefined;
  }
}

function ttlOf({ ttl = 0 }: NameRecord): number {
  return ttl > LONGEST_TTL ? 0 : ttl;
}
