// The addon's state, one per environment: the main thread and each worker have their own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <napi.h>

#include "files/file_lock.h"
#include "sockets/watcher.h"
#include "threads/executor.h"
#include "threads/mailbox.h"
#include "threads/rounds.h"
#include "threads/stats.h"
#include "values/descriptor.h"
#include "values/status.h"

class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports);

  // JavaScript thread only, all three: see Executor, Watcher and FileLocks. From then on, a thread of ours that is
  // killed is found.
  Napi::Promise Submit(Napi::Env env, std::unique_ptr<Job> job);
  Status Watch(SharedFd fd, Watcher::What what, const Napi::Function& listener, bool keep_alive, uint64_t& id);
  Napi::Promise Lock(Napi::Env env, SharedFd fd);

  Watcher& watcher() { return watcher_; }
  Stats& stats() { return stats_; }
  std::atomic<uint64_t>& ready_mount() { return ready_mount_; }
  Napi::Object NewDescriptor() { return descriptor_.New({}); }

  // 'EEXIST', as lib/ calls it; JavaScript thread only.
  std::string ErrnoName(int number) const;

  // Lets the jobs that run end, drops those that wait, joins the threads.
  void Stop();

 private:
  Rounds::Rest ReplaceKilled();
  Napi::Value ReadStats(const Napi::CallbackInfo& info);
  void CountIgnored(const Napi::CallbackInfo& info);
  void SetErrnoName(const Napi::CallbackInfo& info);

  Stats stats_;
  std::atomic<uint64_t> ready_mount_{0};
  Mailbox mailbox_;
  Executor executor_;
  Watcher watcher_;
  FileLocks file_locks_;
  Rounds rounds_;
  Napi::FunctionReference descriptor_;
  Napi::FunctionReference errno_name_;
};
