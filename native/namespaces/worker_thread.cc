#include "namespaces/worker_thread.h"

#include <sys/stat.h>
#include <unistd.h>

#include "threads/thread_netns.h"
#include "values/arguments.h"
#include "values/status.h"

namespace {

bool IsMainThread() { return gettid() == getpid(); }

// A thread needs rights that an ordinary user lacks to enter even the namespace that it is in.
bool IsHere(int netns_fd) {
  struct stat there {};
  struct stat here {};
  return fstat(netns_fd, &there) == 0 && stat(kThreadNetnsPath, &here) == 0 && there.st_dev == here.st_dev &&
         there.st_ino == here.st_ino;
}

}  // namespace

Napi::Value EnterNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (IsMainThread()) {
    // The whole process would follow this thread: /proc/self, child processes, and the new threads of libuv's pool.
    Napi::Error::New(env, "the main thread never enters a namespace").ThrowAsJavaScriptException();
    return {};
  }
  const int fd = Number(info[0]);
  if (IsHere(fd)) return env.Undefined();
  const Status entered = ThreadNetns().Enter(fd);
  return entered.ok() ? env.Undefined() : Throw(env, entered);
}
