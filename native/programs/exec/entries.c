#include "entries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

// What getdents64(2) fills a buffer with; no C library of all declares it.
struct Entry {
  uint64_t ino;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

bool each_entry(const char* path, void (*visit)(const char* name, const void* value), const void* value) {
  const int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    fail_at("open", path);
  }
  _Alignas(struct Entry) char entries[4096];
  long length;
  while ((length = syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0) {
    for (long at = 0; at < length;) {
      const struct Entry* entry = (const struct Entry*)(entries + at);
      if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0) visit(entry->name, value);
      at += entry->length;
    }
  }
  if (length < 0) fail_at("getdents64", path);
  close(directory);
  return true;
}
