import { attributes, NLA_F_NESTED } from '../../netlink/attributes';
import { u32 } from '../../netlink/codec';
import { GenericMessages } from '../../netlink/genetlink/message';
import { ETHTOOL, header } from './family';

export const channels = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_CHANNELS_HEADER
    rxMax: [2, u32], // ETHTOOL_A_CHANNELS_RX_MAX
    txMax: [3, u32], // ETHTOOL_A_CHANNELS_TX_MAX
    otherMax: [4, u32], // ETHTOOL_A_CHANNELS_OTHER_MAX
    combinedMax: [5, u32], // ETHTOOL_A_CHANNELS_COMBINED_MAX
    rx: [6, u32], // ETHTOOL_A_CHANNELS_RX_COUNT
    tx: [7, u32], // ETHTOOL_A_CHANNELS_TX_COUNT
    other: [8, u32], // ETHTOOL_A_CHANNELS_OTHER_COUNT
    combined: [9, u32], // ETHTOOL_A_CHANNELS_COMBINED_COUNT
  }),
);
