/* Keeps, in a shadow tree, what a power cut would leave of a folder: only what was fsynced.
 *
 * Preloaded into a process (LD_PRELOAD), it stands before fsync and fdatasync. POWERCUT_ROOT is the folder
 * that is watched, POWERCUT_SHADOW the folder for the shadow. Killing the process is then the power cut, and
 * shadow/tree, read through its symbolic links, is what the disk holds:
 *
 *   - a file has the content of its last fsync or fdatasync; none of what was written since;
 *   - names (made, renamed, removed) are as they were at the last fsync of their folder.
 *
 * Kinder than POSIX, as ext4 is in practice: the fsync of a new file makes its name durable too, and the
 * folders above it. Stricter than ext4, which commits all names of a file system together: a rename or a
 * removal waits for its own folder. A file that was named durably and never synced is empty, as after ext4's
 * delayed allocation.
 *
 * Between two syncs nothing changes on that disk, so POWERCUT_AT, the number of a sync from 1, cuts the power as
 * soon as that one has taken effect: counted up, it comes past every state that a cut can leave.
 *
 * What is in the folder when the first process begins, before anything was synced, is on the disk already.
 *
 * Each sync takes effect at once or not at all (a rename), so that the kill may come at any moment. The disk
 * itself is not asked to sync, since the shadow stands for it. Not stood before: sync, syncfs, msync, O_SYNC;
 * nothing we test uses them. Whatever goes wrong in here aborts the process, so that no test passes by it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static long syncs;

static void must(int done, const char *what, const char *path) {
    if (done) return;
    fprintf(stderr, "powercut: %s %s: %s\n", what, path, strerror(errno));
    abort();
}

static void format(char *out, const char *pattern, const char *a, const char *b) {
    must(snprintf(out, PATH_MAX, pattern, a, b) < PATH_MAX, "too long", a);
}

/* Where the content of an open file is kept. A number alone would not do: file systems use them again. */
static void content_path(char *out, const char *shadow, int folder, const char *name) {
    struct statx found;
    char key[64];
    must(statx(folder, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &found) == 0, "statx", name);
    must(found.stx_mask & STATX_BTIME, "no time of birth on this file system", name);
    snprintf(key, sizeof key, "%llu-%lld-%u", (unsigned long long)found.stx_ino,
             (long long)found.stx_btime.tv_sec, found.stx_btime.tv_nsec);
    format(out, "%s/content/%s", shadow, key);
}

/* Make the name in the tree point to the content, at once. */
static void name_it(const char *shadow, const char *name, const char *content) {
    char passing[PATH_MAX];
    format(passing, "%s/%s", shadow, "name");
    unlink(passing);
    must(symlink(content, passing) == 0, "symlink", passing);
    must(rename(passing, name) == 0, "rename", name);
}

