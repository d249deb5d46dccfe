import type { OptionCheck } from '../../../common/options';
import { refuse } from '../../../common/refuse';

/** The second number of a class, in hexadecimal: '30' of '1:30'. */
export const isMinor: OptionCheck = (value, path) => {
  if (typeof value === 'string' && /^[0-9a-f]{1,4}$/i.test(value) && Number.parseInt(value, 16) > 0) return;
  refuse(path, "expected the second number of a class, in hexadecimal, like '30'", value);
};
