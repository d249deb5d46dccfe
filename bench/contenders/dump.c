// Dumps all links or all routes of a family and only walks the bytes: every message, every attribute, no copy of any.
#include "nl.h"

static char buffer[1 << 20];
static unsigned long walked;  // so that the compiler keeps the walk

static void walk(struct nlmsghdr *message, unsigned header) {
  int left = message->nlmsg_len - NLMSG_SPACE(header);
  struct rtattr *at = (struct rtattr *)((char *)NLMSG_DATA(message) + NLMSG_ALIGN(header));
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) walked += at->rta_type + *(unsigned char *)RTA_DATA(at);
}

static int dump(int type, const void *body, unsigned header) {
  static struct pack p;
  int fd = nl_open(), count = 0;
  request(&p, type, NLM_F_DUMP, body, header);
  p.last->nlmsg_flags &= ~NLM_F_ACK;
  must(send(fd, p.bytes, p.length, 0), "send");
  p.length = p.requests = 0;
  for (;;) {
    int length = must(recv(fd, buffer, sizeof buffer, 0), "recv");
    struct nlmsghdr *message = (struct nlmsghdr *)buffer;
    for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
      if (message->nlmsg_type == NLMSG_DONE) {
        close(fd);
        return count;
      }
      if (message->nlmsg_type == NLMSG_ERROR) fail("dump");
      walk(message, header);
      count++;
    }
  }
}

static void obey(const char *verb, int n) {
  struct ifinfomsg link = {0};
  struct rtmsg route = {.rtm_family = AF_INET};
  int count = 0;
  (void)n;
  double start = now_ms();
  if (!strcmp(verb, "links")) count = dump(RTM_GETLINK, &link, sizeof link);
  if (!strcmp(verb, "routes6")) route.rtm_family = AF_INET6;
  if (!strncmp(verb, "routes", 6)) count = dump(RTM_GETROUTE, &route, sizeof route);
  printf("{\"ms\":%.3f,\"count\":%d,\"walked\":%lu}\n", now_ms() - start, count, walked);
}

int main(void) { serve(obey); }
