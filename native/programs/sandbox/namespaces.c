#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "refuse.h"

static int raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int result = ioctl(fd, SIOCSIFFLAGS, &request);
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

// One write(2): the kernel takes a whole map or nothing.
static int write_text(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const ssize_t written = write(fd, text, strlen(text));
  const int error = errno;
  close(fd);
  errno = error;
  return written < 0 ? -1 : 0;
}

static void map_to_root(const char* path, unsigned outside) {
  char map[32];
  snprintf(map, sizeof map, "0 %u 1", outside);
  if (write_text(path, map) == 0) return;
  // Since Linux 5.12 only a process with CAP_SETFCAP outside may map uid 0 of outside, even to itself. AppArmor would
  // have refused earlier, at setgroups.
  if (errno == EPERM && outside == 0) {
    refuse("cannot become root of a user namespace", errno, "the caller is root without CAP_SETFCAP",
           "keep that capability (containers: --cap-add SETFCAP), or run as an ordinary user");
  }
  refuse_denied("cannot become root of a user namespace", errno);
}

static void become_root_of_user_namespace(void) {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) != 0) refuse_namespace("user", errno);
  // Without privileges the kernel takes a gid map only after this (Linux 3.19), because giving up a group must not give
  // access. A process that may not write here has lost its new capabilities: AppArmor on Ubuntu restricts it so.
  if (write_text("/proc/self/setgroups", "deny") != 0) {
    refuse_denied("cannot become root of a user namespace", errno);
  }
  map_to_root("/proc/self/uid_map", uid);
  map_to_root("/proc/self/gid_map", gid);
}

void enter_namespaces(void) {
  // Whether the caller is privileged is found out by trying, because in a container uid 0 may lack CAP_SYS_ADMIN, or
  // CAP_NET_ADMIN alone, which only bringing up lo shows.
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 && raise_loopback() == 0) return;
  if (errno == EPERM) become_root_of_user_namespace();

  // One by one, so that a refusal can name the kind.
  if (unshare(CLONE_NEWNET) != 0) refuse_namespace("net", errno);
  if (unshare(CLONE_NEWNS) != 0) refuse_namespace("mnt", errno);
  if (raise_loopback() != 0) refuse_denied("cannot bring up lo", errno);
}
