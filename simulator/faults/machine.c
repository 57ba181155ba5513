/* A machine whose disk and clock can be made to fail while services run on it.
 *
 * Preloaded into a process (LD_PRELOAD). MACHINE_CONTROL is a file of a page that says how the machine is (struct
 * control; machine.py writes it), MACHINE_ROOT the folder that is its disk, which ends with no slash. Nothing but
 * that folder is touched, and while all is well every call goes straight through.
 *
 *   - A full disk has ``room`` bytes left: what makes a file longer takes of it, what makes it shorter or removes it
 *     gives back, as a disk without holes does. Beyond it: ENOSPC.
 *   - A disk that was mounted read-only since (as ext4 does after an error) takes nothing: EROFS.
 *   - One that stalls writes, but every sync takes ``stall_ms`` longer.
 *   - The wall clock is ``ahead_us`` ahead of this machine's, and a time source vouches for it or not.
 *   - MACHINE_WRITABLE names folders, divided by colons: nothing anywhere else may be written, as with a read-only
 *     root. What was tried is appended to the file MACHINE_REFUSED.
 *
 * Not stood before: writing through a memory map (SQLite's -shm needs no room once it is there), and the time in a
 * file's inode.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FINE, FULL, READ_ONLY, STALLING };

struct control {
    _Atomic int64_t disk, room, stall_ms, ahead_us, synchronised;
};

static struct control *control;
static const char *root, *writable, *refused;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("MACHINE_CONTROL");
    root = getenv("MACHINE_ROOT");
    writable = getenv("MACHINE_WRITABLE");
    refused = getenv("MACHINE_REFUSED");
    int fd = path ? (int)open(path, O_RDWR | O_CLOEXEC) : -1;
    void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED || !root) {
        fprintf(stderr, "machine: MACHINE_CONTROL or MACHINE_ROOT: %s\n", strerror(errno));
        abort();
    }
    close(fd);
    control = page;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define DISK (control ? control->disk : FINE)

static int below(const char *path, const char *folder, size_t length) {
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int on_disk(const char *path) { return below(path, root, strlen(root)); }

static int fd_on_disk(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return on_disk(path);
}

/* Whether a read-only root lets this be written. Devices, pipes and what the kernel shows are no part of it. */
static int root_refuses(const char *path) {
    if (!writable || path[0] != '/' || below(path, "/dev", 4) || below(path, "/proc", 5)) return 0;
    for (const char *folder = writable; *folder;) {
        size_t length = strcspn(folder, ":");
        if (below(path, folder, length)) return 0;
        folder += length + (folder[length] == ':');
    }
    if (refused) {
        REAL(write);
        int log = open(refused, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        char line[PATH_MAX + 1];
        int length = snprintf(line, sizeof line, "%s\n", path);
        if (log >= 0 && real(log, line, (size_t)length) != length) abort();
        if (log >= 0) close(log);
    }
    return 1;
}

/* 0, or the error of a change to this path. */
static int error_of(const char *path) {
    if (root_refuses(path)) return EROFS;
    if (DISK == READ_ONLY && on_disk(path)) return EROFS;
    return 0;
}

/* Takes room for a file that would grow to ``end``. */
static int no_room(int fd, int64_t end) {
    struct stat found;
    if (DISK != FULL || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) || !fd_on_disk(fd)) return 0;
    int64_t more = end - found.st_size;
    if (more <= 0) return 0;
    if (atomic_fetch_sub(&control->room, more) >= more) return 0;
    atomic_fetch_add(&control->room, more);
    return 1;
}

static void gives_back(int64_t bytes) {
    if (DISK == FULL && bytes > 0) atomic_fetch_add(&control->room, bytes);
}

static int fails(int error) {
    errno = error;
    return -1;
}

#define MAY(fd, end) \
    do { \
        if (DISK == READ_ONLY && fd_on_disk(fd)) return fails(EROFS); \
        if (no_room(fd, end)) return fails(ENOSPC); \
    } while (0)

static int64_t here(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return lseek(fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
}

ssize_t write(int fd, const void *from, size_t size) {
    REAL(write);
    if (DISK == READ_ONLY || DISK == FULL) MAY(fd, here(fd) + (int64_t)size);
    return real(fd, from, size);
}
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    REAL(pwrite64);
    MAY(fd, at + (int64_t)size);
    return real(fd, from, size, at);
}
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
    REAL(pwrite);
    MAY(fd, at + (int64_t)size);
    return real(fd, from, size, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    int64_t size = 0;
    for (int part = 0; part < count; part++) size += (int64_t)parts[part].iov_len;
    if (DISK == READ_ONLY || DISK == FULL) MAY(fd, here(fd) + size);
    return real(fd, parts, count);
}

