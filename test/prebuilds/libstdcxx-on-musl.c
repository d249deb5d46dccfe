// What Debian's libstdc++ and libgcc_s want of glibc, and musl does not have: preloaded into the bun for musl, which
// brings no libstdc++ of its own. The addon uses nothing of this.
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;

// libgcc_s has these two itself on x64, with a version that hides them from musl.
unsigned __cpu_model[4];
int __cpu_indicator_init(void) { return 0; }

unsigned long __getauxval(unsigned long type) { return getauxval(type); }

size_t __strftime_l(char* to, size_t room, const char* format, const struct tm* time, locale_t locale) {
  return strftime_l(to, room, format, time, locale);
}

uint32_t arc4random(void) {
  uint32_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) abort();
  return number;
}

// The destructors of a thread's objects, of which the last one runs first.
struct Ending {
  void (*destroy)(void*);
  void* object;
  struct Ending* next;
};

static pthread_key_t endings;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void end(void* first) {
  for (struct Ending* ending = first; ending != NULL;) {
    struct Ending* next = ending->next;
    ending->destroy(ending->object);
    free(ending);
    ending = next;
  }
}

static void create_key(void) {
  if (pthread_key_create(&endings, end) != 0) abort();
}

int __cxa_thread_atexit_impl(void (*destroy)(void*), void* object, void* library) {
  (void)library;
  pthread_once(&once, create_key);
  struct Ending* ending = malloc(sizeof *ending);
  if (ending == NULL) return ENOMEM;
  *ending = (struct Ending){destroy, object, pthread_getspecific(endings)};
  return pthread_setspecific(endings, ending);
}

// Where an exception finds the tables of the code at an address: as in glibc's <dlfcn.h>.
struct dl_find_object {
  unsigned long long flags;
  void* start;
  void* end;
  struct link_map* map;
  void* eh_frame;
  unsigned long long reserved[7];
};

struct Search {
  uintptr_t address;
  struct dl_find_object* found;
};

static int look_at(struct dl_phdr_info* library, size_t size, void* data) {
  (void)size;
  const struct Search* search = data;
  struct dl_find_object found = {0};
  int inside = 0;
  for (int i = 0; i < library->dlpi_phnum; i++) {
    const ElfW(Phdr)* part = &library->dlpi_phdr[i];
    char* start = (char*)(library->dlpi_addr + part->p_vaddr);
    char* end = start + part->p_memsz;
    if (part->p_type == PT_GNU_EH_FRAME) found.eh_frame = start;
    if (part->p_type != PT_LOAD) continue;
    if (search->address >= (uintptr_t)start && search->address < (uintptr_t)end) inside = 1;
    if (found.start == NULL || start < (char*)found.start) found.start = start;
    if (end > (char*)found.end) found.end = end;
  }
  if (!inside || found.eh_frame == NULL) return 0;
  *search->found = found;
  return 1;
}

int _dl_find_object(void* address, struct dl_find_object* found) {
  struct Search search = {(uintptr_t)address, found};
  return dl_iterate_phdr(look_at, &search) == 1 ? 0 : -1;
}
