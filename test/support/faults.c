/*
 * Fails one call that writes a database's files, as a disk does. Loaded before the C library into a process whose
 * FAULTS names a file of three 32-bit numbers: how many calls from now on succeed before one fails (negative: none
 * fails), the errno it fails with, and whether it has done its work all the same. Whoever tests writes them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int32_t *control;

__attribute__((constructor)) static void open_control(void) {
  const char *name = getenv("FAULTS");
  int file = name ? open(name, O_RDWR) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, 12, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) control = memory;
  close(file);
}

/* Whether it is the database or its log; the index beside it (-shm) is memory. */
static int concerns(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  const char *name = strrchr(path, '/');
  return name && (!strcmp(name, "/care.db") || !strcmp(name, "/care.db-wal"));
}

static int fails(int file) {
  if (!control || !concerns(file)) return 0;
  if (control[0] < 0) return 0;
  control[0] -= 1;
  if (control[0] >= 0) return 0;
  errno = control[1];
  return 1;
}

#define PASS_ON(result, name, parameters, given)            \
  result name parameters {                                  \
    static result(*real) parameters;                        \
    if (!real) real = dlsym(RTLD_NEXT, #name);              \
    if (!fails(file)) return real given;                    \
    int failure = errno;                                    \
    if (control[2]) real given;                             \
    errno = failure;                                        \
    return -1;                                              \
  }

PASS_ON(ssize_t, pwrite64, (int file, const void *bytes, size_t length, off64_t at), (file, bytes, length, at))
PASS_ON(ssize_t, write, (int file, const void *bytes, size_t length), (file, bytes, length))
PASS_ON(int, fsync, (int file), (file))
PASS_ON(int, fdatasync, (int file), (file))
PASS_ON(int, ftruncate64, (int file, off64_t length), (file, length))
