// Preloaded (LD_PRELOAD), it has the kernel answer a process and its children as Linux 5.10 does, where later kernels
// can more. Each way that rtnetns goes on such kernels is so gone on this one. Programs of other libraries than libc
// are as before. RTNETNS_LACKS, names with commas between them, chooses what the kernel lacks: some of what is newer,
// or parts that a kernel may be built without: ipv6, rules, rules4, af_packet, nf_tables, nf_tables_inet, nf_conntrack,
// nfnetlink, a kind of link or a family of generic netlink by its name.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static int names(const char* list, const char* name) {
  const size_t length = strlen(name);
  for (const char* at = list; at != NULL; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) return 1;
  }
  return 0;
}

static int lacks_part(const char* part) { return names(getenv("RTNETNS_LACKS"), part); }

static int lacks_news(const char* feature) { return getenv("RTNETNS_LACKS") == NULL || lacks_part(feature); }

// Whether this kernel is so old itself that there is nothing to change.
static int is_older_than(int major, int minor) {
  struct utsname system;
  int own_major, own_minor;
  if (uname(&system) != 0 || sscanf(system.release, "%d.%d", &own_major, &own_minor) != 2) return 0;
  return own_major < major || (own_major == major && own_minor < minor);
}

static int option_of(int socket, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(socket, SOL_SOCKET, name, &value, &length);
  return value;
}

// The last move of a link that gives no new name: its number, and the link. A link that was not moved.
static _Atomic __u32 move;
static _Atomic int moved;
static _Atomic int stays;

static struct rtattr* find_among(struct rtattr* at, size_t left, int type) {
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if ((at->rta_type & NLA_TYPE_MASK) == type) return at;
  }
  return NULL;
}

static struct rtattr* find(struct nlmsghdr* message, int type) {
  const size_t left = message->nlmsg_len - NLMSG_SPACE(sizeof(struct ifinfomsg));
  return find_among((void*)((char*)NLMSG_DATA(message) + NLMSG_ALIGN(sizeof(struct ifinfomsg))), left, type);
}

static struct rtattr* find_within(struct rtattr* nest, int type) {
  return nest == NULL ? NULL : find_among(RTA_DATA(nest), RTA_PAYLOAD(nest), type);
}

static void age_change(struct nlmsghdr* message) {
  // on 5.10: a device is not found by a long alternative name there; no device is called so
  struct rtattr* const name = find(message, IFLA_ALT_IFNAME);
  if (name != NULL && lacks_news("alternative-names")) *(char*)RTA_DATA(name) = '/';
  if (find(message, IFLA_NET_NS_FD) == NULL || find(message, IFLA_IFNAME) != NULL) return;
  move = message->nlmsg_seq;
  moved = ((struct ifinfomsg*)NLMSG_DATA(message))->ifi_index;
}

// Before 6.2: no echo of links.
static void age_link(struct nlmsghdr* message) {
  if (lacks_news("echo")) message->nlmsg_flags &= (__u16)~NLM_F_ECHO;
  if (message->nlmsg_type == RTM_NEWLINK && (message->nlmsg_flags & NLM_F_CREATE) == 0) age_change(message);
}

// Nobody registers for messages of a family that the kernel was built without, as for those of this one.
static const unsigned char UNKNOWN_FAMILY = AF_AX25;

static void reduce_link(struct nlmsghdr* message) {
  struct rtattr* const family = find_within(find(message, IFLA_AF_SPEC), AF_INET6);
  if (family != NULL && lacks_part("ipv6")) family->rta_type = UNKNOWN_FAMILY;
  struct rtattr* const kind = find_within(find(message, IFLA_LINKINFO), IFLA_INFO_KIND);
  char name[32] = "";
  if (kind != NULL && RTA_PAYLOAD(kind) < sizeof name) memcpy(name, RTA_DATA(kind), RTA_PAYLOAD(kind));
  if (*name != '\0' && lacks_part(name)) *(char*)RTA_DATA(kind) = '?';
}

// Without rules for any family, nobody has registered for these messages; without those of IPv4, others have.
static void reduce_rule(struct nlmsghdr* message) {
  unsigned char* const family = NLMSG_DATA(message);
  if (lacks_part("rules")) message->nlmsg_type = RTM_MAX + 1;
  if (*family == AF_INET && lacks_part("rules4")) *family = UNKNOWN_FAMILY;
}

static void age_rtnetlink(struct nlmsghdr* message) {
  unsigned char* const family = NLMSG_DATA(message);
  const int is_nexthop = message->nlmsg_type >= RTM_NEWNEXTHOP && message->nlmsg_type <= RTM_GETNEXTHOP;
  if (is_nexthop && lacks_part("nexthops")) message->nlmsg_type = RTM_MAX + 1;  // before 5.3
  if (message->nlmsg_type >= RTM_NEWRULE && message->nlmsg_type <= RTM_GETRULE) reduce_rule(message);
  if (message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK) {
    age_link(message);
    reduce_link(message);
  } else if (*family == AF_INET6 && lacks_part("ipv6")) {
    *family = UNKNOWN_FAMILY;
  }
}

