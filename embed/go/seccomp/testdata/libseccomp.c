// Compiles filters by libseccomp, for comparison. Reads commands, one a line, and writes numbers of this machine's byte order:
//
//   filter ACTION                                       begins a filter with that default action, for no machine
//   arch TOKEN                                          adds a machine
//   rule ACTION NAME COUNT [INDEX OP A B]...            adds a rule; one for an unknown call is left out
//   end                                                 writes the length of the program in bytes, and the program, or the
//                                                       negative errno of what failed first; ETIME if it takes too long
//   resolve TOKEN NAME                                  writes the call's number there, or a negative number
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(int32_t number) { fwrite(&number, sizeof number, 1, stdout); }

// compile carries out the lines of a filter and returns 0, or a negative errno.
static int compile(char* lines, int output) {
  scmp_filter_ctx filter = NULL;
  int failed = 0;
  int has_getppid = 0;
  char* rest = NULL;
  for (char* line = strtok_r(lines, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    char name[128];
    uint32_t number;
    int used = 0;
    unsigned count;
    if (sscanf(line, "filter %" SCNu32, &number) == 1) {
      filter = seccomp_init(number);
      if (filter == NULL) return -ENOMEM;
      failed = seccomp_arch_remove(filter, seccomp_arch_native());
    } else if (sscanf(line, "arch %" SCNu32, &number) == 1) {
      failed = seccomp_arch_add(filter, number);
    } else if (sscanf(line, "rule %" SCNu32 " %127s %u%n", &number, name, &count, &used) == 3) {
      struct scmp_arg_cmp tests[6];
      for (unsigned i = 0; i < count; i++) {
        int more = 0;
        unsigned index, op;
        if (sscanf(line + used, " %u %u %" SCNu64 " %" SCNu64 "%n", &index, &op, &tests[i].datum_a, &tests[i].datum_b, &more) != 4)
          return -EINVAL;
        tests[i].arg = index;
        tests[i].op = (enum scmp_compare)op;
        used += more;
      }
      if (strcmp(name, "getppid") == 0) has_getppid = 1;
      const int call = seccomp_syscall_resolve_name(name);
      if (call != __NR_SCMP_ERROR) failed = seccomp_rule_add_array(filter, number, call, count, tests);
    } else {
      return -EINVAL;
    }
    if (failed != 0) return failed;
  }
  // libseccomp up to 2.6.1 forgets to load the number if the first call that a machine is to look for is one that it does
  // not have. All machines have getppid, and with this it is the first.
  if (has_getppid) failed = seccomp_syscall_priority(filter, seccomp_syscall_resolve_name("getppid"), 255);
  return failed != 0 ? failed : seccomp_export_bpf(filter, output);
}

// run compiles in a process of its own: libseccomp up to 2.6.1 may take forever over several bounds for an argument.
static void run(char* lines) {
  FILE* program = tmpfile();
  if (program == NULL) exit(1);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    // Counts processor time, so that a busy machine makes no difference.
    const struct itimerval limit = {{0, 0}, {5, 0}};
    setitimer(ITIMER_PROF, &limit, NULL);
    _exit(-compile(lines, fileno(program)));
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) exit(1);
  if (WIFSIGNALED(status)) {
    put(-ETIME);
  } else if (WEXITSTATUS(status) != 0) {
    put(-WEXITSTATUS(status));
  } else {
    static char buffer[1 << 20];
    const ssize_t length = pread(fileno(program), buffer, sizeof buffer, 0);
    put((int32_t)length);
    fwrite(buffer, (size_t)length, 1, stdout);
  }
  fclose(program);
}

int main(void) {
  static char line[1 << 16];
  char* lines = NULL;
  size_t length = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    char name[128];
    uint32_t token;
    if (sscanf(line, "resolve %" SCNu32 " %127s", &token, name) == 2) {
      put(seccomp_syscall_resolve_name_arch(token, name));
    } else if (strcmp(line, "end\n") == 0) {
      if (lines == NULL) return 1;
      run(lines);
      length = 0;
    } else {
      const size_t more = strlen(line);
      lines = realloc(lines, length + more + 1);
      if (lines == NULL) return 1;
      memcpy(lines + length, line, more + 1);
      length += more;
      continue;
    }
    fflush(stdout);
  }
  free(lines);
  return 0;
}
