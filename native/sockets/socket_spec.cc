#include "sockets/socket_spec.h"

#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "values/arguments.h"

namespace {

std::vector<uint8_t> ToBytes(int number) {
  const auto* first = reinterpret_cast<const uint8_t*>(&number);
  return {first, first + sizeof number};
}

}  // namespace

SocketSpec::SocketSpec(const Napi::Value& value) {
  const auto spec = value.As<Napi::Object>();
  domain = Number(spec.Get("domain"));
  type = Number(spec.Get("type"));
  protocol = Number(spec.Get("protocol"));
  const auto rows = spec.Get("options").As<Napi::Array>();
  for (uint32_t i = 0; i < rows.Length(); i++) {
    const auto row = rows.Get(i).As<Napi::Array>();
    const Napi::Value content = row.Get(2u);
    options.push_back({Number(row.Get(0u)), Number(row.Get(1u)),
                       content.IsTypedArray() ? Bytes(content) : ToBytes(Number(content)), row.Get(3u).ToBoolean()});
  }
  if (const Napi::Value program = spec.Get("filter"); program.IsTypedArray()) {
    const auto bytes = Bytes(program);
    filter.resize(bytes.size() / sizeof(sock_filter));
    if (!filter.empty()) std::memcpy(filter.data(), bytes.data(), filter.size() * sizeof(sock_filter));
  }
  if (const Napi::Value address = spec.Get("bind"); address.IsTypedArray()) bind = Bytes(address);
  if (const Napi::Value address = spec.Get("connect"); address.IsTypedArray()) connect = Bytes(address);
  if (const Napi::Value queue = spec.Get("backlog"); queue.IsNumber()) backlog = Number(queue);
}

Status SocketSpec::Open(UniqueFd& fd) const {
  UniqueFd opened(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!opened.ok()) return Status::Last("socket");
  for (const auto& [level, name, value, required] : options) {
    const int set = setsockopt(opened.get(), level, name, value.data(), static_cast<socklen_t>(value.size()));
    if (set != 0 && required) return Status::Last("setsockopt");
  }
  if (!filter.empty()) {
    // the kernel copies the program
    const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
    const int attached = setsockopt(opened.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    if (attached != 0) return Status::Last("setsockopt");
  }
  if (!bind.empty()) {
    const auto* address = reinterpret_cast<const sockaddr*>(bind.data());
    if (::bind(opened.get(), address, static_cast<socklen_t>(bind.size())) != 0) return Status::Last("bind");
  }
  if (!connect.empty()) {
    const auto* address = reinterpret_cast<const sockaddr*>(connect.data());
    if (::connect(opened.get(), address, static_cast<socklen_t>(connect.size())) != 0) return Status::Last("connect");
  }
  if (backlog.has_value() && listen(opened.get(), *backlog) != 0) return Status::Last("listen");
  fd = std::move(opened);
  return Status::Ok();
}
