// Jobs whose first step has to be done in a namespace, to which what they open there belongs from then on.
#pragma once

#include <memory>

#include <napi.h>

#include "threads/executor.h"
#include "threads/thread_netns.h"
#include "values/descriptor.h"
#include "values/status.h"

class NetnsJob : public Job {
 public:
  // In the namespace; it must not block.
  virtual Status Open() = 0;

  // Whether something is left to do after Open, which may block, in whichever namespace.
  virtual bool blocks() const { return false; }
  virtual Status Use() { return Status::Ok(); }

 private:
  friend Napi::Value SubmitIn(const Napi::Value& netns, std::unique_ptr<NetnsJob> job);

  Status Run(ThreadNetns& thread) final;

  SharedFd netns_;  // null: opened already
};

// (netns: Descriptor | null) => a promise of the job's Result. null is the namespace of the calling thread: Open runs
// at once there, because a thread needs rights that an ordinary user lacks to enter even the namespace that it is in.
Napi::Value SubmitIn(const Napi::Value& netns, std::unique_ptr<NetnsJob> job);
