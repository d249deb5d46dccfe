#include "values/guarded_bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace {
size_t PageSize() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }
}  // namespace

GuardedBytes::~GuardedBytes() {
  if (area_ != nullptr) munmap(area_, area_size_);
}

Status GuardedBytes::Fill(const std::vector<uint8_t>& bytes) {
  const size_t page = PageSize();
  const size_t room = (bytes.size() + page - 1) / page * page;
  void* area = mmap(nullptr, room + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) return Status::Last("mmap");
  area_ = area;
  area_size_ = room + page;
  size_ = bytes.size();
  if (size_ == 0) return Status::Ok();
  if (mprotect(area_, room, PROT_READ | PROT_WRITE) != 0) return Status::Last("mprotect");
  std::memcpy(data(), bytes.data(), size_);
  return Status::Ok();
}

uint8_t* GuardedBytes::data() const { return static_cast<uint8_t*>(area_) + area_size_ - PageSize() - size_; }
