// The addon's state, one per environment: the main thread and each worker have their own.
#pragma once

#include <napi.h>

#include "executor.h"
#include "mailbox.h"
#include "stats.h"

class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports);

  Executor& executor() { return executor_; }
  Stats& stats() { return stats_; }
  Napi::Object NewDescriptor() { return descriptor_.New({}); }

 private:
  Napi::Value ReadStats(const Napi::CallbackInfo& info);
  Napi::Value NameErrno(const Napi::CallbackInfo& info);

  Stats stats_;
  Mailbox mailbox_;
  Executor executor_;
  Napi::FunctionReference descriptor_;
};
