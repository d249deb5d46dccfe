#include "report.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static int report = -1;

void report_to(int fd) { report = fd; }

static bool put(const void* bytes, size_t length) { return write(report, bytes, length) == (ssize_t)length; }

void fail(const char* call) { fail_at(call, ""); }

void fail_at(const char* call, const char* path) {
  const int error = errno;
  // The parent reads when this process is gone, so that several writes are as good as one. The NUL of the call is
  // written.
  const bool written = put(&error, sizeof error) && put(call, strlen(call) + 1) && put(path, strlen(path));
  (void)written;
  _exit(kFailed);
}
