import { Bytes } from '../../bytes';
import type { StructCodec } from '../../struct';

/** What a kind counts beside what all count: the struct of TCA_STATS_APP, and what is shown of it. */
export interface KindStatistics<View extends object> {
  read(bytes: Uint8Array): View;
}

/** The struct grows with the kernel: what an older one does not count is 0. */
export function kindStatistics<T extends object, View extends object>(
  codec: StructCodec<T>,
  toView: (counted: T) => View,
): KindStatistics<View> {
  return {
    read(bytes) {
      const room = Buffer.alloc(Math.max(codec.size, bytes.length));
      room.set(bytes);
      return toView(codec.read(new Bytes(room), 0, room.length));
    },
  };
}
