#include "namespaces/netns_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "values/unique_fd.h"

namespace {

// STATX_MNT_ID of linux/stat.h (Linux 5.8), for stx_mnt_id, which follows stx_dev_minor. musl 1.2.5 has neither.
constexpr unsigned kStatxMountId = 0x1000;

#ifdef __GLIBC__
constexpr auto& Statx = statx;
#else
// The function is in musl since 1.2.5 of 2024, and with an older one an addon that asks for it does not load.
int Statx(int directory, const char* path, int flags, unsigned mask, struct statx* found) {
  return static_cast<int>(syscall(SYS_statx, directory, path, flags, mask, found));
}
#endif

}  // namespace

Status NetnsDirectory::Prepare() {
  // `ip netns add` shares the mount each time. We do so once, because the kernel goes through every name below the
  // mount to share it, which would make a thousand creations quadratic.
  const uint64_t mount = MountId();
  if (mount != 0 && mount == ready_) return Status::Ok();
  const Status shared = MakeShared();
  if (shared.ok()) ready_ = MountId();
  return shared;
}

Status NetnsDirectory::MakeShared() const {
  const char* path = path_.c_str();
  if (mkdir(path, 0755) != 0 && errno != EEXIST) return Status::Last("mkdir");
  if (mount("", path, "none", MS_SHARED | MS_REC, nullptr) == 0) return Status::Ok();
  if (errno != EINVAL) return Status::Last("mount");
  // It is no mount point yet. The lock is the one of `ip netns add`, so that only one of us makes it one. Anybody who
  // may open the directory can hold the lock for ever, and so nothing here waits for it: JavaScript tries again.
  const UniqueFd lock(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.ok() && flock(lock.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return Status::Last("flock");
  if (mount("", path, "none", MS_SHARED | MS_REC, nullptr) == 0) return Status::Ok();
  if (mount(path, path, "none", MS_BIND | MS_REC, nullptr) != 0) return Status::Last("mount");
  if (mount("", path, "none", MS_PRIVATE | MS_REC, nullptr) != 0) return Status::Last("mount");
  if (mount("", path, "none", MS_SHARED | MS_REC, nullptr) != 0) return Status::Last("mount");
  return Status::Ok();
}

uint64_t NetnsDirectory::MountId() const {
  struct statx found {};
  if (Statx(AT_FDCWD, path_.c_str(), 0, kStatxMountId, &found) != 0 || (found.stx_mask & kStatxMountId) == 0) return 0;
  uint64_t id;
  memcpy(&id, &found.stx_dev_minor + 1, sizeof id);
  return id;
}