static void make_folders(char *path, size_t from) {
    for (char *slash = path + from; (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        must(mkdir(path, 0700) == 0 || errno == EEXIST, "mkdir", path);
        *slash = '/';
    }
}

static void sync_file(int fd, const char *shadow, const char *name) {
    char content[PATH_MAX], passing[PATH_MAX];
    struct stat found;
    content_path(content, shadow, fd, "");
    format(passing, "%s/%s", shadow, "content-being-copied");

    /* Opened anew: fd may be open for writing only, and its offset is not ours to move. */
    char again[64];
    snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
    int in = open(again, O_RDONLY | O_CLOEXEC);
    must(in >= 0, "open", name);
    int out = open(passing, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(out >= 0, "open", passing);
    ssize_t copied;
    while ((copied = sendfile(out, in, NULL, 1 << 24)) > 0) {}
    must(copied == 0, "sendfile", passing);
    close(in);
    close(out);
    must(rename(passing, content) == 0, "rename", content);
    if (lstat(name, &found) != 0) name_it(shadow, name, content);
}

static void sync_folder(int fd, const char *shadow, const char *folder) {
    char name[PATH_MAX], content[PATH_MAX];
    struct stat found;
    struct dirent *entry;
    must(mkdir(folder, 0700) == 0 || errno == EEXIST, "mkdir", folder);

    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *real = fdopendir(again);
    must(real != NULL, "fdopendir", folder);
    while ((entry = readdir(real))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (fstatat(again, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) continue; /* removed meanwhile */
        format(name, "%s/%s", folder, entry->d_name);
        if (S_ISDIR(found.st_mode)) {
            must(mkdir(name, 0700) == 0 || errno == EEXIST, "mkdir", name);
        } else if (S_ISREG(found.st_mode)) {
            content_path(content, shadow, again, entry->d_name);
            int empty = open(content, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
            must(empty >= 0, "open", content);
            close(empty);
            name_it(shadow, name, content);
        }
    }

    DIR *kept = opendir(folder);
    must(kept != NULL, "opendir", folder);
    while ((entry = readdir(kept))) {
        if (fstatat(again, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0) continue;
        must(unlinkat(dirfd(kept), entry->d_name, 0) == 0 ||
             unlinkat(dirfd(kept), entry->d_name, AT_REMOVEDIR) == 0, "unlink", entry->d_name);
    }
    closedir(kept);
    closedir(real);
}

static int synced(int fd) {
    const char *root = getenv("POWERCUT_ROOT"), *shadow = getenv("POWERCUT_SHADOW");
    char link[64], path[PATH_MAX], name[PATH_MAX];
    struct stat found;
    if (fstat(fd, &found) != 0) return -1;
    must(root && shadow, "POWERCUT_ROOT and POWERCUT_SHADOW", "are not set");

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    must(length > 0, "readlink", link);
    path[length] = 0;
    size_t prefix = strlen(root);
    if (strncmp(path, root, prefix) != 0 || (path[prefix] != '/' && path[prefix] != 0)) return 0;
    if (found.st_nlink == 0) return 0; /* removed already: it has no name to be found by */

    pthread_mutex_lock(&one_at_a_time);
    char tree[PATH_MAX];
    format(tree, "%s/%s", shadow, "tree");
    format(name, "%s%s", tree, path + prefix);
    make_folders(name, strlen(shadow));
    if (S_ISREG(found.st_mode)) sync_file(fd, shadow, name);
    if (S_ISDIR(found.st_mode)) sync_folder(fd, shadow, name);
    const char *cut_at = getenv("POWERCUT_AT");
    if (cut_at && ++syncs == atol(cut_at)) {
        kill(getpid(), SIGKILL);
        pause();
    }
    pthread_mutex_unlock(&one_at_a_time);
    return 0;
}

/* A file or folder that is there from the beginning. */
static int keep(const char *path, const struct stat *found, int kind, struct FTW *place) {
    const char *root = getenv("POWERCUT_ROOT"), *shadow = getenv("POWERCUT_SHADOW");
    char tree[PATH_MAX], name[PATH_MAX];
    (void)found, (void)place;
    format(tree, "%s/%s", shadow, "tree");
    format(name, "%s%s", tree, path + strlen(root));
    if (kind == FTW_D) must(mkdir(name, 0700) == 0 || errno == EEXIST, "mkdir", name);
    if (kind == FTW_F) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        must(fd >= 0, "open", path);
        sync_file(fd, shadow, name);
        close(fd);
    }
    return 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *root = getenv("POWERCUT_ROOT"), *shadow = getenv("POWERCUT_SHADOW");
    char tree[PATH_MAX];
    if (!root || !shadow) return;
    format(tree, "%s/%s", shadow, "tree");
    if (access(tree, F_OK) != 0 && access(root, F_OK) == 0) must(nftw(root, keep, 16, FTW_PHYS) == 0, "nftw", root);
}

int fsync(int fd) { return synced(fd); }
int fdatasync(int fd) { return synced(fd); }
