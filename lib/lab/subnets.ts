import { parseSubnet } from '../common/check';
import type { OptionCheck } from '../common/options';
import { oneOrMore } from './lists';

export const isSubnet: OptionCheck = (value, path) => {
  parseSubnet(value, path);
};

/** One, or one of each family. */
export const areSubnets: OptionCheck = (value, path) => {
  oneOrMore(isSubnet)(value, path);
  if (!Array.isArray(value)) return;
  const families = value.map((one) => parseSubnet(one, path).family);
  if (new Set(families).size < families.length) {
    throw new RangeError(`${path}: expected one subnet of IPv4 and one of IPv6 at most`);
  }
};
