#include "files/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon.h"
#include "threads/executor.h"
#include "values/descriptor.h"
#include "values/status.h"
#include "values/unique_fd.h"

namespace {

struct SysctlFile {
  std::string path;
  std::string value;
  UniqueFd fd{};

  Status Open(bool write) {
    fd = UniqueFd(open(path.c_str(), (write ? O_WRONLY : O_RDONLY) | O_CLOEXEC));
    return fd.ok() ? Status::Ok() : Status::Last("open");
  }

  // In one piece: at any other offset than 0 most of these files have nothing (6.18), so that what did not fit is lost.
  Status Read() {
    for (size_t room = 4096;; room *= 2) {
      value.resize(room);
      const ssize_t length = pread(fd.get(), value.data(), room, 0);
      if (length < 0) return Status::Last("read");
      value.resize(static_cast<size_t>(length));
      if (value.size() < room) break;
    }
    if (!value.empty() && value.back() == '\n') value.pop_back();
    return Status::Ok();
  }

  // Where the kernel takes less than there is, it is a list, which it takes by the page (6.18), or there is something
  // behind the value that it would not have: that would be lost without a word, so that it is refused here.
  Status Write() const {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    for (size_t at = 0;;) {
      const size_t rest = value.size() - at;
      const ssize_t length = pwrite(fd.get(), value.data() + at, rest, static_cast<off_t>(at));
      if (length < 0) return Status::Last("write");
      if (static_cast<size_t>(length) == rest) return Status::Ok();
      if (length == 0 || rest < page) return {"write", EINVAL};
      at += static_cast<size_t>(length);
    }
  }
};

class SysctlJob : public Job {
 public:
  SysctlJob(std::vector<SysctlFile> files, bool write) : files_(std::move(files)), write_(write) {}

  // Opened there, if not opened before.
  void In(SharedFd netns) { netns_ = std::move(netns); }

  void Open() {
    ForEach([this](SysctlFile& file) { return file.Open(write_); });
  }

  Status Run(Place& place) override {
    if (netns_) {
      if (const Status entered = place.Enter(netns_->get()); !entered.ok()) return entered;
      Open();
    }
    ForEach([this](SysctlFile& file) { return write_ ? file.Write() : file.Read(); });
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override {
    auto result = Napi::Object::New(env);
    auto values = Napi::Array::New(env, files_.size());
    for (uint32_t i = 0; i < files_.size(); i++) values.Set(i, Napi::String::New(env, files_[i].value));
    result.Set("values", values);
    result.Set("failed", failed_);
    if (!failure_.ok()) result.Set("error", ToError(env, failure_));
    return result;
  }

 private:
  template <typename Step>
  void ForEach(Step step) {
    for (size_t i = 0; failure_.ok() && i < files_.size(); i++) {
      failure_ = step(files_[i]);
      if (!failure_.ok()) failed_ = static_cast<int>(i);
    }
  }

  std::vector<SysctlFile> files_;
  bool write_;
  SharedFd netns_;
  Status failure_;
  int failed_ = -1;
};

}  // namespace

Napi::Value Sysctl(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto text = [](const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); };
  const auto paths = info[1].As<Napi::Array>();
  const bool write = info[2].IsArray();
  std::vector<SysctlFile> files;
  for (uint32_t i = 0; i < paths.Length(); i++) {
    files.push_back({text(paths.Get(i)), write ? text(info[2].As<Napi::Array>().Get(i)) : std::string()});
  }
  auto job = std::make_unique<SysctlJob>(std::move(files), write);
  if (info[0].IsNull()) {
    // entering one's own namespace takes rights that an ordinary user lacks, and opening does not block
    job->Open();
  } else {
    auto netns = Descriptor::From(info[0]);
    if (!netns) return {};
    job->In(std::move(netns));
  }
  return env.GetInstanceData<Addon>()->executor().Submit(env, std::move(job));
}
