// The floor: star N with the fewest system calls and the order of work that measured fastest.
//
// Without a flag: one thread makes the namespaces while another speaks netlink for those that are made; the peer
// is born in its namespace; one tx/rx queue per veth end; MACs and indexes are chosen, so nothing is read back;
// one send for all that happens inside a namespace; the bridge is brought up last. Each flag takes one of these
// back, to see its worth. "--straightforward" is the program that one would write first.
#include "nl.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define DIRECTORY "/run/netns"
#define MOST 1024
#define BRIDGE_INDEX 1000000
#define OUTER_INDEX 1000001  // + i
#define INNER_INDEX 2

static bool bridge_first, phases, one_thread, single_requests, all_queues;

static struct member {
  int netns, socket;  // opened by the thread that was inside
} members[MOST];
static sem_t made;
static int total, outside;

static uint32_t ipv4(int host) { return htonl(0x0ac80000u + host); }  // 10.200.0.0/16

static void add_mac(struct pack *p, int side, int i) {
  unsigned char bytes[6] = {2, side, i >> 24, i >> 16, i >> 8, i};
  attribute(p, IFLA_ADDRESS, bytes, 6);
}

static void set_link(struct pack *p, int index, unsigned flags) {
  struct ifinfomsg link = {.ifi_index = index, .ifi_flags = flags, .ifi_change = IFF_UP};
  request(p, RTM_NEWLINK, 0, &link, sizeof link);
}

static void add_address(struct pack *p, int index, int host) {
  struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 16, .ifa_index = index};
  request(p, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &address, sizeof address);
  attribute32(p, IFA_LOCAL, ipv4(host));
  attribute32(p, IFA_ADDRESS, ipv4(host));
}

