/* Kills a process just before its n-th step that changes a folder.
 *
 * Preloaded into a process (LD_PRELOAD). KILLAT_ROOT is the folder, KILLAT the number of the step, from 1. A step
 * is whatever a file's name, content or durability depends on: open to create, write, truncate, sync, rename,
 * remove, make a folder. A run in which the process outlives them all tells that there are no more.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static long done;

static int inside(const char *path) {
    const char *root = getenv("KILLAT_ROOT");
    size_t prefix = root ? strlen(root) : 0;
    return prefix && strncmp(path, root, prefix) == 0 && (path[prefix] == '/' || path[prefix] == 0);
}

static void step(const char *path) {
    if (!inside(path)) return;
    pthread_mutex_lock(&one_at_a_time);
    if (++done == atol(getenv("KILLAT"))) {
        kill(getpid(), SIGKILL);
        pause();
    }
    pthread_mutex_unlock(&one_at_a_time);
}

static void step_of(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    step(path);
}

/* A path as it was given, below the folder that is current: our programs name files from the root on. */
#define REAL(name, type) static type real; if (!real) real = (type)dlsym(RTLD_NEXT, #name)

typedef int (*of_two_paths)(const char *, const char *);
typedef int (*of_path)(const char *);
typedef int (*of_path_and_mode)(const char *, mode_t);
typedef int (*of_file)(int);
typedef int (*of_file_and_length)(int, off64_t);
typedef ssize_t (*of_content)(int, const void *, size_t);
typedef ssize_t (*of_content_at)(int, const void *, size_t, off64_t);
typedef int (*of_opening)(const char *, int, ...);

int rename(const char *from, const char *to) { REAL(rename, of_two_paths); step(to); return real(from, to); }
int unlink(const char *path) { REAL(unlink, of_path); step(path); return real(path); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir, of_path_and_mode); step(path); return real(path, mode); }
int fsync(int fd) { REAL(fsync, of_file); step_of(fd); return real(fd); }
int fdatasync(int fd) { REAL(fdatasync, of_file); step_of(fd); return real(fd); }
int ftruncate64(int fd, off64_t length) { REAL(ftruncate64, of_file_and_length); step_of(fd); return real(fd, length); }
ssize_t write(int fd, const void *from, size_t size) { REAL(write, of_content); step_of(fd); return real(fd, from, size); }
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    REAL(pwrite64, of_content_at);
    step_of(fd);
    return real(fd, from, size, at);
}
int open64(const char *path, int flags, ...) {
    REAL(open64, of_opening);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    if (flags & O_CREAT) step(path);
    return real(path, flags, mode);
}
