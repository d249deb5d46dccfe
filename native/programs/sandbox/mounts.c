#include "mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/sysfs.h"
#include "refuse.h"

#define NETNS_DIR "/run/netns"

static void mount_tmpfs(const char* target) {
  if (mount("rtnetns-sandbox", target, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0) return;
  char what[64];
  snprintf(what, sizeof what, "cannot mount a tmpfs on %s", target);
  refuse_denied(what, errno);
}

// Slave, not private: what is mounted and unmounted outside is mounted and unmounted in here, too, and nothing goes the
// other way. Private copies would keep a disk busy that is unmounted outside, and a home directory on autofs would
// never appear.
static void stop_propagation(void) {
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0) return;
  if (errno == EINVAL) {
    refuse("cannot separate the mounts", errno, "/ is not a mount point, as in a chroot",
           "mount --bind the chroot's directory on itself before entering it");
  }
  refuse_denied("cannot separate the mounts", errno);
}

// Makes an entry of the old /run appear in the new one. Best effort: the command may not need it.
static void keep_entry(int old_run, const char* name) {
  struct stat entry;
  char source[PATH_MAX], target[PATH_MAX];
  if (fstatat(old_run, name, &entry, AT_SYMLINK_NOFOLLOW) != 0) return;
  snprintf(source, sizeof source, "/proc/self/fd/%d/%s", old_run, name);
  snprintf(target, sizeof target, "/run/%s", name);

  if (S_ISLNK(entry.st_mode)) {
    char link[PATH_MAX];
    const ssize_t length = readlinkat(old_run, name, link, sizeof link - 1);
    if (length < 0) return;
    link[length] = '\0';
    if (symlink(link, target) != 0) return;
  } else {
    const bool directory = S_ISDIR(entry.st_mode);
    if ((directory ? mkdir(target, 0755) : mknod(target, S_IFREG | 0600, 0)) != 0) return;
    // Recursive also because in a user namespace the mounts below are locked to what they are on: the kernel answers
    // EINVAL to a bind that would uncover what is beneath them.
    if (mount(source, target, NULL, MS_BIND | MS_REC, NULL) != 0) remove(target);
  }
}

// To create the missing /run/netns would change the outside. So /run becomes a tmpfs of our own that holds all that
// /run holds now, and netns besides. What is created in the outer /run later is not seen.
static void rebuild_run(void) {
  DIR* old_run = opendir("/run");
  if (old_run == NULL) refuse_denied("cannot read /run", errno);
  mount_tmpfs("/run");  // the descriptor above stays with the directory that is now covered
  for (const struct dirent* entry; (entry = readdir(old_run)) != NULL;) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) keep_entry(dirfd(old_run), entry->d_name);
  }
  closedir(old_run);
  if (mkdir(NETNS_DIR, 0755) != 0 && errno != EEXIST) refuse_denied("cannot create " NETNS_DIR, errno);
}

static void replace_sysfs(void) {
  if (mount_sysfs("rtnetns-sandbox") == 0) return;
  if (errno == EPERM) {
    refuse("cannot mount a sysfs on /sys", errno, "parts of the present one are masked, as in a container",
           "start the container with --security-opt systempaths=unconfined, or --privileged");
  }
  refuse_denied("cannot mount a sysfs on /sys", errno);
}

void arrange_mounts(void) {
  stop_propagation();
  struct stat netns;
  if (stat(NETNS_DIR, &netns) != 0) {
    if (errno != ENOENT) refuse_denied("cannot find " NETNS_DIR, errno);
    rebuild_run();
  }
  mount_tmpfs(NETNS_DIR);
  replace_sysfs();
}
