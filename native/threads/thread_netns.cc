#include "threads/thread_netns.h"

#include <sched.h>

Status ThreadNetns::Enter(int netns_fd) {
  if (setns(netns_fd, CLONE_NEWNET) != 0) return Status::Last("setns");
  away_ = true;
  return Status::Ok();
}

Status ThreadNetns::EnterNew() {
  if (unshare(CLONE_NEWNET) != 0) return Status::Last("unshare");
  away_ = true;
  return Status::Ok();
}
