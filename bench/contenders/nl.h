// The least of netlink that the C contenders need: append messages to a buffer, send it, collect the answers.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_BUFFER (1 << 20)

static inline void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static inline int must(int result, const char *what) {
  if (result < 0) fail(what);
  return result;
}

static inline double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

// A socket belongs to the namespace of the thread that opens it. The kernel binds it at the first send.
static inline int nl_open(void) {
  int on = 1, size = RECEIVE_BUFFER;
  int fd = must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);  // an error without a copy of the request
  return fd;
}

struct pack {
  unsigned length, requests;
  struct nlmsghdr *last;
  _Alignas(4) char bytes[64 << 10];
};

static inline void *put(struct pack *p, const void *data, unsigned length) {
  void *at = p->bytes + p->length;
  memset(at, 0, NLMSG_ALIGN(length));
  if (data) memcpy(at, data, length);
  p->length += NLMSG_ALIGN(length);
  if (p->last) p->last->nlmsg_len = p->bytes + p->length - (char *)p->last;
  return at;
}

// Begins a request with its fixed header; attributes follow it.
static inline void request(struct pack *p, int type, int flags, const void *header, unsigned length) {
  struct nlmsghdr h = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags};
  p->last = NULL;
  p->last = put(p, &h, sizeof h);
  p->requests++;
  put(p, header, length);
}

static inline struct rtattr *attribute(struct pack *p, int type, const void *data, unsigned length) {
  struct rtattr a = {.rta_type = type, .rta_len = RTA_LENGTH(length)};
  struct rtattr *at = put(p, &a, sizeof a);
  if (length) put(p, data, length);
  return at;
}

static inline void attribute32(struct pack *p, int type, uint32_t value) { attribute(p, type, &value, 4); }

static inline void attribute_text(struct pack *p, int type, const char *text) {
  attribute(p, type, text, strlen(text) + 1);
}

static inline void end_nest(struct pack *p, struct rtattr *nest) {
  nest->rta_len = p->bytes + p->length - (char *)nest;
}

// One system call for all requests of the pack, then one receive per acknowledgement.
static inline void submit(int fd, struct pack *p) {
  char answer[1024];
  must(send(fd, p->bytes, p->length, 0), "send");
  for (unsigned i = 0; i < p->requests; i++) {
    must(recv(fd, answer, sizeof answer, 0), "recv");
    struct nlmsgerr *ack = NLMSG_DATA((struct nlmsghdr *)answer);
    if (ack->error) {
      errno = -ack->error;
      fail("netlink");
    }
  }
  p->length = p->requests = 0;
}

// Every program here obeys lines "VERB N" on standard input and answers each with one line of JSON.
static inline void serve(void (*obey)(const char *verb, int n)) {
  char line[128], verb[32];
  puts("{\"ready\":true}");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    int n = 0;
    if (sscanf(line, "%31s %d", verb, &n) < 1) continue;
    obey(verb, n);
    fflush(stdout);
  }
}
