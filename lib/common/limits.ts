/** linux/if.h: a device name has room for 15 bytes and the NUL. */
export const IFNAMSIZ = 16;

/** linux/limits.h: bytes of a file's name. */
export const NAME_MAX = 255;
