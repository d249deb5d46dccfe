import { toBytes } from '../../common/byte-text';
import { UNIX_NAME_MAX } from './sockaddr';
import { shown } from '../../common/shown';

/**
 * '\0name': only such a name belongs to a network namespace. A socket in the file system is found by its file, from
 * whichever namespace.
 */
export function checkAbstract(path: unknown, option = 'path'): asserts path is string {
  if (typeof path !== 'string') throw new TypeError(`${option}: expected a string, got ${shown(path)}`);
  if (!path.startsWith('\0')) {
    throw new RangeError(
      `${option}: expected an abstract name, '\\0name' (one in the file system is in no network namespace, and node's ` +
        `own functions do), got ${shown(path)}`,
    );
  }
  const { length } = toBytes(path, option);
  if (length < 2 || length > UNIX_NAME_MAX) {
    throw new RangeError(
      `${option}: an abstract name has from 1 to ${UNIX_NAME_MAX - 1} bytes behind its NUL`,
    );
  }
}
