/** linux/if.h: a device name has room for 15 bytes and the NUL. */
export const IFNAMSIZ = 16;

/** linux/if.h: an alternative name of a device has room for 127 bytes and the NUL. */
export const ALTIFNAMSIZ = 128;

/** RFC 8200: a device whose MTU is less has no IPv6. */
export const IPV6_MIN_MTU = 1280;

/** linux/limits.h: bytes of a file's name. */
export const NAME_MAX = 255;
