#include "values/descriptor.h"

#include "addon.h"
#include "values/status.h"

namespace {
// Marks our objects, because JavaScript may pass any other object, whatever its prototype is.
constexpr napi_type_tag kTag = {0x72746e65746e7301, 0x64657363726970ff};
}  // namespace

Napi::Function Descriptor::Define(Napi::Env env) {
  return DefineClass(env, "Descriptor",
                     {InstanceMethod("close", &Descriptor::Close), InstanceMethod("release", &Descriptor::Release),
                      InstanceAccessor<&Descriptor::Number>("fd")});
}

Descriptor::Descriptor(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Descriptor>(info) {
  napi_type_tag_object(info.Env(), info.This(), &kTag);
}

Napi::Object Descriptor::New(Napi::Env env, UniqueFd fd) {
  Napi::Object object = env.GetInstanceData<Addon>()->NewDescriptor();
  Unwrap(object)->fd_ = std::make_shared<UniqueFd>(std::move(fd));
  return object;
}

SharedFd Descriptor::From(Napi::Value value) {
  bool ours = false;
  if (value.IsObject()) napi_check_object_type_tag(value.Env(), value, &kTag, &ours);
  if (!ours) {
    Napi::TypeError::New(value.Env(), "expected a Descriptor").ThrowAsJavaScriptException();
    return nullptr;
  }
  SharedFd fd = Unwrap(value.As<Napi::Object>())->fd_;
  if (!fd) Throw(value.Env(), {"use of a closed descriptor", EBADF});
  return fd;
}

SharedFd Descriptor::Take(Napi::Value value) {
  SharedFd fd = From(value);
  if (fd) Unwrap(value.As<Napi::Object>())->fd_.reset();
  return fd;
}

void Descriptor::Close(const Napi::CallbackInfo&) { fd_.reset(); }

Napi::Value Descriptor::Release(const Napi::CallbackInfo& info) {
  // A job or a watch that shares the descriptor would use the number after its new owner has closed it.
  const int refused = !fd_ ? EBADF : fd_.use_count() > 1 ? EBUSY : 0;
  if (refused != 0) return Throw(info.Env(), {"release of a descriptor", refused});
  const int number = fd_->Release();
  fd_.reset();
  return Napi::Number::New(info.Env(), number);
}

Napi::Value Descriptor::Number(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), fd_ ? fd_->get() : -1);
}
