// A thread of the addon's own. No signal of the application is delivered to it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "threads/stats.h"
#include "values/status.h"

class OwnThread {
 public:
  static constexpr pid_t kNone = -1;  // the number of a thread that is not there

  OwnThread() = default;
  ~OwnThread() { Join(); }
  OwnThread(const OwnThread&) = delete;
  OwnThread& operator=(const OwnThread&) = delete;

  // The thread begins in the namespace of the calling one. The one before, if there was one, must be about to end.
  Status Start(Stats& stats, std::function<void()> work);

  void Join();

  // Interrupts, with EINTR, the system call that the thread blocks in while it is Interruptible, again and again until
  // the work ends: a signal that comes before the system call has begun is lost.
  void InterruptAndJoin();

  std::thread::id id() const { return thread_.get_id(); }

  // Whether it runs: not where it has ended, or could not be started, or a seccomp filter has killed this thread alone.
  bool alive() const;

 private:
  std::atomic<pid_t> number_{kNone};
  std::thread thread_;
  std::future<void> ended_;
};

// As long as it lives, the calling thread, one of ours, can be interrupted.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
};
