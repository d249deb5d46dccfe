#include "namespaces/new_netns.h"

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
  return spec_.Open(socket_);
}
