// The way back to JavaScript for threads of ours: many deliveries, one wake-up.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include <napi.h>

class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual void Deliver(Napi::Env env) = 0;  // on the JavaScript thread

 private:
  friend class Deliveries;
  std::unique_ptr<Delivery> next_;
};

// In the order of their coming. It allocates nothing: what a thread has done is not lost where there is no memory.
class Deliveries {
 public:
  ~Deliveries() {
    while (!empty()) Pop();
  }

  bool empty() const { return first_ == nullptr; }

  void Push(std::unique_ptr<Delivery> delivery) {
    Delivery* last = delivery.get();
    (empty() ? first_ : last_->next_) = std::move(delivery);
    last_ = last;
  }

  std::unique_ptr<Delivery> Pop() {
    auto delivery = std::move(first_);
    first_ = std::move(delivery->next_);
    return delivery;
  }

 private:
  std::unique_ptr<Delivery> first_;
  Delivery* last_ = nullptr;
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
  Deliveries deliveries_;
  bool awake_ = false;
};
