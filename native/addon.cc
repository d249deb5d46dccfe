#include "addon.h"

#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_set>
#include <utility>

#include "files/bpf.h"
#include "files/file_lock.h"
#include "files/ioctl.h"
#include "files/packet.h"
#include "files/pipe.h"
#include "files/sysctl.h"
#include "namespaces/netns.h"
#include "namespaces/star_members.h"
#include "namespaces/worker_thread.h"
#include "sockets/connection.h"
#include "sockets/request.h"
#include "sockets/socket.h"
#include "sockets/watcher_calls.h"
#include "values/arguments.h"
#include "values/descriptor.h"
#include "values/status.h"

namespace {

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value Call(const Napi::CallbackInfo& info) {
  try {
    return function(info);
  } catch (const std::bad_alloc&) {
    return Throw(info.Env(), Status::NoMemory());
  }
}

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Function Export(Napi::Env env) {
  return Napi::Function::New<Call<function>>(env);
}

// process.exit() leaves the main thread's environment as it is (seen on node 20): no cleanup hook runs, and our
// threads would be cut off with names half-made. But exit(3) runs this.
class AtExit {
 public:
  // Never destroyed: a worker's environment may end, and remove its addon, while exit(3) runs.
  static AtExit& Get() {
    static AtExit& one = *std::make_unique<AtExit>().release();
    return one;
  }

  AtExit() {
    std::atexit([] { Get().Stop(); });
  }

  void Add(Addon* addon) {
    std::lock_guard<std::mutex> lock(mutex_);
    addons_.insert(addon);
  }

  void Remove(Addon* addon) {
    std::lock_guard<std::mutex> lock(mutex_);
    addons_.erase(addon);
  }

 private:
  // With the lock held to the end: no environment can remove its addon, and delete it, meanwhile.
  void Stop() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (Addon* addon : addons_) addon->Stop();
  }

  std::mutex mutex_;
  std::unordered_set<Addon*> addons_;
};

}  // namespace

Addon::Addon(Napi::Env env, Napi::Object exports)
    : mailbox_(env),
      executor_(mailbox_, stats_),
      watcher_(mailbox_, stats_),
      file_locks_(mailbox_, stats_),
      rounds_(env, [this] { return ReplaceKilled(); }),
      descriptor_(Napi::Persistent(Descriptor::Define(env))) {
  DefineAddon(exports,
              {InstanceMethod("stats", &Addon::ReadStats), InstanceMethod("setErrnoName", &Addon::SetErrnoName),
               InstanceMethod("countIgnored", &Addon::CountIgnored)});
  exports.Set("createNetns", Export<CreateNetns>(env));
  exports.Set("createMembers", Export<CreateMembers>(env));
  exports.Set("attachNetns", Export<AttachNetns>(env));
  exports.Set("removeNetns", Export<RemoveNetns>(env));
  exports.Set("openNetns", Export<OpenNetns>(env));
  exports.Set("enterNetns", Export<EnterNetns>(env));
  exports.Set("openSocket", Export<OpenSocket>(env));
  exports.Set("openPipe", Export<OpenPipe>(env));
  exports.Set("readPacket", Export<ReadPacket>(env));
  exports.Set("writePacket", Export<WritePacket>(env));
  exports.Set("sysctl", Export<Sysctl>(env));
  exports.Set("getSocketOption", Export<GetSocketOption>(env));
  exports.Set("closeSocket", Export<CloseSocket>(env));
  exports.Set("openConnection", Export<OpenConnection>(env));
  exports.Set("watchConnection", Export<WatchConnection>(env));
  exports.Set("watchReadable", Export<WatchReadable>(env));
  exports.Set("transact", Export<Transact>(env));
  exports.Set("sendRequest", Export<SendRequest>(env));
  exports.Set("watchSocket", Export<WatchSocket>(env));
  exports.Set("watchFile", Export<WatchFile>(env));
  exports.Set("connectSocket", Export<ConnectSocket>(env));
  exports.Set("sendDatagram", Export<SendDatagram>(env));
  exports.Set("openFile", Export<OpenFile>(env));
  exports.Set("lockFile", Export<LockFile>(env));
  exports.Set("unlockFile", Export<UnlockFile>(env));
  exports.Set("openDevice", Export<OpenDevice>(env));
  exports.Set("ioctl", Export<Ioctl>(env));
  exports.Set("openPinned", Export<OpenPinned>(env));
  // At last, because all before throws where the worker is terminated meanwhile, and then there is no addon. Hooks run
  // in the opposite order of their making: this one runs before the mailbox's own, so that no thread posts to a closed
  // mailbox.
  env.AddCleanupHook([this] {
    AtExit::Get().Remove(this);
    Stop();
    mailbox_.Close();
  });
  AtExit::Get().Add(this);
}

Napi::Promise Addon::Submit(Napi::Env env, std::unique_ptr<Job> job) {
  rounds_.Begin();
  return executor_.Submit(env, std::move(job));
}

Status Addon::Watch(SharedFd fd, Watcher::What what, const Napi::Function& listener, bool keep_alive, uint64_t& id) {
  rounds_.Begin();
  return watcher_.Watch(std::move(fd), what, listener, keep_alive, id);
}

Napi::Promise Addon::Lock(Napi::Env env, SharedFd fd) {
  rounds_.Begin();
  return file_locks_.Lock(env, std::move(fd));
}

Rounds::Rest Addon::ReplaceKilled() {
  const uint64_t before = stats_.killed;
  const bool watching = watcher_.ReplaceKilled();
  const bool waiting = file_locks_.GiveUpKilled();
  const bool working = executor_.ReplaceKilled();
  if (!working && !watching && !waiting) return Rounds::Rest::kNothing;
  return stats_.killed == before ? Rounds::Rest::kMore : Rounds::Rest::kReplaced;
}

void Addon::Stop() {
  executor_.Stop();
  watcher_.Stop();
  file_locks_.Stop();
}

Napi::Value Addon::ReadStats(const Napi::CallbackInfo& info) {
  auto result = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, const std::atomic<uint64_t>& counter) {
    result.Set(name, static_cast<double>(counter.load()));
  };
  set("jobs", stats_.jobs);
  set("busyNs", stats_.busy_ns);
  set("sends", stats_.sends);
  set("receives", stats_.receives);
  set("ignored", stats_.ignored);
  set("threads", stats_.threads);
  return result;
}

void Addon::CountIgnored(const Napi::CallbackInfo&) { stats_.ignored++; }

void Addon::SetErrnoName(const Napi::CallbackInfo& info) {
  errno_name_ = Napi::Persistent(info[0].As<Napi::Function>());
}

std::string Addon::ErrnoName(int number) const {
  return Text(errno_name_.Call({Napi::Number::New(errno_name_.Env(), number)}));
}

NODE_API_ADDON(Addon)
