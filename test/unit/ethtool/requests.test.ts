import type { Request } from '../../../lib/netlink/object';
import { channels } from '../../../lib/ethtool/tables/channels';
import { pause } from '../../../lib/ethtool/tables/pause';
import { rings } from '../../../lib/ethtool/tables/rings';

const ATTEMPT = { operation: 'test' };
const header = { name: 'v0' };

/** What the real ethtool (6.1) sends, without the sizes, types and numbers of the messages, as strace shows it. */
const SENT: readonly (readonly [command: string, request: Request<unknown>, bytes: string])[] = [
  [
    'ethtool -g v0',
    rings.ask('getRings', { header }, ATTEMPT),
    `0f 01 00 00 0c 00 01 80  07 00 02 00 76 30 00 00`,
  ],
  [
    'ethtool -G v0 rx 512 tx 256 rx-mini 7 rx-jumbo 9',
    rings.tell('setRings', { header, rx: 512, tx: 256, rxMini: 7, rxJumbo: 9 }, ATTEMPT),
    `10 01 00 00 0c 00 01 80  07 00 02 00 76 30 00 00
     08 00 06 00 00 02 00 00  08 00 09 00 00 01 00 00
     08 00 07 00 07 00 00 00  08 00 08 00 09 00 00 00`,
  ],
  [
    'ethtool -a v0',
    pause.ask('getPause', { header }, ATTEMPT),
    `15 01 00 00 0c 00 01 80  07 00 02 00 76 30 00 00`,
  ],
  [
    'ethtool -A v0 autoneg off rx on tx off',
    pause.tell('setPause', { header, autoneg: false, rx: true, tx: false }, ATTEMPT),
    `16 01 00 00 0c 00 01 80  07 00 02 00 76 30 00 00
     05 00 02 00 00 00 00 00  05 00 03 00 01 00 00 00
     05 00 04 00 00 00 00 00`,
  ],
  [
    'ethtool -l v0',
    channels.ask('getChannels', { header }, ATTEMPT),
    `11 01 00 00 0c 00 01 80  07 00 02 00 76 30 00 00`,
  ],
  [
    'ethtool -L v0 rx 1 tx 1',
    channels.tell('setChannels', { header, rx: 1, tx: 1 }, ATTEMPT),
    `12 01 00 00 0c 00 01 80  07 00 02 00 76 30 00 00
     08 00 06 00 01 00 00 00  08 00 07 00 01 00 00 00`,
  ],
  [
    'ethtool -L v0 combined 2 other 1',
    channels.tell('setChannels', { header, combined: 2, other: 1 }, ATTEMPT),
    `12 01 00 00 0c 00 01 80  07 00 02 00 76 30 00 00
     08 00 09 00 02 00 00 00  08 00 08 00 01 00 00 00`,
  ],
];

const NLMSG_HDRLEN = 16;

test.each(SENT)('%s', (_, { bytes }, expected) => {
  expect(bytes.subarray(NLMSG_HDRLEN).toString('hex')).toBe(expected.replaceAll(/\s/g, ''));
});
