// The floor: star N with the fewest system calls and the order of work that measured fastest.
//
// Without a flag: one thread makes the namespaces while another speaks netlink for those that are made; the peer
// is born in its namespace; one tx/rx queue per veth end; MACs and indexes are chosen, so nothing is read back;
// one send for all that happens inside a namespace; the bridge is brought up last, and snoops multicast only then.
// The first flags take one of these back each, to see its worth. "--straightforward" is the program that one would
// write first. The others try what might be faster still, and some of them make another star:
// bench/cases/floor-ideas.ts measures them.
#include "nl.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define DIRECTORY "/run/netns"
#define MOST 1024
#define MOST_MAKERS 3
#define PORT_GROUP 7
#define STACK_BYTES (64 << 10)
#define BRIDGE_INDEX 1000000
#define OUTER_INDEX 1000001  // + i
#define INNER_INDEX 2

static bool bridge_first, snooping_first, phases, one_thread, single_requests, all_queues;
static bool no_inner_ipv6, no_ipv6, small_mtu, made_before, group_up, routed;
static bool two_makers, three_makers, by_clone, private_tmpfs;

static const struct {
  const char *name;
  bool *on;
} FLAGS[] = {
    // techniques that are taken back
    {"--bridge-first", &bridge_first},
    {"--snooping-first", &snooping_first},
    {"--phases", &phases},
    {"--one-thread", &one_thread},
    {"--single-requests", &single_requests},
    {"--all-queues", &all_queues},
    // ideas
    {"--no-inner-ipv6", &no_inner_ipv6},
    {"--no-ipv6", &no_ipv6},
    {"--small-mtu", &small_mtu},
    {"--made-before", &made_before},
    {"--group-up", &group_up},
    {"--routed", &routed},
    {"--two-makers", &two_makers},
    {"--three-makers", &three_makers},
    {"--clone", &by_clone},
    {"--private-tmpfs", &private_tmpfs},
};

static struct member {
  int netns, socket;  // opened by the thread that was inside
} members[MOST];
static sem_t made[MOST_MAKERS];
static int total, outside, makers;
static double start, created_at;

static uint32_t ipv4(int host) { return htonl(0x0ac80000u + host); }  // 10.200.0.0/16

static void add_mac(struct pack *p, int side, int i) {
  unsigned char bytes[6] = {2, side, i >> 24, i >> 16, i >> 8, i};
  attribute(p, IFLA_ADDRESS, bytes, 6);
}

static void set_link(struct pack *p, int index, unsigned flags) {
  struct ifinfomsg link = {.ifi_index = index, .ifi_flags = flags, .ifi_change = IFF_UP};
  request(p, RTM_NEWLINK, 0, &link, sizeof link);
}

// The kernel reads it from IFLA_AF_SPEC of a device that is there, not of one that it makes.
static void leave_out_link_local(struct pack *p, int index) {
  uint8_t none = IN6_ADDR_GEN_MODE_NONE;
  struct ifinfomsg link = {.ifi_index = index};
  request(p, RTM_NEWLINK, 0, &link, sizeof link);
  struct rtattr *spec = attribute(p, IFLA_AF_SPEC, NULL, 0);
  struct rtattr *inet6 = attribute(p, AF_INET6, NULL, 0);
  attribute(p, IFLA_INET6_ADDR_GEN_MODE, &none, 1);
  end_nest(p, inet6);
  end_nest(p, spec);
}

static void add_address(struct pack *p, int index, int host) {
  struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = routed ? 32 : 16, .ifa_index = index};
  request(p, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &address, sizeof address);
  attribute32(p, IFA_LOCAL, ipv4(host));
  attribute32(p, IFA_ADDRESS, ipv4(host));
}

static struct rtmsg route_of(int scope, int prefix_length) {
  return (struct rtmsg){.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
                        .rtm_type = RTN_UNICAST, .rtm_scope = scope, .rtm_dst_len = prefix_length};
}

