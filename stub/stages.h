// The three stages. Each stage creates the next one:
//
//   stage 0 ── clone ──▶ stage 1 ── clone ──▶ stage 2 ──▶ the program's real entry point
//   writes maps,         joins, unshares,     becomes the
//   waits for stage 2    exits                container's init
#pragma once

#include "stub/stage.h"

namespace stub {

/// Stage 0 stays outside with the host's credentials, and does what stage 1 is not allowed to do.
class Stage0 : Stage {
 public:
  Stage0(Job& job, Channel channel, sys::Pid stage1)
      : Stage(job, static_cast<Channel&&>(channel)), stage1_(stage1) {}

  /// Answers stage 1's requests until stage 2 is ready, then exits 0.
  [[noreturn]] void run();

 private:
  void map_ids();
  void deny_setgroups() const;
  void write_map(const char* file_name, const char* map, const char* tool) const;
  void run_id_map_tool(const char* tool, char* map) const;
  bool wait_for_tool(sys::Pid child) const;
  void set_time_offsets();
  void open_mount_sources();
  void done();

  sys::Pid stage1_;
};

/// Stage 1 joins and creates the namespaces.
class Stage1 : Stage {
 public:
  /// `own` is its pid as the parent sees it.
  Stage1(Job& job, Channel channel, sys::Pid own)
      : Stage(job, static_cast<Channel&&>(channel)), own_(own) {}

  /// Does its work and creates stage 2. Returns only in stage 2, which is then set up.
  void run();

 private:
  struct OpenNamespace {
    const char* text;  ///< "type:path"
    const char* path;
    unsigned flag;
    sys::Fd fd;
  };

  void join_namespaces() const;
  void join_one(OpenNamespace& entry, bool may_be_refused) const;
  void join_others(sys::Span<OpenNamespace> namespaces, bool may_be_refused) const;
  void become_root() const;
  void create_user_namespace() const;
  void create_other_namespaces() const;
  void receive_mount_sources() const;
  void ask(Message request) const;
  void expect_done(Message answer) const;
  void create_stage2();
  [[nodiscard]] bool may_give_memory() const;

  sys::Pid own_;
};

/// Stage 2 becomes the container's init.
class Stage2 : Stage {
 public:
  /// Both pids are as stage 1 sees them, and so the parent.
  Stage2(Job& job, Channel channel, sys::Pid stage1, sys::Pid stage2)
      : Stage(job, static_cast<Channel&&>(channel)), stage1_(stage1), stage2_(stage2) {}

  /// Returns when everything is set up and the process holds nothing of the stub.
  void run();

 private:
  void send_pid_line();
  void set_ids() const;
  void create_cgroup_namespace() const;
  void give_back() const;

  sys::Pid stage1_;
  sys::Pid stage2_;
};

}  // namespace stub
