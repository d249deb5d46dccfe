// The way back to JavaScript for threads of ours: many deliveries, one wake-up.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include <napi.h>

class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual void Deliver(Napi::Env env) = 0;  // on the JavaScript thread
};

class Mailbox {
 public:
  explicit Mailbox(Napi::Env env);

  void Post(std::unique_ptr<Delivery> delivery);  // any thread

  // JavaScript thread only: the event loop stays alive while more deliveries are expected than have been settled.
  void Expect();
  void Settle();

  // No thread may post after this, and nothing is delivered any more.
  void Close();

 private:
  static void OnWake(Napi::Env env, Napi::Function, Mailbox* mailbox, void*);
  void Open(Napi::Env env);

  using Waker = Napi::TypedThreadSafeFunction<Mailbox, void, &Mailbox::OnWake>;

  Napi::Env env_;
  Waker waker_;
  Napi::FunctionReference next_turn_;
  Napi::FunctionReference open_;
  size_t expected_ = 0;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Delivery>> deliveries_;
  bool awake_ = false;
};
