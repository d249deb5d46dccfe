#include "files/bpf.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "addon.h"
#include "threads/executor.h"
#include "values/arguments.h"
#include "values/descriptor.h"
#include "values/status.h"
#include "values/unique_fd.h"

namespace {

long Bpf(bpf_cmd command, union bpf_attr& attributes) {
  return syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

uint64_t Address(const void* pointed) { return reinterpret_cast<uintptr_t>(pointed); }

// The kernel tells the type of a map in the same place, and so the name of the file has to say what it is.
bool IsProgram(int fd) {
  const std::string path = "/proc/thread-self/fd/" + std::to_string(fd);
  char name[64];
  const ssize_t length = readlink(path.c_str(), name, sizeof name);
  return length > 0 && std::string(name, static_cast<size_t>(length)).find("bpf-prog") != std::string::npos;
}

class OpenPinnedJob : public Job {
 public:
  explicit OpenPinnedJob(std::string path) : path_(std::move(path)) {}

  Status Run(ThreadNetns&) override {
    union bpf_attr opening {};
    opening.pathname = Address(path_.c_str());
    const long opened = Bpf(BPF_OBJ_GET, opening);
    if (opened < 0) return Status::Last("bpf");
    fd_ = UniqueFd(static_cast<int>(opened));
    if (!IsProgram(fd_.get())) return Status::Ok();
    struct bpf_prog_info program {};
    union bpf_attr asking {};
    asking.info.bpf_fd = static_cast<uint32_t>(fd_.get());
    asking.info.info_len = sizeof program;
    asking.info.info = Address(&program);
    if (Bpf(BPF_OBJ_GET_INFO_BY_FD, asking) < 0) return Status::Last("bpf");
    type_ = program.type;
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override {
    auto result = Napi::Object::New(env);
    result.Set("file", Descriptor::New(env, std::move(fd_)));
    result.Set("type", type_);
    return result;
  }

 private:
  std::string path_;
  UniqueFd fd_;
  uint32_t type_ = BPF_PROG_TYPE_UNSPEC;
};

}  // namespace

Napi::Value OpenPinned(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return env.GetInstanceData<Addon>()->Submit(env, std::make_unique<OpenPinnedJob>(Text(info[0])));
}
