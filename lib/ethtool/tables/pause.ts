import { attributes, NLA_F_NESTED } from '../../netlink/attributes';
import { bool8 } from '../../netlink/codec';
import { GenericMessages } from '../../netlink/genetlink/message';
import { ETHTOOL, header } from './family';

export const pause = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_PAUSE_HEADER
    autoneg: [2, bool8], // ETHTOOL_A_PAUSE_AUTONEG
    rx: [3, bool8], // ETHTOOL_A_PAUSE_RX
    tx: [4, bool8], // ETHTOOL_A_PAUSE_TX
  }),
);
