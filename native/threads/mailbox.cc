#include "threads/mailbox.h"

#include <array>

namespace {
// How many deliveries one turn of the event loop makes: a thousand results, and what JavaScript does with each, must
// not delay a timer.
constexpr size_t kPerTurn = 8;
}  // namespace

Mailbox::Mailbox(Napi::Env env)
    : env_(env),
      waker_(Waker::New(env, "rtnetns", 0, 1, this)),
      // Taken now, because a test may put fake timers there later.
      next_turn_(Napi::Persistent(env.Global().Get("setImmediate").As<Napi::Function>())),
      open_(Napi::Persistent(Napi::Function::New(env, [this](const Napi::CallbackInfo& info) { Open(info.Env()); }))) {
  waker_.Unref(env);
}

void Mailbox::Post(std::unique_ptr<Delivery> delivery) {
  std::lock_guard<std::mutex> lock(mutex_);
  deliveries_.Push(std::move(delivery));
  if (awake_) return;
  awake_ = true;
  waker_.NonBlockingCall();
}

void Mailbox::Expect() {
  if (expected_++ == 0) waker_.Ref(env_);
}

void Mailbox::Settle() {
  if (--expected_ == 0) waker_.Unref(env_);
}

void Mailbox::Close() { waker_.Abort(); }

void Mailbox::OnWake(Napi::Env env, Napi::Function, Mailbox* mailbox, void*) {
  // node calls without an environment when it gives up what is still queued.
  if (static_cast<napi_env>(env) != nullptr) mailbox->Open(env);
}

void Mailbox::Open(Napi::Env env) {
  // no allocation, which might fail
  std::array<std::unique_ptr<Delivery>, kPerTurn> turn;
  size_t count = 0;
  bool more;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    while (!deliveries_.empty() && count < kPerTurn) {
      turn[count++] = deliveries_.Pop();
    }
    more = awake_ = !deliveries_.empty();
  }
  for (size_t i = 0; i < count; i++) {
    Napi::HandleScope scope(env);
    try {
      turn[i]->Deliver(env);
    } catch (const Napi::Error& error) {
      // Thrown by a listener, and the other deliveries must still be made; or the environment is ending.
      napi_fatal_exception(env, error.Value());
    }
  }
  // Not by the waker, because node makes up to a thousand of its calls in one turn.
  if (more) next_turn_.Call({open_.Value()});
}
