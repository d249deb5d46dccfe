import { u32, u64 } from '../../netlink/codec';
import { struct } from '../../netlink/struct';
import { charArray } from '../../netns/ioctl';

// What ethtool asks by ioctl(2): linux/ethtool.h.

export const SIOCETHTOOL = 0x8946; // linux/sockios.h

/** linux/ethtool.h, ETHTOOL_* */
export const COMMANDS = {
  getDriverInfo: 0x00000003, // ETHTOOL_GDRVINFO
  getStrings: 0x0000001b, // ETHTOOL_GSTRINGS
  getStatistics: 0x0000001d, // ETHTOOL_GSTATS
  getSetInfo: 0x00000037, // ETHTOOL_GSSET_INFO
} as const;

/** The set of the names of a device's statistics. */
export const ETH_SS_STATS = 1;

/** Bytes of a name in a set. */
export const ETH_GSTRING_LEN = 32;

/** struct ethtool_drvinfo */
export const driverInfo = struct([
  ['command', u32, 4],
  ['driver', charArray(32), 32],
  ['version', charArray(32), 32],
  ['firmwareVersion', charArray(32), 32],
  ['busInfo', charArray(32), 32],
  ['expansionRomVersion', charArray(32), 32],
  12,
  ['privateFlags', u32, 4],
  ['statistics', u32, 4],
  ['testResults', u32, 4],
  ['eepromLength', u32, 4],
  ['registersLength', u32, 4],
]);

/** struct ethtool_sset_info, behind which is a number for each set that is asked for: how many names it has. */
export const setInfo = struct([['command', u32, 4], 4, ['sets', u64, 8]]);

/** struct ethtool_gstrings, behind which are the names. */
export const strings = struct([
  ['command', u32, 4],
  ['set', u32, 4],
  ['count', u32, 4],
]);

/** A name in a set. */
export const name = charArray(ETH_GSTRING_LEN);

/** struct ethtool_stats, behind which are the numbers. */
export const statistics = struct([
  ['command', u32, 4],
  ['count', u32, 4],
]);
