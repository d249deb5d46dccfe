// The network namespace of the calling thread.
#pragma once

#include "values/status.h"

// Not /proc/self, which is the main thread's.
inline constexpr const char* kThreadNetnsPath = "/proc/thread-self/ns/net";

class ThreadNetns {
 public:
  Status Enter(int netns_fd);  // setns(2)
  Status EnterNew();           // unshare(2)

  // Whether the thread has left the namespace that it was started in.
  bool away() const { return away_; }

 private:
  bool away_ = false;
};
