#include "namespaces/new_netns.h"

#include "namespaces/claimed_name.h"

namespace {
// Of the thread, not of the process: /proc/self/ns/net is the main thread's.
constexpr const char* kOwnNetns = "/proc/thread-self/ns/net";
}  // namespace

Status NewNetns::Make(Place& place) {
  if (!name_) return Enter(place);
  ClaimedName name(directory_, *name_);
  if (const Status claimed = name.Claim(directory_); !claimed.ok()) return claimed;
  if (const Status entered = Enter(place); !entered.ok()) return entered;
  if (const Status mounted = name.Mount(kOwnNetns); !mounted.ok()) return mounted;
  name.Keep();
  return Status::Ok();
}

Status NewNetns::Enter(Place& place) {
  if (const Status entered = place.EnterNew(); !entered.ok()) return entered;
  if (const Status opened = opened_.Open(kOwnNetns); !opened.ok()) return opened;
  return spec_->Open(socket_);
}
