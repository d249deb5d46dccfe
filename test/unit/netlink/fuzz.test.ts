import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type Codec, MalformedError } from '../../../lib/netlink/codec';
import { Bytes, Writer } from '../../../lib/netlink/bytes';
import {
  type Message,
  messages,
  NLMSG_DONE,
  NLMSG_ERROR,
  readAcknowledgement,
} from '../../../lib/netlink/message';
import { channels } from '../../../lib/ethtool/tables/channels';
import { features } from '../../../lib/ethtool/tables/features';
import { linkInfo, linkModes, linkState } from '../../../lib/ethtool/tables/link';
import { pause } from '../../../lib/ethtool/tables/pause';
import { rings } from '../../../lib/ethtool/tables/rings';
import { controller } from '../../../lib/netlink/genetlink/controller';
import { address } from '../../../lib/netlink/rtnetlink/address';
import { kindTables } from '../../../lib/netlink/rtnetlink/kinds';
import { bridgePort } from '../../../lib/netlink/rtnetlink/kinds/bridge-port';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { neighbor } from '../../../lib/netlink/rtnetlink/neighbor';
import { mplsRoute } from '../../../lib/netlink/rtnetlink/mpls-route';
import { nexthop } from '../../../lib/netlink/rtnetlink/nexthop';
import { neighborTable } from '../../../lib/netlink/rtnetlink/neighbor-table';
import { encapCodecs } from '../../../lib/netlink/rtnetlink/encaps';
import { nexthops } from '../../../lib/netlink/rtnetlink/nexthops';
import { nsid } from '../../../lib/netlink/rtnetlink/nsid';
import { route } from '../../../lib/netlink/rtnetlink/route';
import { conntrack } from '../../../lib/netlink/nfnetlink/conntrack';
import { captures, nftCaptures, type Noun } from '../../golden/captures';
import { partOfRuns } from '../../support/part';
import { actionCodecs } from '../../../lib/netlink/rtnetlink/actions';
import { filterCodecs } from '../../../lib/netlink/rtnetlink/filters';
import { classCodecs, qdiscCodecs } from '../../../lib/netlink/rtnetlink/qdiscs';
import { rule } from '../../../lib/netlink/rtnetlink/rule';
import { filter, qdisc, trafficClass } from '../../../lib/netlink/rtnetlink/traffic';
import { device as wireguard } from '../../../lib/wireguard/tables';
import { arbitrary } from '../support/arbitrary';
import { codecOf, KINDS } from '../support/nft';

const TABLES: readonly (readonly [name: string, codec: Codec<unknown>])[] = [
  ['link', link.codec],
  ...Object.entries(kindTables),
  ['bridge port', bridgePort],
  ['address', address.codec],
  ['route', route.codec],
  ['route of MPLS', mplsRoute.codec],
  ['nexthops', nexthops],
  ['nexthop', nexthop.codec],
  ...Object.entries(encapCodecs).map(([type, codec]) => [`encapsulation ${type}`, codec] as const),
  ['neighbor', neighbor.codec],
  ['neighbor table', neighborTable.codec],
  ['rule', rule.codec],
  ['nsid', nsid.codec],
  ['qdisc', qdisc.codec],
  ['class', trafficClass.codec],
  ['filter', filter.codec],
  ...Object.entries(filterCodecs).map(([kind, codec]) => [`filter ${kind}`, codec] as const),
  ...Object.entries(actionCodecs).map(([kind, codec]) => [`action ${kind}`, codec] as const),
  ...Object.entries(qdiscCodecs).map(([kind, codec]) => [`qdisc ${kind}`, codec] as const),
  ...Object.entries(classCodecs).map(([kind, codec]) => [`class ${kind}`, codec] as const),
  ...Object.entries(KINDS).map(([name, { codec }]) => [`nf_tables ${name}`, codec] as const),
  ['conntrack', conntrack.codec],
  ['controller', controller.codec],
  ['features', features.codec],
  ['channels', channels.codec],
  ['rings', rings.codec],
  ['pause', pause.codec],
  ['link info', linkInfo.codec],
  ['link modes', linkModes.codec],
  ['link state', linkState.codec],
  ['device of wireguard', wireguard.codec],
];

const CODECS: Readonly<Record<Noun, Codec<unknown>>> = {
  link: link.codec,
  bridge: link.codec,
  dummy: link.codec,
  vlan: link.codec,
  address: address.codec,
  route: route.codec,
  neighbor: neighbor.codec,
  rule: rule.codec,
  nsid: nsid.codec,
};

