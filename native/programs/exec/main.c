// rtnetns-exec NETNS REPORT NAME UID GID PARENT FILE ARGV0 [ARG…]: becomes a command that runs in a network namespace,
// with what `ip netns exec` gives it. Started by spawn() of lib/, by nobody else.
//
//   NETNS   number of a descriptor of the namespace; the command gets those with smaller numbers
//   REPORT  number of the one after it: where something fails, an errno, the name of the call with a NUL behind it,
//           and the path of the file that the call was about, if any, are written to it
//   NAME    the namespace's name in hexadecimal digits, because it need not be UTF-8; empty where it has none; '-'
//   where
//           /sys and /etc are to stay as they are
//   UID     of the command, and GID; empty to leave them as they are
//   PARENT  the process with which the command is to end; empty where it is not to
//   FILE    the program; ARGV0 and all that follows are its arguments
//
// Nothing is forked: exit code, signals and process group are the command's own. This program needs so little of a C
// library that it can be linked without one: see freestanding/.

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/sysfs.h"
#include "entries.h"
#include "etc.h"
#include "report.h"

enum { kNetns = 1, kReport, kName, kUid, kGid, kParent, kFile, kArgv0 };

static unsigned number(const char* digits) {
  unsigned value = 0;
  for (; *digits != '\0'; digits++) value = 10 * value + (unsigned)(*digits - '0');
  return value;
}

static int value_of(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

// In place.
static const char* from_hexadecimal(char* digits) {
  char* end = digits;
  for (const char* at = digits; *at != '\0'; at += 2) *end++ = (char)(value_of(at[0]) << 4 | value_of(at[1]));
  *end = '\0';
  return digits;
}

// A working directory below /sys is still in the old sysfs, which shows the old namespace.
static void renew_directory(void) {
  char path[PATH_MAX];
  if (getcwd(path, sizeof path) == NULL) return;
  if (strncmp(path, "/sys", 4) != 0 || (path[4] != '/' && path[4] != '\0')) return;
  if (chdir(path) != 0) fail("chdir");
}

static void close_with_exec(const char* fd, const void* report) {
  if ((int)number(fd) <= *(const int*)report) return;
  if (syscall(SYS_fcntl, (long)number(fd), (long)F_SETFD, (long)FD_CLOEXEC) != 0) fail("fcntl");
}

// The command is not to have the two descriptors of this program, which are the last that were asked for, nor what the
// parent had open without close-on-exec. CLOSE_RANGE_CLOEXEC would do for all, but takes Linux 5.11. The call
// takes 5.9.
static void keep_descriptors_below(int netns, int report) {
  for (int fd = netns; fd <= report; fd++) {
    if (syscall(SYS_fcntl, (long)fd, (long)F_SETFD, (long)FD_CLOEXEC) != 0) fail("fcntl");
  }
  if (syscall(SYS_close_range, report + 1L, (long)~0U, 0L) == 0) return;
  // EPERM is what old profiles of seccomp answer to all that they do not know
  if ((errno != ENOSYS && errno != EPERM) || !each_entry("/proc/self/fd", close_with_exec, &report))
    fail("close_range");
}

static void enter(int netns) {
  if (setns(netns, CLONE_NEWNET) != 0) fail("setns");
}

static void mount_surroundings(const char* name) {
  if (unshare(CLONE_NEWNS) != 0) fail("unshare");
  // Slave, not private: what is mounted and unmounted outside is mounted and unmounted in here, too, and nothing goes
  // the other way.
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) fail("mount /");
  if (mount_sysfs(*name == '\0' ? "rtnetns" : name) != 0) fail("mount /sys");
  renew_directory();
  if (*name != '\0') lay_over_etc(name);
}

// In the order of libuv. As there, the supplementary groups are dropped where that is allowed.
static void become(const char* uid, const char* gid) {
  if (*uid == '\0' && *gid == '\0') return;
  if (setgroups(0, NULL) != 0 && errno != EPERM) fail("setgroups");
  if (*gid != '\0' && setgid(number(gid)) != 0) fail("setgid");
  if (*uid != '\0' && setuid(number(uid)) != 0) fail("setuid");
}

// The kernel sends the signal when the thread ends that has forked this process. A change of the user takes the setting
// away, so this comes after it. Without a parent that is still there, nobody would send anything.
static void end_with(const char* parent) {
  if (*parent == '\0') return;
  if (syscall(SYS_prctl, (long)PR_SET_PDEATHSIG, (long)SIGKILL) != 0) fail("prctl");
  if (syscall(SYS_getppid) != (long)number(parent)) _exit(kFailed);
}

int main(int argc, char** argv) {
  if (argc <= kArgv0) return kFailed;
  const int netns = (int)number(argv[kNetns]);
  const int report = (int)number(argv[kReport]);
  report_to(report);
  keep_descriptors_below(netns, report);
  enter(netns);
  if (strcmp(argv[kName], "-") != 0) mount_surroundings(from_hexadecimal(argv[kName]));
  become(argv[kUid], argv[kGid]);
  end_with(argv[kParent]);

  char* file = argv[kFile];
  execve(file, argv + kArgv0, environ);
  if (errno == ENOEXEC) {
    // a script without #!, which execvp(3) gives to the shell
    argv[kFile] = "/bin/sh";
    argv[kArgv0] = file;
    execve("/bin/sh", argv + kFile, environ);
  }
  fail("execve");
}
