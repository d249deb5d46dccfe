#include "files/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "threads/netns_job.h"
#include "values/arguments.h"
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

  // In one piece, because most of these files have nothing at any other offset than 0 (6.18): the rest would be lost.
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

  // Where the kernel takes less than the whole text, the value is a list, which the kernel takes by the page (6.18), or
  // the text has something behind the value. That is refused here, because the kernel drops it without an error.
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

class SysctlJob : public NetnsJob {
 public:
  SysctlJob(std::vector<SysctlFile> files, bool write) : files_(std::move(files)), write_(write) {}

  Status Open() override {
    ForEach([this](SysctlFile& file) { return file.Open(write_); });
    return Status::Ok();
  }

  bool blocks() const override { return true; }

  Status Use() override {
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
  Status failure_;
  int failed_ = -1;
};

}  // namespace

Napi::Value Sysctl(const Napi::CallbackInfo& info) {
  const auto paths = info[1].As<Napi::Array>();
  const bool write = info[2].IsArray();
  std::vector<SysctlFile> files;
  for (uint32_t i = 0; i < paths.Length(); i++) {
    files.push_back({Text(paths.Get(i)), write ? Text(info[2].As<Napi::Array>().Get(i)) : std::string()});
  }
  return SubmitIn(info[0], std::make_unique<SysctlJob>(std::move(files), write));
}
