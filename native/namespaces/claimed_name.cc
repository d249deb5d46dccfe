#include "namespaces/claimed_name.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string PathOf(int fd) { return "/proc/thread-self/fd/" + std::to_string(fd); }

bool IsAnother(const char* path, const struct stat& ours) {
  struct stat there {};
  return lstat(path, &there) == 0 && (there.st_dev != ours.st_dev || there.st_ino != ours.st_ino);
}

}  // namespace

// A file of that name may be somebody else's by now. A file that a namespace is mounted on cannot be removed.
ClaimedName::~ClaimedName() {
  if (file_.ok() && !IsAnother(path_.c_str(), identity_)) unlink(path_.c_str());
}

Status ClaimedName::Claim(NetnsDirectory& directory) {
  if (const Status prepared = directory.Prepare(); !prepared.ok()) return prepared;
  file_ = UniqueFd(open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0));
  if (!file_.ok()) return Status::Last("open");
  // now, and not when it is to be removed: that must not fail
  if (fstat(file_.get(), &identity_) == 0) return Status::Ok();
  const Status refused = Status::Last("fstat");
  unlink(path_.c_str());
  file_ = UniqueFd();
  return refused;
}

Status ClaimedName::Mount(const char* netns) {
  if (mount(netns, PathOf(file_.get()).c_str(), "none", MS_BIND, nullptr) != 0) return Status::Last("mount");
  file_ = UniqueFd();
  return Status::Ok();
}
