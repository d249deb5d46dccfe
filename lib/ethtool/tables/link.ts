import { attributes, NLA_F_NESTED } from '../../netlink/attributes';
import { bool8, choice, u32, u8 } from '../../netlink/codec';
import { GenericMessages } from '../../netlink/genetlink/message';
import { bitset } from './bitset';
import { ETHTOOL, header } from './family';

/** linux/ethtool.h, PORT_* */
export const PORTS = {
  tp: 0x00, // PORT_TP
  aui: 0x01, // PORT_AUI
  mii: 0x02, // PORT_MII
  fibre: 0x03, // PORT_FIBRE
  bnc: 0x04, // PORT_BNC
  da: 0x05, // PORT_DA
  none: 0xef, // PORT_NONE
  other: 0xff, // PORT_OTHER
} as const;

/** linux/ethtool.h, DUPLEX_* */
export const DUPLEX = {
  half: 0x00, // DUPLEX_HALF
  full: 0x01, // DUPLEX_FULL
} as const;

export const linkInfo = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_LINKINFO_HEADER
    port: [2, choice(u8, PORTS)], // ETHTOOL_A_LINKINFO_PORT
    phyAddress: [3, u8], // ETHTOOL_A_LINKINFO_PHYADDR
    mdix: [4, u8], // ETHTOOL_A_LINKINFO_TP_MDIX
    mdixControl: [5, u8], // ETHTOOL_A_LINKINFO_TP_MDIX_CTRL
    transceiver: [6, u8], // ETHTOOL_A_LINKINFO_TRANSCEIVER
  }),
);

export const linkModes = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_LINKMODES_HEADER
    autoneg: [2, bool8], // ETHTOOL_A_LINKMODES_AUTONEG
    /** What is named is supported, and advertised if it is on. */
    ours: [3, bitset], // ETHTOOL_A_LINKMODES_OURS
    peer: [4, bitset], // ETHTOOL_A_LINKMODES_PEER
    speed: [5, u32], // ETHTOOL_A_LINKMODES_SPEED
    duplex: [6, choice(u8, DUPLEX)], // ETHTOOL_A_LINKMODES_DUPLEX
    masterSlaveConfig: [7, u8], // ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG
    masterSlaveState: [8, u8], // ETHTOOL_A_LINKMODES_MASTER_SLAVE_STATE
    lanes: [9, u32], // ETHTOOL_A_LINKMODES_LANES
    rateMatching: [10, u8], // ETHTOOL_A_LINKMODES_RATE_MATCHING
  }),
);

export const linkState = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_LINKSTATE_HEADER
    link: [2, bool8], // ETHTOOL_A_LINKSTATE_LINK
    sqi: [3, u32], // ETHTOOL_A_LINKSTATE_SQI
    sqiMax: [4, u32], // ETHTOOL_A_LINKSTATE_SQI_MAX
    extState: [5, u8], // ETHTOOL_A_LINKSTATE_EXT_STATE
    extSubstate: [6, u8], // ETHTOOL_A_LINKSTATE_EXT_SUBSTATE
  }),
);
