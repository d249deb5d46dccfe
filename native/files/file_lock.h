// Locks between processes: open file description locks (fcntl(2)), which the kernel releases with the last
// descriptor, however its process ends.
#pragma once

#include <list>
#include <thread>

#include <napi.h>

#include "threads/mailbox.h"
#include "threads/stats.h"
#include "values/descriptor.h"
#include "values/status.h"

// Who has to wait for a lock does so on a thread of its own, for as long as it takes: a process that holds it may be
// stopped. One of the executor's would be missing there.
class FileLocks {
 public:
  FileLocks(Mailbox& mailbox, Stats& stats);
  ~FileLocks();

  // JavaScript thread only, both of them.
  Napi::Promise Lock(Napi::Env env, SharedFd fd);

  // Gives up what is waited for, joins the threads.
  void Stop();

 private:
  struct Wait {
    Napi::Promise::Deferred deferred;
    SharedFd fd;
    Status status{};
    std::thread thread{};
  };
  using Waits = std::list<Wait>;
  class Parcel;

  Status Start(Napi::Promise::Deferred deferred, SharedFd fd);
  void Work(Waits::iterator wait);
  void Settle(Napi::Env env, Waits::iterator wait);

  Mailbox& mailbox_;
  Stats& stats_;
  Waits waits_;
};

// (path: string, flags: number, mode: number) => Promise<{ file: Descriptor, dev: number, ino: number }>: open(2)
Napi::Value OpenFile(const Napi::CallbackInfo& info);

// (file: Descriptor) => Promise<void>: an exclusive lock.
Napi::Value LockFile(const Napi::CallbackInfo& info);

// (file: Descriptor) => void
Napi::Value UnlockFile(const Napi::CallbackInfo& info);
