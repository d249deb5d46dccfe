#include "namespaces/new_netns.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace {

// What errors have in the place of a system call, because the same calls fail on other files, too.
constexpr const char* kDisableIpv6 = "disable_ipv6";

// For all devices that there are and will be: what is written to `all`, the kernel writes to `default` and to each
// device (6.18).
Status DisableIpv6() {
  const UniqueFd file(open("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_WRONLY | O_CLOEXEC));
  if (!file.ok()) {
    const Status failed = Status::Last(kDisableIpv6);
    struct stat ignored {};
    const bool no_ipv6 = failed.number == ENOENT && stat("/proc/sys/net", &ignored) == 0;
    return no_ipv6 ? Status::Ok() : failed;
  }
  return pwrite(file.get(), "1", 1, 0) == 1 ? Status::Ok() : Status::Last(kDisableIpv6);
}

}  // namespace

Status NewNetns::Make(ThreadNetns& thread) {
  if (!name_) return Enter(thread);
  claim_ = std::make_unique<ClaimedName>(directory_, *name_);
  Status status = claim_->Claim(directory_);
  if (status.ok()) status = Enter(thread);
  if (status.ok()) status = claim_->Mount(kThreadNetnsPath);
  claim_.reset();
  return status;
}

Status NewNetns::Enter(ThreadNetns& thread) {
  if (const Status entered = thread.EnterNew(); !entered.ok()) return entered;
  if (const Status opened = opened_.Open(kThreadNetnsPath); !opened.ok()) return opened;
  if (!ipv6_) {
    if (const Status disabled = DisableIpv6(); !disabled.ok()) return disabled;
  }
  return spec_.Open(socket_);
}
