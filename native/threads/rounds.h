// Looks again and again whether the threads of ours live, as long as they have something to do: nobody reports the end
// of a thread that a seccomp filter kills, and no other call need come that would notice it.
#pragma once

#include <chrono>
#include <functional>

#include <napi.h>

class Rounds {
 public:
  enum class Rest {
    kNothing,   // to look after
    kMore,      // to look after
    kReplaced,  // more, and a thread was killed, in whose place another one may be killed soon
  };

  // `look` returns what there is from now on. The event loop does not stay alive for it.
  Rounds(Napi::Env env, std::function<Rest()> look);

  // JavaScript thread only: there is something to look after from now on.
  void Begin();

 private:
  using Period = std::chrono::milliseconds;

  void Look();
  void Arm(Period period);

  std::function<Rest()> look_;
  Napi::FunctionReference set_timeout_;
  Napi::FunctionReference clear_timeout_;
  Napi::FunctionReference round_;
  Napi::ObjectReference timer_;
  Period period_{0};  // until the next look; 0: there is none
};