static void add_default_route(struct pack *p) {
  struct rtmsg route = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
                        .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
  request(p, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
  attribute32(p, RTA_GATEWAY, ipv4(1));
}

static void add_bridge(struct pack *p) {
  struct ifinfomsg link = {.ifi_index = BRIDGE_INDEX};
  request(p, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
  attribute_text(p, IFLA_IFNAME, "br0");
  add_mac(p, 0, 0);
  struct rtattr *info = attribute(p, IFLA_LINKINFO, NULL, 0);
  attribute_text(p, IFLA_INFO_KIND, "bridge");
  end_nest(p, info);
}

static void add_queues(struct pack *p) {
  if (all_queues) return;
  attribute32(p, IFLA_NUM_TX_QUEUES, 1);
  attribute32(p, IFLA_NUM_RX_QUEUES, 1);
}

// The pair in one message: the outer end up and on the bridge, the inner end in the namespace.
static void add_veth(struct pack *p, int i) {
  char name[IFNAMSIZ];
  snprintf(name, sizeof name, "v%04d", i);
  struct ifinfomsg outer = {.ifi_index = OUTER_INDEX + i, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  struct ifinfomsg inner = {.ifi_index = INNER_INDEX};
  request(p, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &outer, sizeof outer);
  attribute_text(p, IFLA_IFNAME, name);
  add_mac(p, 1, i);
  attribute32(p, IFLA_MASTER, BRIDGE_INDEX);
  add_queues(p);
  struct rtattr *info = attribute(p, IFLA_LINKINFO, NULL, 0);
  attribute_text(p, IFLA_INFO_KIND, "veth");
  struct rtattr *data = attribute(p, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *peer = attribute(p, VETH_INFO_PEER, NULL, 0);
  put(p, &inner, sizeof inner);
  attribute_text(p, IFLA_IFNAME, "eth0");
  add_mac(p, 2, i);
  attribute32(p, IFLA_NET_NS_FD, members[i].netns);
  add_queues(p);
  end_nest(p, peer);
  end_nest(p, data);
  end_nest(p, info);
}

static char *path_of(int i, char *path) {
  sprintf(path, DIRECTORY "/ns%04d", i);
  return path;
}

// A thread may unshare again and again. It never goes back: what it opens on the way is all that is needed.
static void make_netns(int i) {
  char path[32];
  close(must(open(path_of(i, path), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), path));
  must(unshare(CLONE_NEWNET), "unshare");
  must(mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL), "mount");
  members[i].netns = must(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open");
  members[i].socket = nl_open();
}

static void step(int fd, struct pack *p) {
  if (single_requests) submit(fd, p);
}

static void link_member(struct pack *p, int i) {
  struct member *m = &members[i];
  add_veth(p, i);
  submit(outside, p);
  close(m->netns);
  set_link(p, 1, IFF_UP);
  step(m->socket, p);
  add_address(p, INNER_INDEX, i + 2);
  step(m->socket, p);
  set_link(p, INNER_INDEX, IFF_UP);
  step(m->socket, p);
  add_default_route(p);
  submit(m->socket, p);
  close(m->socket);
}

static void *make_all(void *first) {
  struct pack p = {0};
  int begin = first ? *(int *)first : 0, stride = phases ? 2 : 1;
  for (int i = begin; i < total; i += stride) {
    make_netns(i);
    if (one_thread) link_member(&p, i);
    else sem_post(&made);
  }
  return NULL;
}

static void make_members(struct pack *p) {
  pthread_t thread, second;
  int one = 1;
  pthread_create(&thread, NULL, make_all, NULL);
  if (phases) {  // all namespaces, by two threads, and only then the first link
    pthread_create(&second, NULL, make_all, &one);
    pthread_join(second, NULL);
    pthread_join(thread, NULL);
  }
  for (int i = 0; i < total && !one_thread; i++) {
    sem_wait(&made);
    link_member(p, i);
  }
  if (!phases) pthread_join(thread, NULL);
}

// As `ip netns add` prepares it: a mount point of its own with shared propagation.
static void prepare_directory(void) {
  mkdir(DIRECTORY, 0755);
  int lock = must(open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC), DIRECTORY);
  flock(lock, LOCK_EX);
  if (mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL)) {
    must(mount(DIRECTORY, DIRECTORY, "none", MS_BIND | MS_REC, NULL), "mount");
    must(mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL), "mount");
  }
  close(lock);
}

static void create_star(struct pack *p) {
  sem_init(&made, 0, 0);
  prepare_directory();
  add_bridge(p);
  step(outside, p);
  add_address(p, BRIDGE_INDEX, 1);
  if (bridge_first) set_link(p, BRIDGE_INDEX, IFF_UP);
  submit(outside, p);
  make_members(p);
  if (bridge_first) return;
  set_link(p, BRIDGE_INDEX, IFF_UP);
  submit(outside, p);
}

// The kernel frees namespaces later, on a thread of its own: gone is when no outer end is listed any more.
static void wait_gone(void) {
  static char list[1 << 20];
  for (;; usleep(500)) {
    int fd = must(open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC), "net/dev");
    size_t length = 0;
    for (ssize_t got; (got = read(fd, list + length, sizeof list - 1 - length)) > 0;) length += got;
    close(fd);
    list[length] = 0;
    if (!strstr(list, "\n v") && !strstr(list, "\nv")) return;
  }
}

// Down first, so that no port has to leave a running bridge; then the bridge, so that no end has to leave it at all.
static void delete_star(struct pack *p) {
  struct ifinfomsg bridge = {.ifi_index = BRIDGE_INDEX};
  char path[32];
  set_link(p, BRIDGE_INDEX, 0);
  request(p, RTM_DELLINK, 0, &bridge, sizeof bridge);
  submit(outside, p);
  for (int i = 0; i < total; i++) {
    must(umount2(path_of(i, path), MNT_DETACH), path);
    must(unlink(path), path);
  }
  wait_gone();
}

static void obey(const char *verb, int n) {
  static struct pack p;
  double start = now_ms();
  if (n > MOST) exit(2);
  total = n;
  outside = nl_open();
  if (!strcmp(verb, "create")) create_star(&p);
  if (!strcmp(verb, "delete")) delete_star(&p);
  close(outside);
  printf("{\"ms\":%.3f}\n", now_ms() - start);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    bool all = !strcmp(argv[i], "--straightforward");
    bridge_first |= all || !strcmp(argv[i], "--bridge-first");
    one_thread |= all || !strcmp(argv[i], "--one-thread");
    single_requests |= all || !strcmp(argv[i], "--single-requests");
    all_queues |= all || !strcmp(argv[i], "--all-queues");
    phases |= !strcmp(argv[i], "--phases");
  }
  serve(obey);
}
