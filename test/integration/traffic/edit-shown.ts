import type { CtNat, PeditField, PeditKey, TrafficControl } from '../../../lib';

type Own = Readonly<{ control: TrafficControl; [name: string]: unknown }>;
type Fields = Readonly<Record<string, (found: Own) => unknown>>;
type Word = readonly [offset: number, mask: number, value: number];

/** What tc calls a header. */
const HEADERS: Readonly<Record<string, string>> = { ip: 'ipv4', ip6: 'ipv6' };

/** Words of the fields of the examples, by hand: the mask has the bits that stay, as tc prints it. */
const FIELDS: Readonly<Record<string, (value: string) => readonly Word[]>> = {
  'ip ttl': (value) => [[8, 0x00ffffff, Number(value) * 2 ** 24]],
  'ip tos': (value) => [[0, 0xff00ffff, Number(value) * 2 ** 16]],
  'ip src': () => [[12, 0, 0x0a000001]],
  'eth dst': () => [
    [0, 0, 0x02000000],
    [4, 0xffff, 0x00010000],
  ],
  'eth src': () => [
    [4, 0xffff0000, 0x0200],
    [8, 0, 2],
  ],
  'eth type': () => [[12, 0xffff, 0x86dd0000]],
  'ip6 dst': () => [
    [24, 0, 0xfd000000],
    [28, 0, 0],
    [32, 0, 0],
    [36, 0, 1],
  ],
  'ip6 hoplimit': (value) => [[4, 0xffffff00, Number(value)]],
  'tcp sport': (value) => [[0, 0xffff, Number(value) * 2 ** 16]],
  'tcp dport': (value) => [[0, 0xffff0000, Number(value)]],
  'udp dport': (value) => [[0, 0xffff0000, Number(value)]],
};

const wordsOf = (edit: PeditField | PeditKey): readonly Word[] =>
  'field' in edit
    ? FIELDS[edit.field]!(String(edit.set ?? edit.add))
    : [[edit.offset, ~edit.mask >>> 0, edit.value]];

/** tc does not print where an offset begins that the packet says: the example is compared with what is listed. */
const keysOf = (found: Own) =>
  (found['edits'] as (PeditField | PeditKey)[]).flatMap((edit) => {
    const header = 'field' in edit ? edit.field.split(' ')[0]! : String(edit.header);
    return wordsOf(edit).map(([offset, mask, value]) => ({
      ...{ htype: HEADERS[header] ?? header, offset, cmd: edit.add === undefined ? 'set' : 'add' },
      ...{ val: value.toString(16), mask: mask.toString(16) },
    }));
  });

const CHECKSUMS: Readonly<Record<string, string>> = { ip: 'iph' };

const span = (given: string | number | { from: string | number; to: string | number }) =>
  typeof given === 'object' ? `${given.from}-${given.to}` : String(given);

function natWords(nat: CtNat | 'as before'): string {
  if (nat === 'as before') return '';
  const { side, address, port } = nat;
  return [
    side === 'source' ? 'src' : 'dst',
    ...(address === undefined ? [] : ['addr', span(address)]),
    ...(port === undefined ? [] : ['port', span(port)]),
  ].join(' ');
}

const hex = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString('hex');

const controlled = { control_action: ({ control }: Own) => ({ type: control }) };

/** What `tc -j` prints of the actions that change packets. */
export const EDITS_SHOWN: Readonly<Record<string, Fields>> = {
  pedit: { ...controlled, nkeys: (found) => keysOf(found).length, keys: keysOf },
  csum: {
    ...controlled,
    csum: (found) => (found['checksums'] as string[]).map((name) => CHECKSUMS[name] ?? name).join(', '),
  },
  ct: {
    ...controlled,
    action: (found) => ['commit', 'force', 'clear'].filter((name) => found[name] === true).join(' '),
    zone: (found) => found['zone'],
    mark: (found) => found['mark'],
    mark_mask: (found) => Number(found['markMask']).toString(16),
    label: ({ labels, labelsMask }) =>
      [labels, labelsMask]
        .filter((one) => one !== undefined)
        .map(hex)
        .join('/'),
    nat: (found) => natWords(found['nat'] as CtNat | 'as before'),
  },
};
