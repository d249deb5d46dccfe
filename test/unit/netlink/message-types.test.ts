import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AF_MPLS } from '../../../lib/addon/socket-constants';
import { Bytes } from '../../../lib/netlink/bytes';
import { messageType, type Protocol, protocolOf, typeOfMessage } from '../../../lib/netlink/message-types';
import { NetlinkObject } from '../../../lib/netlink/object';
import { mplsRoute } from '../../../lib/netlink/rtnetlink/mpls-route';

const NETLINK = join(__dirname, '../../../lib/netlink');
const FOLDERS: readonly [folder: string, protocol: Protocol][] = [
  ['rtnetlink', 'route'],
  ['nfnetlink', 'netfilter'],
];

/** Every object that a table in this folder defines. */
const objectsIn = (folder: string) =>
  readdirSync(join(NETLINK, folder))
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- which files there are is not known before
      const exported = require(join(NETLINK, folder, file)) as Record<string, unknown>;
      return Object.entries(exported).flatMap(([name, value]) =>
        value instanceof NetlinkObject
          ? [[`${file}, ${name}`, value as NetlinkObject<object, object>] as const].filter(
              ([, one]) => one.codec !== mplsRoute.codec,
            )
          : [],
      );
    });

describe.each(FOLDERS)('%s', (folder, protocol) => {
  test.each(objectsIn(folder))('%s has names for its messages', (_, { verbs, codec }) => {
    expect(protocolOf(codec)).toBe(protocol);
    for (const number of [verbs.add, verbs.remove, verbs.get]) {
      const { name, codec: known } = messageType(protocol, number);
      expect(name).toMatch(/^(RTM|NFT_MSG|IPCTNL_MSG_CT)_[A-Z]+$/);
      expect(known).toBe(codec);
    }
  });
});

test('routes of MPLS have the numbers of others, and are known by their family', () => {
  expect(protocolOf(mplsRoute.codec)).toBe('route');
  const from = new Bytes(Buffer.from([AF_MPLS]));
  const message = { type: mplsRoute.verbs.add, flags: 0, sequence: 0, from, start: 0, end: 1 };
  expect(typeOfMessage('route', message)).toMatchObject({ name: 'RTM_NEWROUTE', codec: mplsRoute.codec });
});

test.each<[Protocol, number, string]>([
  ['route', 16, 'RTM_NEWLINK'],
  ['route', 21, 'RTM_DELADDR'],
  ['route', 26, 'RTM_GETROUTE'],
  ['netfilter', 0x0a0f, 'NFT_MSG_NEWGEN'],
  ['netfilter', 0x0a1a, 'NFT_MSG_DESTROYTABLE'],
  ['netfilter', 0x0a0c, 'NFT_MSG_NEWSETELEM'],
  ['netfilter', 0x0102, 'IPCTNL_MSG_CT_DELETE'],
  ['netfilter', 17, 'NFNL_MSG_BATCH_END'],
  ['diag', 20, 'SOCK_DIAG_BY_FAMILY'],
  ['route', 140, 'type 140'],
])('in %s, %d is %s', (protocol, number, name) => {
  expect(messageType(protocol, number).name).toBe(name);
});
