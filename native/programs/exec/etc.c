#include "etc.h"

#include <errno.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "entries.h"
#include "report.h"

// A name of NAME_MAX in a directory of that length, and what is before them.
enum { kRoom = 2 * NAME_MAX + sizeof "/etc/netns//" };

static void join(char* path, const char* first, const char* second, const char* third) {
  *path = '\0';
  strcat(strcat(strcat(path, first), second), third);
}

// A name may be any bytes, and a terminal would carry out some: "\x1b". @returns the end of the text.
static char* escape(char* to, const char* from) {
  for (; *from != '\0'; from++) {
    const unsigned char byte = (unsigned char)*from;
    if (byte >= ' ' && byte <= '~') {
      *to++ = *from;
    } else {
      *to++ = '\\';
      *to++ = 'x';
      *to++ = "0123456789abcdef"[byte >> 4];
      *to++ = "0123456789abcdef"[byte & 15];
    }
  }
  *to = '\0';
  return to;
}

static void warn(const char* source, const char* target) {
  char text[4 * 2 * kRoom + sizeof "rtnetns: cannot bind  over \n"] = "rtnetns: cannot bind ";
  char* end = escape(text + strlen(text), source);
  strcat(end, " over ");
  end = escape(end + strlen(end), target);
  strcat(end, "\n");
  // A failure of this write can be reported nowhere.
  const ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

static void lay_over(const char* name, const void* directory) {
  char source[kRoom], target[kRoom];
  join(source, directory, "/", name);
  join(target, "/etc/", name, "");
  if (mount(source, target, NULL, MS_BIND, NULL) == 0) return;
  // /etc has no such file: as with ip netns exec, it is not there for the command.
  if (errno == ENOENT) {
    warn(source, target);
  } else {
    fail_at("mount", source);
  }
}

void lay_over_etc(const char* name) {
  char path[kRoom];
  join(path, "/etc/netns/", name, "");
  each_entry(path, lay_over, path);
}
