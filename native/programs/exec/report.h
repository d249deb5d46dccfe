// Failures, reported to the parent.
#pragma once

// The exit code of a process that failed: the parent has the report and needs none.
enum { kFailed = 127 };

// The descriptor that failures are written to.
void report_to(int fd);

// Reports that a call failed with the current errno, and ends the process.
_Noreturn void fail(const char* call);

// The same of a call that was about a file.
_Noreturn void fail_at(const char* call, const char* path);
