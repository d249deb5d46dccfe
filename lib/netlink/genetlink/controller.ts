import { attributes, list } from '../attributes';
import { text, u16, u32 } from '../codec';
import { GenericMessages } from './message';

/** The type of messages to the controller, the only family whose number is the same everywhere. */
export const GENL_ID_CTRL = 16;

const GENL_NAMSIZ = 16;

/** The controller knows all families, by their names. */
export const controller = new GenericMessages(
  {
    name: 'nlctrl',
    version: 1,
    commands: {
      getFamily: 3, // CTRL_CMD_GETFAMILY
    },
    missing: 'this kernel has no generic netlink',
  },
  attributes({
    id: [1, u16], // CTRL_ATTR_FAMILY_ID
    name: [2, text(GENL_NAMSIZ - 1)], // CTRL_ATTR_FAMILY_NAME
    familyVersion: [3, u32], // CTRL_ATTR_VERSION
    headerSize: [4, u32], // CTRL_ATTR_HDRSIZE
    maxAttribute: [5, u32], // CTRL_ATTR_MAXATTR
    operations: [
      6, // CTRL_ATTR_OPS
      list(
        (index) => index + 1,
        attributes({
          id: [1, u32], // CTRL_ATTR_OP_ID
          flags: [2, u32], // CTRL_ATTR_OP_FLAGS
        }),
      ),
    ],
    groups: [
      7, // CTRL_ATTR_MCAST_GROUPS
      list(
        (index) => index + 1,
        attributes({
          name: [1, text(GENL_NAMSIZ - 1)], // CTRL_ATTR_MCAST_GRP_NAME
          id: [2, u32], // CTRL_ATTR_MCAST_GRP_ID
        }),
      ),
    ],
  }),
);
