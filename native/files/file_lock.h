// Locks between processes: open file description locks (fcntl(2)), which the kernel releases with the last
// descriptor, however its process ends.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <utility>

#include <napi.h>

#include "threads/mailbox.h"
#include "threads/own_thread.h"
#include "threads/stats.h"
#include "values/descriptor.h"
#include "values/status.h"

// Each lock that has to be waited for has a thread of its own, because the wait has no end while the process that holds
// the lock is stopped: the executor would lack the thread.
class FileLocks {
 public:
  FileLocks(Mailbox& mailbox, Stats& stats);
  ~FileLocks();

  // JavaScript thread only, all of them.
  Napi::Promise Lock(Napi::Env env, SharedFd fd);

  // Ends the waits of threads that a seccomp filter has killed: now and then. Returns whether a lock is waited for.
  bool GiveUpKilled();

  // Gives up all waits, joins the threads.
  void Stop();

 private:
  struct Wait {
    Wait(Napi::Promise::Deferred deferred, SharedFd fd) : deferred(deferred), fd(std::move(fd)) {}

    Napi::Promise::Deferred deferred;
    SharedFd fd;
    Status status;
    std::unique_ptr<Delivery> parcel;  // posted when the wait is over
    OwnThread thread;
  };
  using Waits = std::list<Wait>;
  class Parcel;

  Status Start(Napi::Promise::Deferred deferred, SharedFd fd);
  void Work(Waits::iterator wait);
  void Conclude(Napi::Env env, Waits::iterator wait);

  Mailbox& mailbox_;
  Stats& stats_;
  Waits waits_;
  std::atomic<bool> stopping_{false};
};

// (path: string, flags: number, mode: number) => Promise<{ file: Descriptor, dev: number, ino: number }>: open(2)
Napi::Value OpenFile(const Napi::CallbackInfo& info);

// (file: Descriptor) => Promise<void>: an exclusive lock.
Napi::Value LockFile(const Napi::CallbackInfo& info);

// (file: Descriptor) => boolean: whether it is unlocked. If not, closing the descriptor unlocks it.
Napi::Value UnlockFile(const Napi::CallbackInfo& info);