static struct rtattr* find_in_netfilter(struct nlmsghdr* message, int type) {
  const size_t start = NLMSG_SPACE(sizeof(struct nfgenmsg));
  if (message->nlmsg_len < start) return NULL;
  return find_among((void*)((char*)message + start), message->nlmsg_len - start, type);
}

// Before 5.12: no tables that belong to a process.
static void age_table(struct nlmsghdr* message) {
  struct rtattr* const flags = find_in_netfilter(message, NFTA_TABLE_FLAGS);
  const __u32 owner = htonl(NFT_TABLE_F_OWNER);
  if (flags == NULL || !lacks_news("owner") || (*(__u32*)RTA_DATA(flags) & owner) == 0) return;
  *(__u32*)RTA_DATA(flags) = htonl(1U << 31);
}

// Before 5.11: no sets, nor elements, with several statements.
static void age_set(struct nlmsghdr* message) {
  const struct rtattr* const several = find_in_netfilter(message, NFTA_SET_EXPRESSIONS);
  if (several != NULL && lacks_news("element-statements")) message->nlmsg_type |= 0xff;
}

// Before 6.3: no NFT_MSG_DESTROY*, nor any other number after that of flow tables.
static void age_nftables(struct nlmsghdr* message) {
  struct nfgenmsg* const header = NLMSG_DATA(message);
  if (lacks_part("nf_tables")) message->nlmsg_type |= 0x7f00;
  if (header->nfgen_family == NFPROTO_INET && lacks_part("nf_tables_inet")) header->nfgen_family = NFPROTO_NUMPROTO - 1;
  if (NFNL_MSG_TYPE(message->nlmsg_type) == NFT_MSG_NEWTABLE) age_table(message);
  if (NFNL_MSG_TYPE(message->nlmsg_type) == NFT_MSG_NEWSET) age_set(message);
  if (NFNL_MSG_TYPE(message->nlmsg_type) > NFT_MSG_DELFLOWTABLE && lacks_news("destroy")) message->nlmsg_type |= 0xff;
}

static void age_netfilter(struct nlmsghdr* message) {
  const int subsystem = NFNL_SUBSYS_ID(message->nlmsg_type);
  if (subsystem == NFNL_SUBSYS_NFTABLES) age_nftables(message);
  if (subsystem == NFNL_SUBSYS_CTNETLINK && lacks_part("nf_conntrack")) message->nlmsg_type |= 0x7f00;
  if (message->nlmsg_type == NFNL_MSG_BATCH_BEGIN && lacks_part("nf_tables")) {
    struct nfgenmsg* const header = NLMSG_DATA(message);
    header->res_id = htons(NFNL_SUBSYS_CTNETLINK);  // which takes no transactions either
  }
}

// The controller finds no family whose name has not come to it.
static void age_generic(struct nlmsghdr* message) {
  const size_t start = NLMSG_SPACE(GENL_HDRLEN);
  if (message->nlmsg_type != GENL_ID_CTRL || message->nlmsg_len < start) return;
  struct rtattr* const name =
      find_among((void*)((char*)message + start), message->nlmsg_len - start, CTRL_ATTR_FAMILY_NAME);
  if (name != NULL && lacks_part(RTA_DATA(name))) *(char*)RTA_DATA(name) = '?';
}

static void age(struct nlmsghdr* message, int protocol) {
  if (protocol == NETLINK_GENERIC) age_generic(message);
  if (protocol == NETLINK_ROUTE) age_rtnetlink(message);
  if (protocol == NETLINK_NETFILTER) age_netfilter(message);
}

ssize_t send(int socket, const void* data, size_t length, int flags) {
  if (option_of(socket, SO_DOMAIN) != AF_NETLINK) return sendto(socket, data, length, flags, NULL, 0);
  struct nlmsghdr* const aged = malloc(length);
  if (aged == NULL) return -1;
  memcpy(aged, data, length);
  size_t left = length;
  const int protocol = option_of(socket, SO_PROTOCOL);
  for (struct nlmsghdr* at = aged; NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) age(at, protocol);
  const ssize_t sent = sendto(socket, aged, length, flags, NULL, 0);
  const int reason = errno;
  free(aged);
  errno = reason;
  return sent;
}

// Before 5.13: a move to where the name is taken is EINVAL, and what cannot be moved cannot be moved to where it is
// either.
static void age_move(struct nlmsgerr* answer) {
  if (!lacks_news("moves") || is_older_than(5, 13) || answer->msg.nlmsg_type != RTM_NEWLINK ||
      answer->msg.nlmsg_seq != move)
    return;
  if (answer->error == -EINVAL) stays = moved;
  if (answer->error == -EEXIST || (answer->error == 0 && stays == moved)) answer->error = -EINVAL;
}

