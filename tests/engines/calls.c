// Makes system calls that the engines' default profiles treat differently, and prints what the
// kernel says to each. The arguments do no harm if a call is allowed.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char* name, long result) {
  printf("%s: %s\n", name, result < 0 ? strerrorname_np(errno) : "allowed");
}

// In a child, because it changes the process.
static void say_in_child(const char* name, long number, long argument) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    say(name, syscall(number, argument, 0, 0, 0, 0));
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

int main(void) {
  enum {
    KEYCTL_GET_KEYRING_ID = 0,
    SESSION_KEYRING = -3,
    ADDR_NO_RANDOMIZE = 0x0040000,
    PER_LINUX32 = 8,
    AF_VSOCK = 40
  };
  say("getpid", syscall(SYS_getpid));
  say("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, SESSION_KEYRING, 1));
  say("add_key", syscall(SYS_add_key, "user", "name", "x", 1, SESSION_KEYRING));
  say("request_key", syscall(SYS_request_key, "user", "none", NULL, 0));
  say_in_child("unshare user", SYS_unshare, CLONE_NEWUSER);
  say_in_child("unshare uts", SYS_unshare, CLONE_NEWUTS);
  say_in_child("unshare files", SYS_unshare, CLONE_FILES);
  say_in_child("personality no-randomize", SYS_personality, ADDR_NO_RANDOMIZE);
  say_in_child("personality linux32", SYS_personality, PER_LINUX32);
  say_in_child("personality read", SYS_personality, 0xffffffff);
  say("userfaultfd", syscall(SYS_userfaultfd, 0));
  say("mount", syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL));
  say("umount2", syscall(SYS_umount2, "/nowhere", 0));
  say("setns", syscall(SYS_setns, -1, 0));
  say("bpf", syscall(SYS_bpf, -1, NULL, 0));
  say("perf_event_open", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
  say("open_by_handle_at", syscall(SYS_open_by_handle_at, -1, NULL, 0));
  say("swapoff", syscall(SYS_swapoff, "/nowhere"));
  say("kexec_load", syscall(SYS_kexec_load, 0, 0xffff, NULL, -1));
  say("socket vsock", syscall(SYS_socket, AF_VSOCK, 1, 0));
  say("clone3", syscall(SYS_clone3, NULL, 0));
  say("process_vm_readv", syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
  say("quotactl", syscall(SYS_quotactl, 0, "/nowhere", 0, NULL));
  say("newer than any profile", syscall(0x7ff, 0));
  return 0;
}
