#include "namespaces/claimed_name.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string PathOf(int fd) { return "/proc/thread-self/fd/" + std::to_string(fd); }

bool IsSame(const char* path, int fd) {
  struct stat there {};
  struct stat ours {};
  return lstat(path, &there) == 0 && fstat(fd, &ours) == 0 && there.st_dev == ours.st_dev &&
         there.st_ino == ours.st_ino;
}

}  // namespace

// A file of that name may be somebody else's by now. A file that a namespace is mounted on cannot be removed.
ClaimedName::~ClaimedName() {
  if (file_.ok() && IsSame(path_.c_str(), file_.get())) unlink(path_.c_str());
}

Status ClaimedName::Claim(NetnsDirectory& directory) {
  if (const Status prepared = directory.Prepare(); !prepared.ok()) return prepared;
  file_ = UniqueFd(open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0));
  return file_.ok() ? Status::Ok() : Status::Last("open");
}

Status ClaimedName::Mount(const char* netns) {
  if (mount(netns, PathOf(file_.get()).c_str(), "none", MS_BIND, nullptr) != 0) return Status::Last("mount");
  file_ = UniqueFd();
  return Status::Ok();
}
