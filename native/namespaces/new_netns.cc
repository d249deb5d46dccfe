#include "namespaces/new_netns.h"

#include "namespaces/claimed_name.h"

Status NewNetns::Make(ThreadNetns& thread) {
  if (!name_) return Enter(thread);
  ClaimedName name(directory_, *name_);
  if (const Status claimed = name.Claim(directory_); !claimed.ok()) return claimed;
  if (const Status entered = Enter(thread); !entered.ok()) return entered;
  return name.Mount(kThreadNetnsPath);
}

Status NewNetns::Enter(ThreadNetns& thread) {
  if (const Status entered = thread.EnterNew(); !entered.ok()) return entered;
  if (const Status opened = opened_.Open(kThreadNetnsPath); !opened.ok()) return opened;
  return spec_.Open(socket_);
}
