#include "netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <memory>
#include <optional>
#include <string>

#include "addon.h"
#include "descriptor.h"
#include "executor.h"
#include "netns_directory.h"
#include "socket.h"

namespace {

// Of the thread, not of the process: /proc/self/ns/net is the main thread's.
constexpr const char* kOwnNetns = "/proc/thread-self/ns/net";

// A name that is taken: an empty file to mount a namespace on. Given back unless it is kept.
class ClaimedName {
 public:
  ClaimedName(const NetnsDirectory& directory, const std::string& name) : path_(directory.path() + "/" + name) {}
  ~ClaimedName() {
    if (!claimed_) return;
    umount2(path_.c_str(), MNT_DETACH);
    unlink(path_.c_str());
  }

  Status Claim(NetnsDirectory& directory) {
    if (const Status prepared = directory.Prepare(); !prepared.ok()) return prepared;
    const UniqueFd file(open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
    if (!file.ok()) return Status::Last("open");
    claimed_ = true;
    return Status::Ok();
  }

  Status Mount(const char* netns) {
    return mount(netns, path_.c_str(), "none", MS_BIND, nullptr) == 0 ? Status::Ok() : Status::Last("mount");
  }

  void Keep() { claimed_ = false; }

 private:
  std::string path_;
  bool claimed_ = false;
};

// An open namespace with its identity.
struct Opened {
  UniqueFd fd;
  struct stat identity {};

  Status Open(const char* path) {
    fd = UniqueFd(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.ok()) return Status::Last("open");
    if (fstat(fd.get(), &identity) != 0) return Status::Last("fstat");
    return Status::Ok();
  }

  Status Check() const {
    struct statfs filesystem {};
    if (fstatfs(fd.get(), &filesystem) != 0) return Status::Last("fstatfs");
    if (filesystem.f_type != NSFS_MAGIC || ioctl(fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
      return {"NS_GET_NSTYPE", EINVAL};
    }
    return Status::Ok();
  }

  Napi::Object ToObject(Napi::Env env) {
    auto object = Napi::Object::New(env);
    object.Set("dev", static_cast<double>(identity.st_dev));
    object.Set("ino", static_cast<double>(identity.st_ino));
    object.Set("netns", Descriptor::New(env, std::move(fd)));
    return object;
  }
};

class CreateNetnsJob : public Job {
 public:
  CreateNetnsJob(NetnsDirectory directory, std::optional<std::string> name, SocketSpec spec)
      : directory_(std::move(directory)), name_(std::move(name)), spec_(std::move(spec)) {}

  Status Run(Place& place) override {
    if (!name_) return Make(place);
    ClaimedName name(directory_, *name_);
    if (const Status claimed = name.Claim(directory_); !claimed.ok()) return claimed;
    if (const Status made = Make(place); !made.ok()) return made;
    if (const Status mounted = name.Mount(kOwnNetns); !mounted.ok()) return mounted;
    name.Keep();
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override {
    auto result = netns_.ToObject(env);
    result.Set("socket", Descriptor::New(env, std::move(socket_)));
    return result;
  }

 private:
  Status Make(Place& place) {
    if (const Status entered = place.EnterNew(); !entered.ok()) return entered;
    if (const Status opened = netns_.Open(kOwnNetns); !opened.ok()) return opened;
    return spec_.Open(socket_);
  }

  NetnsDirectory directory_;
  std::optional<std::string> name_;
  SocketSpec spec_;
  Opened netns_;
  UniqueFd socket_;
};

class AttachNetnsJob : public Job {
 public:
  AttachNetnsJob(NetnsDirectory directory, std::string name, SharedFd netns)
      : directory_(std::move(directory)), name_(std::move(name)), netns_(std::move(netns)) {}

  Status Run(Place&) override {
    ClaimedName name(directory_, name_);
    if (const Status claimed = name.Claim(directory_); !claimed.ok()) return claimed;
    const std::string source = "/proc/self/fd/" + std::to_string(netns_->get());
    if (const Status mounted = name.Mount(source.c_str()); !mounted.ok()) return mounted;
    name.Keep();
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 private:
  NetnsDirectory directory_;
  std::string name_;
  SharedFd netns_;
};

class RemoveNetnsJob : public Job {
 public:
  RemoveNetnsJob(std::string path, std::optional<ino_t> ino) : path_(std::move(path)), ino_(ino) {}

  Status Run(Place&) override {
    struct stat identity {};
    if (ino_) {
      if (stat(path_.c_str(), &identity) != 0) return Status::Last("stat");
      if (identity.st_ino != *ino_) return {"stat", ENOENT};
    }
    // Until nothing is mounted there any more: a name may have been mounted over twice. A stale plain file
    // has no mount and goes just the same.
    while (umount2(path_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
    if (errno == EPERM) return Status::Last("umount2");
    return unlink(path_.c_str()) == 0 ? Status::Ok() : Status::Last("unlink");
  }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 private:
  std::string path_;
  std::optional<ino_t> ino_;
};

std::string Text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

NetnsDirectory Directory(const Napi::CallbackInfo& info) {
  return {Text(info[0]), info.Env().GetInstanceData<Addon>()->ready_mount()};
}

}  // namespace

Napi::Value CreateNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto name = info[1].IsNull() ? std::nullopt : std::optional(Text(info[1]));
  return env.GetInstanceData<Addon>()->executor().Submit(
      env,
      std::make_unique<CreateNetnsJob>(Directory(info), std::move(name), SocketSpec::From(info[2].As<Napi::Object>())));
}

Napi::Value AttachNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto netns = Descriptor::From(info[2]);
  if (!netns) return {};
  return env.GetInstanceData<Addon>()->executor().Submit(
      env, std::make_unique<AttachNetnsJob>(Directory(info), Text(info[1]), std::move(netns)));
}

Napi::Value RemoveNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::optional<ino_t> ino;
  if (!info[2].IsNull()) ino = static_cast<ino_t>(info[2].As<Napi::Number>().Int64Value());
  return env.GetInstanceData<Addon>()->executor().Submit(
      env, std::make_unique<RemoveNetnsJob>(Text(info[0]) + "/" + Text(info[1]), ino));
}

Napi::Value OpenNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Opened opened;
  Status status = opened.Open(Text(info[0]).c_str());
  if (status.ok()) status = opened.Check();
  if (status.ok()) return opened.ToObject(env);
  napi_throw(env, ToError(env, status));
  return {};
}
