#include "tools/nsrun/host/launch_by_stages.h"

#include "stub/seal/strategies.h"
#include "syscalls/ids.h"
#include "syscalls/memory.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/procfs.h"
#include "tools/nsrun/host/id_maps.h"
#include "tools/nsrun/host/init_environment.h"
#include "tools/nsrun/host/request.h"
#include "tools/nsrun/host/seal.h"

namespace nsrun {

namespace {

// The bootstrap message and its memory.
class Message {
 public:
  explicit Message(const Preparation& preparation) {
    check(memory_.map_private(kLongest + IdMaps::kMemory), "mmap", "message");
    MessageWriter writer(memory_.bytes().first(kLongest));
    write_message(preparation.options, namespaces_of_stub(preparation.options), preparation.joined,
                  {reinterpret_cast<char*>(memory_.data()) + kLongest, IdMaps::kMemory}, writer);
    text_ = writer.finish();
  }
  [[nodiscard]] sys::Text text() const { return text_; }

 private:
  static constexpr size_t kLongest = 32768;

  // The namespaces that the stub creates. The container's first process creates the others.
  static unsigned namespaces_of_stub(const Options& options) {
    unsigned first = options.namespaces_to_create() & ~options.later_namespaces();
    // The container's first process tries to create this one.
    if (options.may_lack_cgroup_namespace()) first &= ~unsigned{CLONE_NEWCGROUP};
    return options.needs_no_outer() ? first & kBornIn : first;
  }

  sys::Mapping memory_;
  sys::Text text_;
};

// Here, because setgroups(2) may be denied in a joined user namespace (user_namespaces(7)), and the
// container must keep none of the caller's groups. If nsrun itself is in such a user namespace,
// even root cannot drop them.
void drop_groups() {
  const auto dropped = sys::setgroups({});
  if (!(dropped.error() == EPERM)) check(dropped, "setgroups", "(none)");
}

// Executes this program again with the same command line, as stage 0.
[[noreturn]] void become_stage0(const Preparation& preparation, int init_pipe, int log_pipe,
                                const InitEnvironment& environment) {
  const stub::InitialStack& stack = preparation.stack;
  check(sys::fcntl(init_pipe, F_SETFD), "fcntl", "init pipe");
  check(sys::fcntl(log_pipe, F_SETFD), "fcntl", "log pipe");
  preparation.joined.keep_open();
  if (preparation.mounts.is_open()) {
    check(sys::fcntl(preparation.mounts.get(), F_SETFD), "fcntl", "mounts");
  }
  if (preparation.options.caller_is_root) drop_groups();
  if (preparation.options.seal <= NSEXEC_SEAL_DETACHED_MOUNT && !needs_no_seal()) {
    execute_sealed(stack, environment.of_sealed());
  }
  const sys::Errno error = sys::execve(stub::seal::kSelf, stack.argv(), environment.of_unsealed());
  (void)require_procfs();
  fail("execve", stub::seal::kSelf, error);
}

}  // namespace

Launched launch_by_stages(Preparation& preparation) {
  // 1. Build the message, so that errors in it are found before anything is started.
  const Message message(preparation);
  // 2. Create the pipes, and the variables that name them.
  sys::SocketPair init;
  check(init.open(SOCK_STREAM), "socketpair");
  sys::Pipe log;
  check(log.open(O_CLOEXEC), "pipe2");
  const InitEnvironment environment(preparation.stack, preparation.options, time_now(),
                                    init.second.get(), log.writer.get(), preparation.inherited,
                                    preparation.joined, preparation.mounts.get());
  // 3. Start stage 0, in its control group.
  const auto child = [&] {
    become_stage0(preparation, init.second.get(), log.writer.get(), environment);
  };
  Launched launched;
  launched.by_stages = true;
  launched.stage0 = preparation.cgroup.is_open()
                        ? preparation.cgroup.fork_into()
                        : check(sys::clone_to_execute(child), "clone", "stage 0");
  if (launched.stage0 == 0) child();
  launched.init_pipe = InitPipe(static_cast<sys::Fd&&>(init.first));
  launched.log_pipe = static_cast<sys::Fd&&>(log.reader);
  check(sys::fcntl(launched.log_pipe.get(), F_SETFL, O_NONBLOCK), "fcntl", "log pipe");
  // 4. Send the message. nsrun closes its copy of the other end first: with it open, nsrun would
  //    not notice that stage 0 has ended.
  init.second.reset();
  launched.init_pipe.send(message.text());
  return launched;
}

}  // namespace nsrun