function encoded(codec: Codec<unknown>, value: unknown): Buffer {
  const to = new Writer();
  codec.write(to, value);
  return to.take();
}

function decoded(codec: Codec<unknown>, bytes: Buffer): unknown {
  return codec.read(new Bytes(bytes), 0, bytes.length);
}

/** What comes of reading, be it a value or a MalformedError; any other error is thrown on. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return error.message;
  }
}

describe.each(TABLES)('%s', (_, codec) => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(arbitrary(codec.shape), (value) => {
        expect(decoded(codec, encoded(codec, value))).toEqual(value);
      }),
      { numRuns: partOfRuns(300, 10) },
    );
  });

  test('what is read is written with the same content', () => {
    fc.assert(
      fc.property(arbitrary(codec.shape), (value) => {
        const again = decoded(codec, encoded(codec, value));
        const bytes = encoded(codec, again);
        expect(bytes.length).toBe(encoded(codec, value).length);
        expect(decoded(codec, bytes)).toEqual(value);
      }),
      { numRuns: partOfRuns(100, 10) },
    );
  });

  test('a byte more, less or other gives a value or a MalformedError', () => {
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    const changes = fc.array(change, { maxLength: 4 });
    fc.assert(
      fc.property(arbitrary(codec.shape), changes, fc.nat(), (value, list, cut) => {
        const bytes = encoded(codec, value);
        for (const { at, to } of list) if (bytes.length > 0) bytes[at % bytes.length] = to;
        outcome(() => decoded(codec, bytes));
        outcome(() => decoded(codec, bytes.subarray(0, cut % (bytes.length + 1))));
      }),
      { numRuns: partOfRuns(300, 10) },
    );
  });

  test('so does noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        outcome(() => decoded(codec, Buffer.from(noise)));
      }),
      { numRuns: partOfRuns(500, 10) },
    );
  });
});

/** What was captured, and by what it is read. */
const CAPTURED: readonly (readonly [string, Buffer[], (type: number) => Codec<unknown>])[] = [
  ...(Object.keys(CODECS) as Noun[]).map(
    (noun) =>
      [
        noun,
        captures(noun).flatMap(({ request, reply }) => [request, ...reply]),
        () => CODECS[noun],
      ] as const,
  ),
  [
    'nft',
    nftCaptures().flatMap(({ request, reply }) => [...request, ...reply]),
    (type) => codecOf(type) ?? KINDS.table.codec,
  ],
];

describe.each(CAPTURED)('the captured messages of %s', (_, captured, codec) => {
  // each size and shape once is enough: dumps hold many of a kind
  const distinct = [...new Map(captured.map((bytes) => [bytes.length, bytes])).values()];

  const read = (message: Message): unknown =>
    message.type === NLMSG_ERROR || message.type === NLMSG_DONE
      ? readAcknowledgement(message)
      : codec(message.type).read(message.from, message.start, message.end);

  test('cut off anywhere, the datagram is malformed', () => {
    const whole = captured.map((bytes) => outcome(() => [...messages(new Bytes(bytes))].length));
    expect(new Set(whole)).toEqual(new Set([1]));
    const accepted = distinct.flatMap((bytes) =>
      Array.from(bytes, (_, length) => bytes.subarray(0, length)).filter(
        (cut) => cut.length > 0 && typeof outcome(() => [...messages(new Bytes(cut))]) !== 'string',
      ),
    );
    expect(accepted).toEqual([]);
  });

  test('one that says it ends earlier is read no further', () => {
    for (const bytes of distinct) {
      const [message] = messages(new Bytes(bytes));
      for (let { end } = message!; end >= 16; end--) {
        const within = outcome(() => read({ ...message!, end }));
        const from = new Bytes(Buffer.from(bytes.subarray(0, end)));
        const alone = outcome(() => read({ ...message!, from, end }));
        // jest takes several times as long to see that two are alike
        if (!isDeepStrictEqual(within, alone)) expect(within).toEqual(alone);
      }
    }
  });

  test('garbled, they give a value or a MalformedError', () => {
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...distinct),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (bytes, list) => {
          const garbled = Buffer.from(bytes);
          for (const { at, to } of list) garbled[at % garbled.length] = to;
          outcome(() => [...messages(new Bytes(garbled))].map(read));
        },
      ),
      { numRuns: partOfRuns(3000, 10) },
    );
  });
});
