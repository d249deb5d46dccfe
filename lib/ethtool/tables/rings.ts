import { attributes, NLA_F_NESTED } from '../../netlink/attributes';
import { bool8, u32, u8 } from '../../netlink/codec';
import { GenericMessages } from '../../netlink/genetlink/message';
import { ETHTOOL, header } from './family';

export const rings = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_RINGS_HEADER
    rxMax: [2, u32], // ETHTOOL_A_RINGS_RX_MAX
    rxMiniMax: [3, u32], // ETHTOOL_A_RINGS_RX_MINI_MAX
    rxJumboMax: [4, u32], // ETHTOOL_A_RINGS_RX_JUMBO_MAX
    txMax: [5, u32], // ETHTOOL_A_RINGS_TX_MAX
    rx: [6, u32], // ETHTOOL_A_RINGS_RX
    rxMini: [7, u32], // ETHTOOL_A_RINGS_RX_MINI
    rxJumbo: [8, u32], // ETHTOOL_A_RINGS_RX_JUMBO
    tx: [9, u32], // ETHTOOL_A_RINGS_TX
    rxBufferLength: [10, u32], // ETHTOOL_A_RINGS_RX_BUF_LEN
    tcpDataSplit: [11, u8], // ETHTOOL_A_RINGS_TCP_DATA_SPLIT
    cqeSize: [12, u32], // ETHTOOL_A_RINGS_CQE_SIZE
    txPush: [13, bool8], // ETHTOOL_A_RINGS_TX_PUSH
  }),
);
