import { attributes, headed } from '../../attributes';
import { commonLinkAttributes, ifinfomsg } from '../link-attributes';

/** The other end: a whole link message inside the attribute. */
export const veth = attributes({
  peer: [1, headed(ifinfomsg, commonLinkAttributes)], // VETH_INFO_PEER
});
