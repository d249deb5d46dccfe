import { attributes, NLA_F_NESTED } from '../../netlink/attributes';
import { GenericMessages } from '../../netlink/genetlink/message';
import { bitset } from './bitset';
import { ETHTOOL, header } from './family';

export const features = new GenericMessages(
  ETHTOOL,
  attributes({
    header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_FEATURES_HEADER
    /** Those that can be changed. */
    hw: [2, bitset], // ETHTOOL_A_FEATURES_HW
    /** Those that were asked for. Of the answer to a change, those that have not become as they were to be. */
    wanted: [3 | NLA_F_NESTED, bitset], // ETHTOOL_A_FEATURES_WANTED
    active: [4, bitset], // ETHTOOL_A_FEATURES_ACTIVE
    noChange: [5, bitset], // ETHTOOL_A_FEATURES_NOCHANGE
  }),
);
