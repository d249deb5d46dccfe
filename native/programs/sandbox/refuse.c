#include "refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// EPERM has no reason with it. These files show the reason, the surest first: the sysctl of AppArmor is also 1 for a
// process that it does not concern, in a container for example.
static const struct {
  const char *file, *text, *why, *remedy;
} kCauses[] = {
    {"/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone is 0",
     "run as root, or once: sysctl -w kernel.unprivileged_userns_clone=1"},
    {"/proc/self/attr/current", "unprivileged_userns", "AppArmor restricts user namespaces",
     "run as root, or once: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {"/proc/self/attr/current", "(enforce)", "the AppArmor profile of this process forbids it",
     "run unconfined (containers: --security-opt apparmor=unconfined)"},
    {"/proc/self/status", "\nSeccomp:\t2", "a seccomp filter forbids it, as in a container",
     "start the container with --privileged, or with --cap-add SYS_ADMIN --cap-add NET_ADMIN"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor restricts user namespaces",
     "run as root, or once: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
};

static bool file_contains(const char* path, const char* text) {
  char content[4096];
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t length = read(fd, content, sizeof content - 1);
  close(fd);
  content[length < 0 ? 0 : length] = '\0';
  return strstr(content, text) != NULL;
}

void refuse(const char* what, int error, const char* why, const char* remedy) {
  fprintf(stderr, "rtnetns-sandbox: %s: %s (%s); %s\n", what, strerror(error), why, remedy);
  exit(kRefused);
}

void refuse_denied(const char* what, int error) {
  if (error != EPERM && error != EACCES && error != ENOSYS) {
    refuse(what, error, "unexpected", "run as root, or on a host with /proc, /run and /sys as usual");
  }
  for (size_t i = 0; i < sizeof kCauses / sizeof *kCauses; i++) {
    if (file_contains(kCauses[i].file, kCauses[i].text)) refuse(what, error, kCauses[i].why, kCauses[i].remedy);
  }
  refuse(what, error, "forbidden in a chroot, for a user without a mapping, or by a security module",
         "run as root with all capabilities");
}

void refuse_namespace(const char* kind, int error) {
  char what[64], why[96], remedy[96];
  snprintf(what, sizeof what, "cannot create a %s namespace", kind);
  if (error == ENOSPC) {
    // Without the number, because every user namespace around this one has its own limit, and only the innermost is
    // readable.
    snprintf(why, sizeof why, "the limit user.max_%s_namespaces is 0 or used up%s", kind,
             strcmp(kind, "user") == 0 ? ", or they are nested too deep" : "");
    snprintf(remedy, sizeof remedy, "raise it outside as root: sysctl -w user.max_%s_namespaces=15000", kind);
    refuse(what, error, why, remedy);
  }
  if (error == EINVAL) {
    snprintf(remedy, sizeof remedy, "boot a kernel that has it%s", strcmp(kind, "user") == 0 ? ", or run as root" : "");
    refuse(what, error, "this kernel is built without it", remedy);
  }
  refuse_denied(what, error);
}
