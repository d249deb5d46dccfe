#include "namespaces/worker_thread.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "values/status.h"

namespace {

bool IsMainThread() { return gettid() == getpid(); }

// Entering one's own namespace takes rights that an ordinary user lacks, and changes nothing.
bool IsHere(int netns_fd) {
  struct stat there {};
  struct stat here {};
  return fstat(netns_fd, &there) == 0 && stat("/proc/thread-self/ns/net", &here) == 0 && there.st_dev == here.st_dev &&
         there.st_ino == here.st_ino;
}

}  // namespace

Napi::Value EnterNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (IsMainThread()) {
    // what the process does elsewhere, libuv's pool and children included, follows this thread
    Napi::Error::New(env, "the main thread never enters a namespace").ThrowAsJavaScriptException();
    return {};
  }
  const int fd = info[0].As<Napi::Number>().Int32Value();
  if (!IsHere(fd) && setns(fd, CLONE_NEWNET) != 0) napi_throw(env, ToError(env, Status::Last("setns")));
  return env.Undefined();
}
