// By these the kernel itself says what a lab's is.

/** The group of a lab's devices, and of `lo` in its namespaces: 'lab' in ASCII. */
export const LAB_GROUP = 0x6c6162;

/** What a device of a lab is created with. */
export const DEVICE_MARK = { group: LAB_GROUP } as const;

/** The protocol of a lab's routes, which no program of /etc/iproute2/rt_protos has. */
export const LAB_PROTOCOL = 219;

/** The alias of `lo` among the switches of a lab that stays when the process has ended which made it. */
export const KEPT = 'rtnetns: this lab is kept';
