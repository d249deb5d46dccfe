#include "namespaces/opened_netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#include "values/descriptor.h"

Status OpenedNetns::Open(const char* path) {
  fd_ = UniqueFd(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd_.ok()) return Status::Last("open");
  if (fstat(fd_.get(), &identity_) != 0) return Status::Last("fstat");
  return Status::Ok();
}

Status OpenedNetns::Check() const {
  struct statfs filesystem {};
  if (fstatfs(fd_.get(), &filesystem) != 0) return Status::Last("fstatfs");
  if (filesystem.f_type != NSFS_MAGIC || ioctl(fd_.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return {"NS_GET_NSTYPE", EINVAL};
  }
  return Status::Ok();
}

Napi::Object OpenedNetns::ToDescriptor(Napi::Env env) { return Descriptor::New(env, std::move(fd_)); }

Napi::Object OpenedNetns::ToObject(Napi::Env env) {
  auto object = Napi::Object::New(env);
  object.Set("dev", dev());
  object.Set("ino", ino());
  object.Set("netns", ToDescriptor(env));
  return object;
}
