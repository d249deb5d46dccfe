// Bytes that the kernel is given the address of, and that it may write more into than there is room for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "values/status.h"

// The last byte lies before a page that nobody may write: where the kernel goes beyond the end, the system call fails
// with EFAULT, and nothing else of ours is overwritten.
class GuardedBytes {
 public:
  GuardedBytes() = default;
  GuardedBytes(GuardedBytes&& other) noexcept
      : area_(std::exchange(other.area_, nullptr)), area_size_(other.area_size_), size_(other.size_) {}
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes();

  // A copy of the bytes; once only.
  Status Fill(const std::vector<uint8_t>& bytes);

  uint8_t* data() const;
  size_t size() const { return size_; }

 private:
  void* area_ = nullptr;
  size_t area_size_ = 0;
  size_t size_ = 0;
};