// Until 6.1, at least: many refusals have no sentence (NLMSGERR_ATTR_MSG). Here none has. On 5.10, that of an element
// does not point at it (NLMSGERR_ATTR_OFFS). Here none does.
static void age_answer(struct nlmsghdr* answer) {
  if (answer->nlmsg_type != NLMSG_ERROR) return;
  struct nlmsgerr* const refused = NLMSG_DATA(answer);
  age_move(refused);
  if ((answer->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return;
  const size_t quoted = (answer->nlmsg_flags & NLM_F_CAPPED) != 0 ? sizeof refused->msg : refused->msg.nlmsg_len;
  const size_t start = NLMSG_LENGTH(sizeof refused->error + NLMSG_ALIGN(quoted));
  if (start > answer->nlmsg_len) return;
  size_t left = answer->nlmsg_len - start;
  for (struct rtattr* at = (void*)((char*)answer + start); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if (at->rta_type == NLMSGERR_ATTR_MSG && lacks_news("sentences")) at->rta_type = NLMSGERR_ATTR_UNUSED;
    if (at->rta_type == NLMSGERR_ATTR_OFFS && lacks_part("offsets")) at->rta_type = NLMSGERR_ATTR_UNUSED;
  }
}

// With RTNETNS_UNSEEN: as while the kernel's worker that notices carriers is busy. Before 6.8, only the worker does.
static void hide_carrier(struct nlmsghdr* answer) {
  if (answer->nlmsg_type != RTM_NEWLINK || getenv("RTNETNS_UNSEEN") == NULL) return;
  struct rtattr* const state = find(answer, IFLA_OPERSTATE);
  if (state != NULL) *(__u8*)RTA_DATA(state) = IF_OPER_DOWN;
}

int recvmmsg(int socket, struct mmsghdr* headers, unsigned slots, int flags, struct timespec* timeout) {
  const int count = (int)syscall(SYS_recvmmsg, socket, headers, slots, flags, timeout);
  if (count <= 0 || option_of(socket, SO_DOMAIN) != AF_NETLINK) return count;
  for (int i = 0; i < count; i++) {
    size_t left = headers[i].msg_len;
    struct nlmsghdr* at = headers[i].msg_hdr.msg_iov->iov_base;
    for (; NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
      age_answer(at);
      hide_carrier(at);
    }
  }
  return count;
}

// Until 6.1, at least: whoever changes the forwarding of IPv6 has written one byte, however long the text was.
ssize_t pwrite(int fd, const void* data, size_t length, off_t at) {
  char link[64];
  char path[256] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t found = readlink(link, path, sizeof path - 1);
  const ssize_t written = syscall(SYS_pwrite64, fd, data, length, at);
  const int forwards = found > 0 && strncmp(path, "/proc/sys/net/ipv6", 18) == 0 && strstr(path, "/forwarding") != NULL;
  return written > 1 && forwards && lacks_news("forwarding") ? 1 : written;
}

int socket(int family, int type, int protocol) {
  const int other = family == AF_NETLINK && protocol == NETLINK_NETFILTER && lacks_part("nfnetlink");
  if (family == AF_INET6 && lacks_part("ipv6")) family = UNKNOWN_FAMILY;
  if (family == AF_PACKET && lacks_part("af_packet")) family = UNKNOWN_FAMILY;
  return (int)syscall(SYS_socket, family, type, other ? MAX_LINKS - 1 : protocol);
}

int access(const char* path, int mode) {
  if (strcmp(path, "/proc/sys/net/ipv6") == 0 && lacks_part("ipv6")) path = "/proc/none";
  return (int)syscall(SYS_access, path, mode);
}

// Before 4.20.
int setsockopt(int socket, int level, int name, const void* value, socklen_t length) {
  const int other = level == SOL_NETLINK && name == NETLINK_GET_STRICT_CHK && lacks_part("strict-checking");
  return (int)syscall(SYS_setsockopt, socket, level, other ? 0xffff : name, value, length);
}

static void refuse_calls(const struct sock_filter* program, size_t length) {
  const struct sock_fprog filter = {(unsigned short)length, (struct sock_filter*)program};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) abort();
}

// Before 5.11: no CLOSE_RANGE_CLOEXEC. Before 5.9: no close_range(2), nor where an old profile of seccomp refuses it.
__attribute__((constructor)) static void age_close_range(void) {
  const int refused = lacks_part("close_range-refused");
  const int whole = refused || lacks_part("close_range");
  if (!whole && !lacks_news("close-range")) return;
  const struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1 << 2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_filter none[] = {
      program[0],
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (refused ? EPERM : ENOSYS)),
      program[5],
  };
  if (whole)
    refuse_calls(none, sizeof none / sizeof *none);
  else
    refuse_calls(program, sizeof program / sizeof *program);
}
