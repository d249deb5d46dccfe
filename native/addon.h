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
#include "threads/stats.h"

class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports);

  // JavaScript thread only: see Executor. Before that, threads of ours that were killed are found.
  Napi::Promise Submit(Napi::Env env, std::unique_ptr<Job> job);

  Watcher& watcher() { return watcher_; }
  FileLocks& file_locks() { return file_locks_; }
  Stats& stats() { return stats_; }
  std::atomic<uint64_t>& ready_mount() { return ready_mount_; }
  Napi::Object NewDescriptor() { return descriptor_.New({}); }

  // 'EEXIST', as lib/ calls it; JavaScript thread only.
  std::string ErrnoName(int number) const;

  // Lets the jobs that run end, drops those that wait, joins the threads.
  void Stop();

 private:
  Napi::Value ReadStats(const Napi::CallbackInfo& info);
  void CountIgnored(const Napi::CallbackInfo& info);
  void SetErrnoName(const Napi::CallbackInfo& info);

  Stats stats_;
  std::atomic<uint64_t> ready_mount_{0};
  Mailbox mailbox_;
  Executor executor_;
  Watcher watcher_;
  FileLocks file_locks_;
  Napi::FunctionReference descriptor_;
  Napi::FunctionReference errno_name_;
};
