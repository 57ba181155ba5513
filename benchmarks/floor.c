/* The least that a swipe can cost here: read a card from a serial line, look it up among the members, append
 * a record and wait until it is on the disk, write to the pin. One thread, no decisions, no Python.
 *
 *     floor LINE MEMBERS.db JOURNAL sqlite|file|none PIN
 *
 * LINE: a terminal. MEMBERS.db: table member(card TEXT PRIMARY KEY). JOURNAL: a database that it makes, or a
 * file. PIN: a FIFO that gets a struct pin_write for every write, with the time at which the write was done;
 * the first, for the level 0, says that it is ready.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct pin_write {
    int64_t mono_ns;
    int32_t pin, level;
};

static void must(int done, const char *what) {
    if (done) return;
    perror(what);
    exit(1);
}

static void sql(sqlite3 *db, const char *text) {
    char *fault = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &fault) == SQLITE_OK) return;
    fprintf(stderr, "%s: %s\n", text, fault);
    exit(1);
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *text) {
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK, text);
    return statement;
}

static void write_pin(int pin, int level, int number) {
    struct timespec now;
    /* The write itself is what a driver does with the level; the record of it is for whoever measures. */
    static int device = -1;
    if (device < 0) device = open("/dev/null", O_WRONLY | O_CLOEXEC);
    must(write(device, level ? "1" : "0", 1) == 1, "pin");
    clock_gettime(CLOCK_BOOTTIME, &now);
    struct pin_write done = {now.tv_sec * 1000000000LL + now.tv_nsec, number, level};
    must(write(pin, &done, sizeof done) == sizeof done, "pin's record");
}

int main(int argc, char **argv) {
    must(argc == 6, "floor LINE MEMBERS.db JOURNAL sqlite|file|none PIN");
    const int through_sqlite = !strcmp(argv[4], "sqlite"), through_file = !strcmp(argv[4], "file");
    int pin = open(argv[5], O_WRONLY | O_CLOEXEC);
    must(pin >= 0, argv[5]);

    int line = open(argv[1], O_RDWR | O_NOCTTY | O_CLOEXEC);
    must(line >= 0, argv[1]);
    struct termios raw;
    tcgetattr(line, &raw);
    cfmakeraw(&raw);
    tcsetattr(line, TCSANOW, &raw);

    sqlite3 *members, *journal = NULL;
    must(sqlite3_open_v2(argv[2], &members, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK, argv[2]);
    sqlite3_stmt *find = prepared(members, "SELECT 1 FROM member WHERE card = ?");
    sqlite3_stmt *begin = NULL, *insert = NULL, *commit = NULL;
    int file = -1;
    if (through_sqlite) {
        must(sqlite3_open(argv[3], &journal) == SQLITE_OK, argv[3]);
        sql(journal, "PRAGMA journal_mode = WAL");
        sql(journal, "PRAGMA synchronous = FULL");
        sql(journal, "PRAGMA wal_autocheckpoint = 0");
        sql(journal, "CREATE TABLE event (seq INTEGER PRIMARY KEY, record TEXT NOT NULL)");
        begin = prepared(journal, "BEGIN IMMEDIATE");
        insert = prepared(journal, "INSERT INTO event (record) VALUES (?)");
        commit = prepared(journal, "COMMIT");
    }
    if (through_file) {
        file = open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        must(file >= 0, argv[3]);
    }

    /* About as long as an event with its chain and sealed box. */
    char record[512];
    memset(record, 'r', sizeof record);
    write_pin(pin, 0, 0);

    char card[256];
    size_t length = 0;
    for (;;) {
        ssize_t got = read(line, card + length, sizeof card - length);
        if (got <= 0) return 0; /* the other end is gone: the measurement is over */
        length += (size_t)got;
        if (card[length - 1] != '\r') {
            must(length < sizeof card, "line too long");
            continue;
        }
        sqlite3_bind_text(find, 1, card, (int)length - 1, SQLITE_STATIC);
        int found = sqlite3_step(find) == SQLITE_ROW;
        sqlite3_reset(find);
        length = 0;
        if (!found) continue;
        if (through_sqlite) {
            must(sqlite3_step(begin) == SQLITE_DONE, "begin");
            sqlite3_reset(begin);
            sqlite3_bind_text(insert, 1, record, sizeof record, SQLITE_STATIC);
            must(sqlite3_step(insert) == SQLITE_DONE, "insert");
            sqlite3_reset(insert);
            must(sqlite3_step(commit) == SQLITE_DONE, "commit");
            sqlite3_reset(commit);
        }
        if (through_file) {
            must(write(file, record, sizeof record) == sizeof record, "append");
            must(fdatasync(file) == 0, "fdatasync");
        }
        write_pin(pin, 1, 0);
    }
}