// Where the address is a /32, only the route says behind which device the gateway is.
static void add_default_route(struct pack *p) {
  struct rtmsg route = route_of(RT_SCOPE_UNIVERSE, 0);
  if (routed) route.rtm_flags = RTNH_F_ONLINK;
  request(p, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
  attribute32(p, RTA_GATEWAY, ipv4(1));
  if (routed) attribute32(p, RTA_OIF, INNER_INDEX);
}

static void add_route_to_member(struct pack *p, int i) {
  struct rtmsg route = route_of(RT_SCOPE_LINK, 32);
  request(p, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
  attribute32(p, RTA_DST, ipv4(i + 2));
  attribute32(p, RTA_OIF, OUTER_INDEX + i);
}

static void add_snooping(struct pack *p, uint8_t on) {
  struct rtattr *data = attribute(p, IFLA_INFO_DATA, NULL, 0);
  attribute(p, IFLA_BR_MCAST_SNOOPING, &on, 1);
  end_nest(p, data);
}

static void add_bridge(struct pack *p) {
  struct ifinfomsg link = {.ifi_index = BRIDGE_INDEX};
  request(p, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
  attribute_text(p, IFLA_IFNAME, "br0");
  add_mac(p, 0, 0);
  struct rtattr *info = attribute(p, IFLA_LINKINFO, NULL, 0);
  attribute_text(p, IFLA_INFO_KIND, "bridge");
  if (!snooping_first) add_snooping(p, 0);
  end_nest(p, info);
}

static void set_snooping(struct pack *p) {
  struct ifinfomsg link = {.ifi_index = BRIDGE_INDEX};
  request(p, RTM_NEWLINK, 0, &link, sizeof link);
  struct rtattr *info = attribute(p, IFLA_LINKINFO, NULL, 0);
  attribute_text(p, IFLA_INFO_KIND, "bridge");
  add_snooping(p, 1);
  end_nest(p, info);
}

// All ports in one request: the kernel goes through the devices of the group.
static void bring_up_ports(struct pack *p) {
  struct ifinfomsg link = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  request(p, RTM_NEWLINK, 0, &link, sizeof link);
  attribute32(p, IFLA_GROUP, PORT_GROUP);
}

static void add_queues(struct pack *p) {
  if (all_queues) return;
  attribute32(p, IFLA_NUM_TX_QUEUES, 1);
  attribute32(p, IFLA_NUM_RX_QUEUES, 1);
}

// Below 1,280, the least that IPv6 allows, the kernel gives a device nothing of IPv6 at all, no sysctls either.
static void add_mtu(struct pack *p) {
  if (small_mtu) attribute32(p, IFLA_MTU, 1279);
}

// The pair in one message: the outer end up and on the bridge, the inner end in the namespace.
static void add_veth(struct pack *p, int i) {
  char name[IFNAMSIZ];
  snprintf(name, sizeof name, "v%04d", i);
  struct ifinfomsg outer = {.ifi_index = OUTER_INDEX + i, .ifi_flags = group_up ? 0 : IFF_UP, .ifi_change = IFF_UP};
  struct ifinfomsg inner = {.ifi_index = INNER_INDEX};
  request(p, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &outer, sizeof outer);
  attribute_text(p, IFLA_IFNAME, name);
  add_mac(p, 1, i);
  if (!routed) attribute32(p, IFLA_MASTER, BRIDGE_INDEX);
  if (group_up) attribute32(p, IFLA_GROUP, PORT_GROUP);
  add_queues(p);
  add_mtu(p);
  struct rtattr *info = attribute(p, IFLA_LINKINFO, NULL, 0);
  attribute_text(p, IFLA_INFO_KIND, "veth");
  struct rtattr *data = attribute(p, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *peer = attribute(p, VETH_INFO_PEER, NULL, 0);
  put(p, &inner, sizeof inner);
  attribute_text(p, IFLA_IFNAME, "eth0");
  add_mac(p, 2, i);
  attribute32(p, IFLA_NET_NS_FD, members[i].netns);
  add_queues(p);
  add_mtu(p);
  end_nest(p, peer);
  end_nest(p, data);
  end_nest(p, info);
}

static char *path_of(int i, char *path) {
  sprintf(path, DIRECTORY "/ns%04d", i);
  return path;
}

static void write_sysctl(const char *path, const char *value) {
  int fd = must(open(path, O_WRONLY | O_CLOEXEC), path);
  must(write(fd, value, strlen(value)), path);
  close(fd);
}

// What is opened here, by a thread or process that is inside, is all that is needed of the namespace.
static int name_and_open(void *number) {
  int i = (intptr_t)number;
  char path[32];
  must(mount("/proc/thread-self/ns/net", path_of(i, path), "none", MS_BIND, NULL), "mount");
  members[i].netns = must(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open");
  members[i].socket = nl_open();
  if (no_ipv6) write_sysctl("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
  return 0;
}

// A process that is born inside, and shares all else with this thread, which waits for its end.
static void clone_inside(int i) {
  static _Thread_local char stack[STACK_BYTES];
  int flags = CLONE_NEWNET | CLONE_VM | CLONE_VFORK | CLONE_FS | CLONE_FILES | SIGCHLD;
  int child = must(clone(name_and_open, stack + STACK_BYTES, flags, (void *)(intptr_t)i), "clone");
  must(waitpid(child, NULL, 0), "waitpid");
}

// A thread may unshare again and again. It never goes back.
static void make_netns(int i) {
  char path[32];
  close(must(open(path_of(i, path), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), path));
  if (by_clone) {
    clone_inside(i);
    return;
  }
  must(unshare(CLONE_NEWNET), "unshare");
  name_and_open((void *)(intptr_t)i);
}

static void step(int fd, struct pack *p) {
  if (single_requests) submit(fd, p);
}

static void link_member(struct pack *p, int i) {
  struct member *m = &members[i];
  add_veth(p, i);
  if (routed) add_route_to_member(p, i);
  submit(outside, p);
  close(m->netns);
  set_link(p, 1, IFF_UP);
  step(m->socket, p);
  add_address(p, INNER_INDEX, i + 2);
  step(m->socket, p);
  if (no_inner_ipv6) leave_out_link_local(p, INNER_INDEX);
  set_link(p, INNER_INDEX, IFF_UP);
  step(m->socket, p);
  add_default_route(p);
  submit(m->socket, p);
  close(m->socket);
}

static void *make_share(void *maker) {
  struct pack p = {0};
  for (int i = (intptr_t)maker; i < total; i += makers) {
    make_netns(i);
    if (one_thread) link_member(&p, i);
    else sem_post(&made[(intptr_t)maker]);
  }
  return NULL;
}

// The bridge and its first requests; without it, an address of lo is the gateway, for which the kernel answers on all devices.
static void add_hub(struct pack *p) {
  int hub = routed ? 1 : BRIDGE_INDEX;
  if (!routed) add_bridge(p);
  step(outside, p);
  add_address(p, hub, 1);
  if (routed || bridge_first) set_link(p, hub, IFF_UP);
  submit(outside, p);
  if (routed) write_sysctl("/proc/sys/net/ipv4/ip_forward", "1");
}

static void make_members(struct pack *p) {
  pthread_t threads[MOST_MAKERS];
  bool all_first = phases || made_before;
  for (intptr_t maker = 0; maker < makers; maker++) {
    sem_init(&made[maker], 0, 0);
    pthread_create(&threads[maker], NULL, make_share, (void *)maker);
  }
  for (int maker = 0; maker < makers && all_first; maker++) pthread_join(threads[maker], NULL);
  if (made_before) {
    start = now_ms();
    add_hub(p);
  }
  for (int i = 0; i < total && !one_thread; i++) {
    sem_wait(&made[i % makers]);
    link_member(p, i);
  }
  for (int maker = 0; maker < makers && !all_first; maker++) pthread_join(threads[maker], NULL);
}

// As `ip netns add` prepares it: a mount point of its own with shared propagation.
static void prepare_directory(void) {
  mkdir(DIRECTORY, 0755);
  if (private_tmpfs) {
    must(mount("netns", DIRECTORY, "tmpfs", 0, NULL), "mount");
    must(mount("", DIRECTORY, "none", MS_PRIVATE, NULL), "mount");
    return;
  }
  int lock = must(open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC), DIRECTORY);
  flock(lock, LOCK_EX);
  if (mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL)) {
    must(mount(DIRECTORY, DIRECTORY, "none", MS_BIND | MS_REC, NULL), "mount");
    must(mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL), "mount");
  }
  close(lock);
}

static void create_star(struct pack *p) {
  prepare_directory();
  if (no_ipv6) write_sysctl("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  if (!made_before) add_hub(p);
  make_members(p);
  if (group_up) bring_up_ports(p);
  if (!routed && !bridge_first) set_link(p, BRIDGE_INDEX, IFF_UP);
  if (!routed && !snooping_first) set_snooping(p);
  if (p->requests) submit(outside, p);
  if (no_ipv6) write_sysctl("/proc/sys/net/ipv6/conf/default/disable_ipv6", "0");
}

// Whether this answer of a dump is about an outer end that is up and has its carrier.
static bool is_running(struct nlmsghdr *h) {
  struct ifinfomsg *link = NLMSG_DATA(h);
  struct rtattr *a = IFLA_RTA(link);
  if (link->ifi_index < OUTER_INDEX) return false;
  for (int left = IFLA_PAYLOAD(h); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
    if (a->rta_type == IFLA_OPERSTATE) return *(uint8_t *)RTA_DATA(a) == IF_OPER_UP;
  }
  return false;
}

static int count_running(struct pack *p) {
  static char answer[64 << 10];
  struct ifinfomsg all = {0};
  request(p, RTM_GETLINK, NLM_F_DUMP, &all, sizeof all);
  must(send(outside, p->bytes, p->length, 0), "send");
  p->length = p->requests = 0;
  for (int count = 0;;) {
    int length = must(recv(outside, answer, sizeof answer, 0), "recv");
    for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
      if (h->nlmsg_type == NLMSG_DONE) return count;
      count += is_running(h);
    }
  }
}

// The kernel notices carriers later, on a thread of its own. The time counts from the beginning of the creation.
static void wait_running(struct pack *p) {
  while (count_running(p) < total) usleep(500);
  start = created_at;
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
static void delete_hub(struct pack *p) {
  struct ifinfomsg bridge = {.ifi_index = BRIDGE_INDEX};
  struct ifaddrmsg gateway = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = 1};
  if (routed) {
    request(p, RTM_DELADDR, 0, &gateway, sizeof gateway);
    attribute32(p, IFA_LOCAL, ipv4(1));
  } else {
    set_link(p, BRIDGE_INDEX, 0);
    request(p, RTM_DELLINK, 0, &bridge, sizeof bridge);
  }
  submit(outside, p);
}

static void delete_star(struct pack *p) {
  char path[32];
  delete_hub(p);
  for (int i = 0; i < total; i++) {
    must(umount2(path_of(i, path), MNT_DETACH), path);
    must(unlink(path), path);
  }
  if (private_tmpfs) must(umount2(DIRECTORY, MNT_DETACH), DIRECTORY);
  wait_gone();
}

static void obey(const char *verb, int n) {
  static struct pack p;
  start = now_ms();
  if (n > MOST) exit(2);
  total = n;
  outside = nl_open();
  if (!strcmp(verb, "create")) {
    create_star(&p);
    created_at = start;
  }
  if (!strcmp(verb, "running")) wait_running(&p);
  if (!strcmp(verb, "delete")) delete_star(&p);
  close(outside);
  printf("{\"ms\":%.3f}\n", now_ms() - start);
}

static bool turn_on(const char *name) {
  for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
    if (!strcmp(name, FLAGS[i].name)) return *FLAGS[i].on = true;
  }
  return false;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--straightforward")) {
      bridge_first = one_thread = single_requests = all_queues = true;
    } else if (!turn_on(argv[i])) {
      fprintf(stderr, "no such flag: %s\n", argv[i]);
      return 2;
    }
  }
  snooping_first |= bridge_first;  // as people write it
  makers = three_makers ? 3 : two_makers || phases ? 2 : 1;
  serve(obey);
}
