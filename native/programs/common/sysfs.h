// The /sys of a network namespace, for the programs that live in one.
#pragma once

// Mounts a sysfs on /sys, which shows the network namespace of the calling process, with the cgroups below it that
// are there now. `source` is what /proc/self/mounts calls it. -1 with errno where the system refuses.
int mount_sysfs(const char* source);
