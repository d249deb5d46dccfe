// Single calls, each awaited before the next: namespaces, veth pairs, addresses; and many addresses packed.
#include "nl.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static int count;

static void *make_namespaces(void *unused) {
  char path[32];
  mkdir("/run/netns", 0755);
  for (int i = 0; i < count; i++) {
    sprintf(path, "/run/netns/c%05d", i);
    close(must(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), path));
    must(unshare(CLONE_NEWNET), "unshare");
    must(mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL), "mount");
  }
  return unused;
}

static void make_namespaces_in_a_thread(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, make_namespaces, NULL);
  pthread_join(thread, NULL);
}

static void add_veth(struct pack *p, int i) {
  struct ifinfomsg link = {0};
  char name[IFNAMSIZ];
  request(p, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
  sprintf(name, "p%05da", i);
  attribute_text(p, IFLA_IFNAME, name);
  struct rtattr *info = attribute(p, IFLA_LINKINFO, NULL, 0);
  attribute_text(p, IFLA_INFO_KIND, "veth");
  struct rtattr *data = attribute(p, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *peer = attribute(p, VETH_INFO_PEER, NULL, 0);
  put(p, &link, sizeof link);
  sprintf(name, "p%05db", i);
  attribute_text(p, IFLA_IFNAME, name);
  end_nest(p, peer);
  end_nest(p, data);
  end_nest(p, info);
}

static void add_address(struct pack *p, int index, int i) {
  struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = index};
  request(p, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &address, sizeof address);
  attribute32(p, IFA_LOCAL, htonl(0x0a640000u + i));  // 10.100.0.0/16
  attribute32(p, IFA_ADDRESS, htonl(0x0a640000u + i));
}

static void obey(const char *verb, int n) {
  static struct pack p;
  int index = if_nametoindex("load0"), fd = nl_open();
  count = n;
  double start = now_ms();
  if (!strcmp(verb, "netns")) make_namespaces_in_a_thread();
  for (int i = 0; i < n && !strcmp(verb, "veth"); i++) add_veth(&p, i), submit(fd, &p);
  for (int i = 0; i < n && !strcmp(verb, "addr"); i++) add_address(&p, index, i), submit(fd, &p);
  if (!strcmp(verb, "addrs")) {
    for (int i = 0; i < n; i++) {
      add_address(&p, index, i);
      if (p.requests == 128 || i == n - 1) submit(fd, &p);
    }
  }
  printf("{\"ms\":%.3f,\"count\":%d}\n", now_ms() - start, n);
  close(fd);
}

int main(void) { serve(obey); }
