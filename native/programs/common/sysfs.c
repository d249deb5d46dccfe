#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

// Without snprintf(3), because a program that is linked without a C library has this file, too.
static void name_descriptor(char* path, int fd) {
  char digits[12];
  char* digit = digits + sizeof digits - 1;
  *digit = '\0';
  for (; fd > 0; fd /= 10) *--digit = (char)('0' + fd % 10);
  *path = '\0';
  strcat(strcat(path, "/proc/self/fd/"), digit);
}

// Of the mounts below /sys only the cgroups are kept, because programs ask them for their limits (node does).
static void keep_cgroups(int cgroup) {
  struct statfs filesystem;
  if (fstatfs(cgroup, &filesystem) != 0 || filesystem.f_type == SYSFS_MAGIC) return;
  char source[32];
  name_descriptor(source, cgroup);
  mount(source, "/sys/fs/cgroup", NULL, MS_BIND | MS_REC, NULL);
}

// The new sysfs is mounted on top of the old one, which cannot be detached in a user namespace (and the kernel permits
// a new one there only because an old one is there).
int mount_sysfs(const char* source) {
  // The kernel refuses a sysfs that is laxer than the one that it covers; these two may be locked.
  struct statfs old;
  const bool was_there = statfs("/sys", &old) == 0;
  const unsigned long inherited = was_there ? (unsigned long)old.f_flags & (MS_RDONLY | MS_NOATIME) : 0;
  const int cgroup = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);

  const int result = mount(source, "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | inherited, NULL);
  const int error = errno;
  if (cgroup >= 0) {
    if (result == 0) keep_cgroups(cgroup);
    close(cgroup);
  }
  // The kernel refuses to mount a file system over itself: /sys shows this namespace already.
  if (error == EBUSY) return 0;
  errno = error;
  return result;
}
