import { bridge, bridgePort } from './bridge';
import { veth } from './veth';

/** IFLA_INFO_DATA by IFLA_INFO_KIND: a new kind is a file and a line. A kind that is not here has raw data. */
export const kinds = { veth, bridge };

/** IFLA_INFO_SLAVE_DATA by IFLA_INFO_SLAVE_KIND: what the master knows of the device. */
export const portKinds = { bridge: bridgePort };
