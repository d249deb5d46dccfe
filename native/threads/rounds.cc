#include "threads/rounds.h"

#include <algorithm>
#include <utility>

namespace {

// Most work is done long before the first look. What goes on for hours, as a watch does, costs one look a second.
constexpr std::chrono::milliseconds kFirst{50};
constexpr std::chrono::milliseconds kLongest{1000};
// Each call of many that wait may kill the thread that does its work.
constexpr std::chrono::milliseconds kReplaced{1};

}  // namespace

Rounds::Rounds(Napi::Env env, std::function<Rest()> look)
    : look_(std::move(look)),
      // Taken now, because a test may put fake timers there later. A timer of libuv would be of no use to Bun and Deno.
      set_timeout_(Napi::Persistent(env.Global().Get("setTimeout").As<Napi::Function>())),
      clear_timeout_(Napi::Persistent(env.Global().Get("clearTimeout").As<Napi::Function>())),
      round_(Napi::Persistent(Napi::Function::New(env, [this](const Napi::CallbackInfo&) { Look(); }))) {}

void Rounds::Begin() {
  if (period_ > Period{0} && period_ <= kFirst) return;
  if (period_ > kFirst) clear_timeout_.Call({timer_.Value()});
  Arm(kFirst);
}

void Rounds::Look() {
  const Period last = std::exchange(period_, Period{0});
  const Rest rest = look_();
  if (rest == Rest::kNothing) return;
  Arm(rest == Rest::kReplaced ? kReplaced : std::min(last * 2, kLongest));
}

void Rounds::Arm(Period period) {
  const Napi::HandleScope scope(round_.Env());
  const Napi::Number delay = Napi::Number::New(round_.Env(), static_cast<double>(period.count()));
  const auto timer = set_timeout_.Call({round_.Value(), delay}).As<Napi::Object>();
  timer.Get("unref").As<Napi::Function>().Call(timer, {});
  timer_ = Napi::Persistent(timer);
  period_ = period;
}
