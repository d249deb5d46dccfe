#include "namespaces/removed_name.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "values/unique_fd.h"

namespace {

// What a path leads to, for as long as it is open: whatever else is mounted there, this is what is unmounted.
class Mounted {
 public:
  Status Open(const std::string& path) {
    fd_ = UniqueFd(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd_.ok()) return Status::Last("open");
    return fstat(fd_.get(), &identity_) == 0 ? Status::Ok() : Status::Last("fstat");
  }

  ino_t ino() const { return identity_.st_ino; }

  bool IsNamespace() const {
    struct statfs filesystem {};
    return fstatfs(fd_.get(), &filesystem) == 0 && filesystem.f_type == NSFS_MAGIC;
  }

  // Another process that unmounts it first is no failure.
  Status Unmount() const {
    const std::string path = "/proc/thread-self/fd/" + std::to_string(fd_.get());
    return umount2(path.c_str(), MNT_DETACH) == 0 || errno == EINVAL ? Status::Ok() : Status::Last("umount2");
  }

 private:
  UniqueFd fd_;
  struct stat identity_ {};
};

}  // namespace

Status RemoveName(const std::string& path, std::optional<ino_t> ino) {
  Mounted mounted;
  if (const Status opened = mounted.Open(path); !opened.ok()) return opened;
  if (ino && !(mounted.IsNamespace() && mounted.ino() == *ino)) return {"open", ENOENT};
  const bool stale = !mounted.IsNamespace();
  while (mounted.IsNamespace()) {
    const ino_t removed = mounted.ino();
    if (const Status unmounted = mounted.Unmount(); !unmounted.ok()) return unmounted;
    // A name that was mounted over several times shows what was below.
    const Status opened = mounted.Open(path);
    if (opened.number == ENOENT) return Status::Ok();
    if (!opened.ok()) return opened;
    if (ino && mounted.IsNamespace() && mounted.ino() != removed) return Status::Ok();
  }
  if (unlink(path.c_str()) == 0) return Status::Ok();
  const Status refused = Status::Last("unlink");
  return refused.number == ENOENT && !stale ? Status::Ok() : refused;
}
