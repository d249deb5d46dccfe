#include "namespaces/claimed_name.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "values/unique_fd.h"

ClaimedName::~ClaimedName() {
  if (!claimed_) return;
  umount2(path_.c_str(), MNT_DETACH);
  unlink(path_.c_str());
}

Status ClaimedName::Claim(NetnsDirectory& directory) {
  if (const Status prepared = directory.Prepare(); !prepared.ok()) return prepared;
  const UniqueFd file(open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
  if (!file.ok()) return Status::Last("open");
  claimed_ = true;
  return Status::Ok();
}

Status ClaimedName::Mount(const char* netns) {
  return mount(netns, path_.c_str(), "none", MS_BIND, nullptr) == 0 ? Status::Ok() : Status::Last("mount");
}
