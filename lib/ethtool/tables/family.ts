import { attributes } from '../../netlink/attributes';
import { text, u32 } from '../../netlink/codec';
import type { Family } from '../../netlink/genetlink/message';
import { ALTIFNAMSIZ } from '../../common/limits';

/** The family of linux/ethtool_netlink.h, with what is sent to it: ETHTOOL_MSG_*. */
export const ETHTOOL = {
  name: 'ethtool',
  version: 1,
  commands: {
    getLinkInfo: 2, // ETHTOOL_MSG_LINKINFO_GET
    getLinkModes: 4, // ETHTOOL_MSG_LINKMODES_GET
    getLinkState: 6, // ETHTOOL_MSG_LINKSTATE_GET
    getFeatures: 11, // ETHTOOL_MSG_FEATURES_GET
    setFeatures: 12, // ETHTOOL_MSG_FEATURES_SET
    getRings: 15, // ETHTOOL_MSG_RINGS_GET
    setRings: 16, // ETHTOOL_MSG_RINGS_SET
    getChannels: 17, // ETHTOOL_MSG_CHANNELS_GET
    setChannels: 18, // ETHTOOL_MSG_CHANNELS_SET
    getCoalesce: 19, // ETHTOOL_MSG_COALESCE_GET
    setCoalesce: 20, // ETHTOOL_MSG_COALESCE_SET
    getPause: 21, // ETHTOOL_MSG_PAUSE_GET
    setPause: 22, // ETHTOOL_MSG_PAUSE_SET
  },
  missing: 'this kernel has no netlink for ethtool: CONFIG_ETHTOOL_NETLINK, since Linux 5.6',
} as const satisfies Family;

/** What each message begins with: the device that it is about. */
export const header = attributes({
  index: [1, u32], // ETHTOOL_A_HEADER_DEV_INDEX
  name: [2, text(ALTIFNAMSIZ - 1)], // ETHTOOL_A_HEADER_DEV_NAME
  flags: [3, u32], // ETHTOOL_A_HEADER_FLAGS
});
