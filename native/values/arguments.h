// What JavaScript passes, as C++ has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <napi.h>

inline int Number(const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); }

// Paths may be bytes, because they need not be UTF-8.
inline std::string Text(const Napi::Value& value) {
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  const auto array = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(array.Data()), array.ByteLength()};
}

inline std::optional<std::string> TextOrNull(const Napi::Value& value) {
  return value.IsNull() ? std::nullopt : std::optional(Text(value));
}

// A copy, because JavaScript may change its Uint8Array while a thread of ours uses the bytes.
inline std::vector<uint8_t> Bytes(const Napi::Value& value) {
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.Data() + array.ByteLength()};
}