static int resized(int fd, int64_t length) {
    struct stat found;
    MAY(fd, length);
    if (DISK == FULL && fstat(fd, &found) == 0 && fd_on_disk(fd)) gives_back(found.st_size - length);
    return 0;
}
int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    return resized(fd, length) ? -1 : real(fd, length);
}
int ftruncate(int fd, off_t length) {
    REAL(ftruncate);
    return resized(fd, length) ? -1 : real(fd, length);
}
int posix_fallocate64(int fd, off64_t at, off64_t length) {
    REAL(posix_fallocate64);
    if (DISK == READ_ONLY && fd_on_disk(fd)) return EROFS;
    return no_room(fd, at + length) ? ENOSPC : real(fd, at, length);
}
int posix_fallocate(int fd, off_t at, off_t length) {
    REAL(posix_fallocate);
    if (DISK == READ_ONLY && fd_on_disk(fd)) return EROFS;
    return no_room(fd, at + length) ? ENOSPC : real(fd, at, length);
}

static int synced(int fd) {
    if (DISK == FINE || !fd_on_disk(fd)) return 0;
    if (DISK == READ_ONLY) return fails(EROFS);
    if (DISK == STALLING) usleep((useconds_t)(control->stall_ms * 1000));
    return 0;
}
int fsync(int fd) {
    REAL(fsync);
    return synced(fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
    REAL(fdatasync);
    return synced(fd) ? -1 : real(fd);
}

static int may_open(const char *path, int flags) {
    if (!(flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))) return 0;
    int error = error_of(path);
    return error ? fails(error) : 0;
}
#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return control && may_open(path, flags) ? -1 : real(path, flags, mode); \
    }
OPENING(open)
OPENING(open64)
#define OPENING_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return control && path[0] == '/' && may_open(path, flags) ? -1 : real(folder, path, flags, mode); \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

static int64_t size_of(const char *path) {
    struct stat found;
    return DISK == FULL && on_disk(path) && lstat(path, &found) == 0 && found.st_nlink == 1 ? found.st_size : 0;
}
#define CHANGES(path) do { int error = error_of(path); if (error) return fails(error); } while (0)
int unlink(const char *path) {
    REAL(unlink);
    CHANGES(path);
    int64_t size = size_of(path);
    int done = real(path);
    if (done == 0) gives_back(size);
    return done;
}
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    struct stat found;
    if (stat(path, &found) != 0) CHANGES(path); /* what is there is told first, as the kernel does */
    return real(path, mode);
}
int rmdir(const char *path) { REAL(rmdir); CHANGES(path); return real(path); }
int rename(const char *from, const char *to) { REAL(rename); CHANGES(from); CHANGES(to); return real(from, to); }
int link(const char *from, const char *to) { REAL(link); CHANGES(to); return real(from, to); }
int symlink(const char *from, const char *to) { REAL(symlink); CHANGES(to); return real(from, to); }
int chmod(const char *path, mode_t mode) { REAL(chmod); CHANGES(path); return real(path, mode); }

static void show(const char *path, struct statvfs *room) {
    if (!path || !on_disk(path)) return;
    if (DISK == READ_ONLY) room->f_flag |= ST_RDONLY;
    if (DISK != FULL) return;
    int64_t left = control->room;
    room->f_bfree = room->f_bavail = (fsblkcnt_t)(left > 0 ? left : 0) / room->f_frsize;
}
int statvfs64(const char *path, struct statvfs64 *room) {
    REAL(statvfs64);
    int done = real(path, room);
    if (done == 0) show(path, (struct statvfs *)room);
    return done;
}
int statvfs(const char *path, struct statvfs *room) {
    REAL(statvfs);
    int done = real(path, room);
    if (done == 0) show(path, room);
    return done;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    REAL(clock_gettime);
    int done = real(which, now);
    if (done == 0 && control && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        int64_t ns = now->tv_nsec + (control->ahead_us % 1000000) * 1000;
        now->tv_sec += control->ahead_us / 1000000 + (ns >= 1000000000) - (ns < 0);
        now->tv_nsec = ns - 1000000000 * (ns >= 1000000000) + 1000000000 * (ns < 0);
    }
    return done;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec found;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec;
    now->tv_usec = found.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *to) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (to) *to = found.tv_sec;
    return found.tv_sec;
}
int adjtimex(struct timex *answer) {
    memset(answer, 0, sizeof *answer);
    if (!control || control->synchronised) return TIME_OK;
    answer->status = STA_UNSYNC;
    return TIME_ERROR;
}
