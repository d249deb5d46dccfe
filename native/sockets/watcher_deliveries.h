// What the watcher's thread hands to JavaScript.
#pragma once

#include <cerrno>

#include "sockets/watcher.h"

// What was read from a socket, or the report that a file has changed.
class Watcher::Parcel : public Delivery {
 public:
  Parcel(Watcher& watcher, uint64_t id) : watcher_(watcher), id_(id) {}

  Batch& batch() { return batch_; }
  void Deliver(Napi::Env env) override { watcher_.Hand(env, id_, batch_); }

 private:
  Watcher& watcher_;
  uint64_t id_;
  Batch batch_;
};

// The end of a connect(2), or that there is something to read.
class Watcher::Outcome : public Delivery {
 public:
  Outcome(Watcher& watcher, uint64_t id) : watcher_(watcher), id_(id) {}

  void Conclude(int error) { error_ = error; }
  void Deliver(Napi::Env env) override { watcher_.Conclude(env, id_, error_); }

 private:
  Watcher& watcher_;
  uint64_t id_;
  int error_ = ECANCELED;  // nobody has looked
};
