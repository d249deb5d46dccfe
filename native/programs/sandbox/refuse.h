// Refusals: one line with what failed, why, and what to do about it.
#pragma once

// Of the sandbox itself, as env(1) and docker have it; any other exit code is the command's.
enum { kRefused = 125 };

_Noreturn void refuse(const char* what, int error, const char* why, const char* remedy);

// Of what the caller lacks privileges for, or what a security module or a container forbids: finds out which.
_Noreturn void refuse_denied(const char* what, int error);

// unshare(2) failed for a kind of namespace: "user", "net" or "mnt", as the kernel's limits call them.
_Noreturn void refuse_namespace(const char* kind, int error);
