import { attributes, NLA_F_NESTED } from '../../netlink/attributes';
import { bool8, u32 } from '../../netlink/codec';
import { GenericMessages } from '../../netlink/genetlink/message';
import { ETHTOOL, header } from './family';

export const coalesce = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_COALESCE_HEADER
    rxUsecs: [2, u32], // ETHTOOL_A_COALESCE_RX_USECS
    rxFrames: [3, u32], // ETHTOOL_A_COALESCE_RX_MAX_FRAMES
    rxUsecsIrq: [4, u32], // ETHTOOL_A_COALESCE_RX_USECS_IRQ
    rxFramesIrq: [5, u32], // ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ
    txUsecs: [6, u32], // ETHTOOL_A_COALESCE_TX_USECS
    txFrames: [7, u32], // ETHTOOL_A_COALESCE_TX_MAX_FRAMES
    txUsecsIrq: [8, u32], // ETHTOOL_A_COALESCE_TX_USECS_IRQ
    txFramesIrq: [9, u32], // ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ
    statsBlockUsecs: [10, u32], // ETHTOOL_A_COALESCE_STATS_BLOCK_USECS
    adaptiveRx: [11, bool8], // ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX
    adaptiveTx: [12, bool8], // ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX
    packetRateLow: [13, u32], // ETHTOOL_A_COALESCE_PKT_RATE_LOW
    rxUsecsLow: [14, u32], // ETHTOOL_A_COALESCE_RX_USECS_LOW
    rxFramesLow: [15, u32], // ETHTOOL_A_COALESCE_RX_MAX_FRAMES_LOW
    txUsecsLow: [16, u32], // ETHTOOL_A_COALESCE_TX_USECS_LOW
    txFramesLow: [17, u32], // ETHTOOL_A_COALESCE_TX_MAX_FRAMES_LOW
    packetRateHigh: [18, u32], // ETHTOOL_A_COALESCE_PKT_RATE_HIGH
    rxUsecsHigh: [19, u32], // ETHTOOL_A_COALESCE_RX_USECS_HIGH
    rxFramesHigh: [20, u32], // ETHTOOL_A_COALESCE_RX_MAX_FRAMES_HIGH
    txUsecsHigh: [21, u32], // ETHTOOL_A_COALESCE_TX_USECS_HIGH
    txFramesHigh: [22, u32], // ETHTOOL_A_COALESCE_TX_MAX_FRAMES_HIGH
    sampleInterval: [23, u32], // ETHTOOL_A_COALESCE_RATE_SAMPLE_INTERVAL
    cqeModeTx: [24, bool8], // ETHTOOL_A_COALESCE_USE_CQE_MODE_TX
    cqeModeRx: [25, bool8], // ETHTOOL_A_COALESCE_USE_CQE_MODE_RX
  }),
);
