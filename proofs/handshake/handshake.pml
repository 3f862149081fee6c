/* The handshake of one start: the parent, stages 0, 1 and 2, and the id mapping tool.
 *
 * docs/proofs.md explains it. In short:
 *
 *  - An inline Stage1_join_namespaces is the function Stage1::join_namespaces of the stub, with the same steps in the
 *    same order. `steps` compares them, so a new step of the stub needs its place here.
 *  - A process can be killed before each statement, by the process `environment`; the kernel then closes its ends.
 *  - CALL is a system call that may fail. All failures of one process lead to its label `failed`.
 *  - A name B_... is a place that a broken model leaves out (BREAK=B_...). A name P... is a property. A name E_... is a
 *    system call, which a trace of the real stub contains.
 *
 * `flows` lists the flows. */

#include "generated.h" /* numbers of B_... and E_... */

/* What a start needs, and what a broken model leaves out: set once by `init`, from the environment of the checker. */
hidden byte has_joins, has_user, has_tool, has_offsets, has_ready_byte;
hidden byte sources;      /* how many mount sources */
hidden byte cgroup_later; /* 1 last, 2 last when told to */
hidden byte disturbances; /* how many calls may fail, processes die, pipes be closed and messages be wrong, together */
hidden byte kills;        /* the parent may call nsexec_parent_kill() at any time */
hidden byte left_out;     /* a number B_... */
#define may_fail (causes < disturbances)
#define KEPT(place) (left_out != place)

/* ---- Properties ---- */

/* They are never true. They are variables so that spin's message shows the name. */
bool Psucceeds, Pverdict, Precords, Ppid_line, Pkills, Porder, Pnothing_open, Preaped, Pno_one_left, Paccepted;
#define PROPERTY(name, condition) assert(name || (condition))

/* ---- Processes ---- */

#define PARENT 0
#define STAGE0 1
#define STAGE1 2
#define STAGE2 3
#define TOOL 4
#define PROCESSES 5
#define BIT(process) (1 << process)

mtype = { absent, alive, exited, killed };
mtype state[PROCESSES] = absent;
byte status[PROCESSES];
bool reaped[PROCESSES];

/* ---- The channel between stage 0 and stages 1 and 2 ---- */

/* stub/channel.h */
mtype = { kEnd, kMapIds, kSetTimeOffsets, kOpenMountSources, kDone, kReady, kFailed };
/* What is not sent: an answer of EAGAIN, an error. */
mtype = { none, reset };

/* Who holds an end open. Without a holder it is closed. */
byte end0, end1;
/* The kernel takes hundreds. A small number makes a sender wait more often than it does. */
#define QUEUE 2
chan to0 = [QUEUE] of { mtype };
chan to1 = [QUEUE] of { mtype };
/* The peer has been closed with unread messages: the next call fails with ECONNRESET, once. */
bool reset0, reset1;

/* ---- The init pipe: a stream ---- */

mtype = { header, header_alone, wrong_header, rest, wrong_rest, told, ready_byte, pid_line, output };
byte end_parent, end_stub;
chan to_stub = [4] of { mtype };
chan to_parent = [3] of { mtype };

/* ---- What has happened ---- */

byte causes;       /* of a failure: calls that failed, processes killed, pipes closed, wrong messages; */
byte records;      /* fatal records written */
bool message_read, maps_written, offsets_set, sources_closed, placed, unwatched;
byte sources_received;
bool pid_line_sent, set_up, ready_sent, handed_over, own_session;
bool knows_pids;   /* the parent has read the pid line */
bool listening;    /* stage 0 listens; after its end: its receive has failed */
bool exec_error;   /* shared by stage 0 and the tool's process */
bool kill_wanted;  /* by the parent's caller */

#define cause() causes++

/* ---- The kernel ---- */

inline close_end0(process) {
  if
  :: end0 & BIT(process) ->
     end0 = end0 & ~BIT(process);
     if
     :: end0 == 0 ->
        reset1 = reset1 || (len(to0) > 0 && end1 != 0);
        do :: len(to0) > 0 -> to0?_ :: else -> break od
     :: else
     fi
  :: else
  fi
}
inline close_end1(process) {
  if
  :: end1 & BIT(process) ->
     end1 = end1 & ~BIT(process);
     if
     :: end1 == 0 ->
        reset0 = reset0 || (len(to1) > 0 && end0 != 0);
        do :: len(to1) > 0 -> to1?_ :: else -> break od
     :: else
     fi
  :: else
  fi
}
/* The process ends. */
inline release(process) {
  close_end0(process);
  close_end1(process);
  end_parent = end_parent & ~BIT(process);
  end_stub = end_stub & ~BIT(process)
}
inline exits(process, with) { d_step { status[process] = with; state[process] = exited; release(process) } }
/* SIGKILL. A number that has been reaped may be another process's. */
inline kill(process) {
  d_step {
    PROPERTY(Pkills, !reaped[process]);
    if
    :: state[process] == alive -> state[process] = killed; release(process)
    :: else
    fi
  }
}
inline reap(process) {
  d_step { (state[process] == exited || state[process] == killed) -> reaped[process] = true }
}

/* ---- Traces: with TRACE, a step happens only when it is next in the trace ---- */

#ifdef TRACE
/* The next line: a process, its system call, and what becomes of it: 0 the kernel answers, 1 it fails, 2 the process is
 * killed before it, 3 it fails with EPERM. */
byte next_process, next_event, next_result;
short line;
#define THE_END 255
c_code {
  static unsigned char trace_lines[1000][3];
  static void read_trace(void) {
    FILE* file = fopen(getenv("TRACE_FILE"), "r");
    int i = 1, process, event, result;
    while (file && i < 999 && fscanf(file, "%d %d %d", &process, &event, &result) == 3) {
      trace_lines[i][0] = process;
      trace_lines[i][1] = event;
      trace_lines[i++][2] = result;
    }
  }
};
#define AT(process, event, result) (next_process == process && next_event == event && next_result == result)
#define ADVANCE c_code { \
    now.line++; \
    now.next_process = trace_lines[now.line][0]; \
    now.next_event = trace_lines[now.line][1]; \
    now.next_result = trace_lines[now.line][2]; \
  }
/* Others may still make calls before the kernel has closed what the killed process had open. */
#define KILLED_AT(process, event) atomic { AT(process, event, 2) -> ADVANCE; cause() }; kill(process); false
/* A call that works, one of which only a failure matters here, and one whose failure changes nothing. */
#define WORKS(process, event, name) if :: atomic { AT(process, event, 0) -> ADVANCE } :: KILLED_AT(process, event) fi
/* After a cause other calls fail by themselves: those for the files of a process that has been killed. */
#define CALL_FAILS(process, event, name) \
  atomic { \
    (AT(process, event, 1) || (causes > 0 && AT(process, event, 0))) -> \
    if :: next_result == 1 -> cause() :: else fi; \
    ADVANCE; \
    goto failed \
  }
#define SYS(process, event, name) \
  if :: atomic { (AT(process, event, 0) || AT(process, event, 1)) -> ADVANCE } :: KILLED_AT(process, event) fi
/* A call that fails with an errno that is no failure of the start. */
#define REFUSED(process, event) atomic { (AT(process, event, 0) || AT(process, event, 3)) -> ADVANCE }
#define FAILS_ANYHOW(process, event) atomic { (AT(process, event, 0) || AT(process, event, 1)) -> ADVANCE }
#else
#define WORKS(process, event, name) skip
#define CALL_FAILS(process, event, name) may_fail -> cause(); goto failed
#define SYS(process, event, name) skip
#define REFUSED(process, event) true
#define FAILS_ANYHOW(process, event) may_fail
#endif
/* A call that must work. */
#define CALL(process, event, name) if :: WORKS(process, event, name) :: CALL_FAILS(process, event, name) fi

/* LOCAL: steps of which no other process can see more than one, so that where between them a process dies makes no
 * difference. ALSO: a call in LOCAL whose failure has the same effect as that of the next CALL. ANY_NUMBER: of times that
 * no other process can tell from one or none. Only a trace takes all of these one by one. */
#ifdef TRACE
#define LOCAL
#define ALSO(process, event, name) CALL(process, event, name)
#define ANY_NUMBER(steps) do :: steps :: break od
#else
#define LOCAL atomic
#define ALSO(process, event, name) skip
#define ANY_NUMBER(steps) if :: steps :: true fi
#endif

/* ---- stub/channel.h, stub/stage.h, stub/stage.cpp ---- */

#define CHECKPOINT(name) skip
#define FAIL(name) goto failed

/* Channel::receive: an ECONNRESET is skipped. */
inline receive0() {
  atomic {
    (reset0 || len(to0) > 0 || end1 == 0) ->
    if :: reset0 -> SYS(STAGE0, E_recvfrom, receive) :: else fi;
    reset0 = false;
    if
    :: to0?message
    :: len(to0) == 0 && end1 == 0 -> message = kEnd
    fi
  }
}
inline receive1(process) {
  atomic {
    (reset1 || len(to1) > 0 || end0 == 0) ->
    if :: reset1 -> SYS(process, E_recvfrom, receive) :: else fi;
    reset1 = false;
    if
    :: to1?message
    :: len(to1) == 0 && end0 == 0 -> message = kEnd
    fi
  }
}
/* Channel::send: fails with EPIPE, or with an ECONNRESET that is pending. */
#define CAN_SEND0 (!reset0 && end1 != 0)
#define CAN_SEND1 (!reset1 && end0 != 0)
#define SEND0(place, what, on_failure) \
  if \
  :: d_step { !CAN_SEND0 -> reset0 = false }; on_failure \
  :: CAN_SEND0 && !KEPT(place) \
  :: d_step { CAN_SEND0 && KEPT(place) && nfull(to1) -> to1!what } \
  fi
#define SEND1(place, what, on_failure) \
  if \
  :: d_step { !CAN_SEND1 -> reset1 = false }; on_failure \
  :: d_step { CAN_SEND1 && !KEPT(place) -> ready_sent = ready_sent || what == kReady } \
  :: d_step { CAN_SEND1 && KEPT(place) && nfull(to0) -> to0!what; ready_sent = ready_sent || what == kReady } \
  fi

#define TELL0(place, what) LOCAL { CALL(STAGE0, E_send_##what, "sendto"); SEND0(place, what, goto failed) }
#define TELL1(place, what) LOCAL { CALL(STAGE1, E_send_##what, "sendto"); SEND1(place, what, goto failed) }
#define TELL2(place, what) LOCAL { CALL(STAGE2, E_send_##what, "sendto"); SEND1(place, what, goto failed) }

/* Stage::listen. Stage 0 is not on the way of anything when it listens, and yet its receive may fail. */
inline Stage_listen0(place) {
  LOCAL {
    listening = true;
    CALL(STAGE0, E_recvfrom, "read socketpair");
    listening = false;
    if :: KEPT(place) -> receive0() :: !KEPT(place) -> message = kReady fi
  }
}
inline Stage_listen1(place) {
  LOCAL {
    CALL(STAGE1, E_recvfrom, "read socketpair");
    if :: KEPT(place) -> receive1(STAGE1) :: !KEPT(place) -> message = kDone fi
  }
}

inline Stage_end_as_told(process) {
  LOCAL {
    SYS(process, E_exit_group, exit);
    exits(process, 1);
    message = none
  }
}

/* Stage::fail and Stage::end_and_tell, of stage 0, and of stages 1 and 2. Before there is a channel, both calls on it
 * fail with EBADF. */
inline Stage_fail0(place) {
  LOCAL {
    SYS(STAGE0, E_recvfrom, receive);
    message = none;
    if
    :: KEPT(B_look_first) && (end0 & BIT(STAGE0)) && (reset0 || len(to0) > 0 || end1 == 0) -> receive0()
    :: else
    fi
  };
  if
  :: message == kFailed -> Stage_end_as_told(STAGE0)
  :: else ->
     LOCAL { SYS(STAGE0, E_write_log, write); records++ };
     LOCAL {
       SYS(STAGE0, E_send_kFailed, send);
       if :: (end0 & BIT(STAGE0)) -> SEND0(place, kFailed, skip) :: else fi
     };
     Stage_end_as_told(STAGE0)
  fi
}
inline Stage_fail12(process, place) {
  LOCAL {
    SYS(process, E_recvfrom, receive);
    message = none;
    if
    :: KEPT(B_look_first) && (reset1 || len(to1) > 0 || end0 == 0) -> receive1(process)
    :: else
    fi
  };
  if
  :: message == kFailed -> Stage_end_as_told(process)
  :: else ->
     LOCAL { SYS(process, E_write_log, write); records++ };
     LOCAL { SYS(process, E_send_kFailed, send); SEND1(place, kFailed, skip) };
     Stage_end_as_told(process)
  fi
}

inline Stage_open_procfs(process) {
  ALSO(process, E_openat_proc, "open");
  ALSO(process, E_fstatfs, "open")
}
/* open_proc_file, stub/procfs.cpp: without openat2 by openat. */
inline open_proc_file(process, file) {
  if
  :: ALSO(process, file, "open")
  :: REFUSED(process, file);
     ALSO(process, E_openat_file, "open");
     ALSO(process, E_fstatfs, "open")
  fi
}
/* `written` is false after the errno that is `tolerated`. */
inline Stage_write_proc(process, file, tolerated) {
  LOCAL {
    Stage_open_procfs(process);
    if
    :: open_proc_file(process, file);
       if
       :: WORKS(process, E_write, write); written = true
       :: CALL_FAILS(process, E_write, "write")
       :: tolerated -> REFUSED(process, E_write); written = false
       fi
#ifdef TRACE
    :: tolerated -> REFUSED(process, file); written = false
    :: tolerated -> REFUSED(process, file); REFUSED(process, E_openat_file); written = false
#endif
    fi
  }
}
inline Stage_set_dumpable(process) {
  LOCAL {
    if
    :: CALL(process, E_dumpable, "prctl PR_SET_DUMPABLE")
    :: true /* not hidden */
    fi
  }
}

/* ---- Stage 0: stub/nsexec.cpp, stub/stage0.cpp, stub/id_map_tool.cpp ---- */

inline Nsexec_send_ready_byte() {
  LOCAL {
    CALL(STAGE0, E_send_ready_byte, "send ready byte");
    if
    :: end_parent == 0 -> goto failed
    :: end_parent != 0 && KEPT(B_ready_byte) -> to_parent!ready_byte
    :: end_parent != 0 && !KEPT(B_ready_byte)
    fi
  }
}
inline Nsexec_read_exactly(place, expected) {
  LOCAL {
    CALL(STAGE0, E_read_init, "read init pipe");
    if
    :: KEPT(place) && nempty(to_stub) -> to_stub?bytes
    :: KEPT(place) && empty(to_stub) && end_parent == 0 -> FAIL("bootstrap message")
    :: !KEPT(place) -> bytes = expected
    fi
  }
}
inline Nsexec_read_message() {
  Nsexec_read_exactly(B_wait_header, header);
  LOCAL {
    if :: bytes != header && bytes != header_alone -> FAIL("parser.malformed()") :: bytes == header || bytes == header_alone fi;
    if
    :: bytes == header_alone -> bytes = rest /* no attributes */
    :: bytes == header ->
       if :: ALSO(STAGE0, E_mmap, "mmap") :: true fi;
       Nsexec_read_exactly(B_wait_rest, rest)
    fi
  };
  LOCAL {
    if :: bytes != rest -> FAIL("parser.malformed()") :: bytes == rest fi;
    bytes = none;
    message_read = KEPT(B_wait_header) && KEPT(B_wait_rest)
  }
}
inline Nsexec_hide() {
  LOCAL {
    if :: SYS(STAGE0, E_get_dumpable, prctl) :: true fi;
    Stage_set_dumpable(STAGE0)
  }
}
inline Nsexec_run_stages() {
  LOCAL {
    ALSO(STAGE0, E_socketpair, "socketpair");
    d_step { end0 = BIT(STAGE0); end1 = BIT(STAGE0) };
    CHECKPOINT(nsexec_creating_stage1);
    PROPERTY(Porder, message_read);
    CALL(STAGE0, E_clone, "clone stage 1");
    atomic {
      state[STAGE1] = alive;
      end0 = end0 | BIT(STAGE1);
      end1 = end1 | BIT(STAGE1);
      end_stub = end_stub | BIT(STAGE1);
      run stage1()
    }
  };
  LOCAL {
    SYS(STAGE0, E_close_channel, close);
    if :: KEPT(B_close_by_stage0) -> d_step { close_end1(STAGE0) } :: !KEPT(B_close_by_stage0) fi
  }
}
inline Nsexec_run() {
  if :: has_ready_byte -> Nsexec_send_ready_byte() :: !has_ready_byte fi;
  CHECKPOINT(nsexec_started);
  Nsexec_read_message();
  CHECKPOINT(nsexec_message_read);
  LOCAL {
    if :: Stage_write_proc(STAGE0, E_openat2_oom_score_adj, false) :: true fi;
    written = false;
    Nsexec_hide()
  };
  Nsexec_run_stages()
}

inline Stage0_done(place) { TELL0(place, kDone) }

inline Stage0_deny_setgroups() { Stage_write_proc(STAGE0, E_openat2_setgroups, true) }

/* Whether the tool has ended before the parent and stage 1 have. */
inline Stage0_wait_for_tool() {
  undisturbed = true;
  if
  :: FAILS_ANYHOW(STAGE0, E_pidfd_open); unwatched = true
  :: WORKS(STAGE0, E_pidfd_open, pidfd_open);
     LOCAL { CALL(STAGE0, E_ppoll, "poll") };
     if
     :: d_step { state[TOOL] != alive -> undisturbed = true }
     :: d_step {
          state[TOOL] == alive &&
          ((end_parent == 0 && KEPT(B_watch_parent)) || (end1 == 0 && KEPT(B_watch_stage1))) -> undisturbed = false
        };
        LOCAL {
          if
          :: FAILS_ANYHOW(STAGE0, E_pidfd_send_signal); unwatched = true
          :: WORKS(STAGE0, E_pidfd_send_signal, pidfd_send_signal);
             PROPERTY(Pkills, end_parent == 0 || end1 == 0);
             if :: KEPT(B_kill_tool) -> kill(TOOL) :: !KEPT(B_kill_tool) fi
          fi
        }
     fi
  fi
}
inline Stage0_run_id_map_tool() {
  LOCAL {
    ALSO(STAGE0, E_mmap, "mmap");
    ALSO(STAGE0, E_rt_sigaction, "rt_sigaction");
    CALL(STAGE0, E_clone, "clone");
    atomic {
      exec_error = false;
      unwatched = false;
      state[TOOL] = alive;
      status[TOOL] = 0;
      reaped[TOOL] = false;
      end0 = end0 | BIT(TOOL);
      end_stub = end_stub | BIT(TOOL);
      run tool()
    }
  };
  Stage0_wait_for_tool();
  LOCAL {
    CALL(STAGE0, E_wait4, "wait4");
    if :: KEPT(B_wait_tool) -> reap(TOOL) :: !KEPT(B_wait_tool) fi
  };
  LOCAL {
    if :: exec_error -> FAIL("execve") :: !exec_error fi;
    if :: !undisturbed -> FAIL("wait for") :: undisturbed fi;
    if :: state[TOOL] == killed || status[TOOL] != 0 -> FAIL("id map tool") :: else fi;
    undisturbed = false;
    PROPERTY(Porder, state[TOOL] == exited)
  }
}
inline Stage0_write_map(file) {
  Stage_write_proc(STAGE0, file, has_tool);
  if :: !written -> Stage0_run_id_map_tool() :: written fi;
  written = false
}
inline Stage0_map_ids() {
  CHECKPOINT(stage0_mapping);
  LOCAL { if :: Stage0_deny_setgroups() :: true fi; written = false };
  Stage0_write_map(E_openat2_uid_map);
  Stage0_write_map(E_openat2_gid_map);
  maps_written = true;
  CHECKPOINT(stage0_mapped);
  Stage0_done(B_tell_maps_done)
}
inline Stage0_set_time_offsets() {
  LOCAL { Stage_write_proc(STAGE0, E_openat2_timens_offsets, false); written = false; offsets_set = true };
  CHECKPOINT(stage0_offsets_set);
  Stage0_done(B_tell_offsets_done)
}
inline Stage0_open_mount_sources() {
  LOCAL {
    Stage_open_procfs(STAGE0);
    ALSO(STAGE0, E_openat_namespace, "open");
    ALSO(STAGE0, E_fstatfs, "open");
    ALSO(STAGE0, E_openat_namespace, "open");
    ALSO(STAGE0, E_fstatfs, "open");
    CALL(STAGE0, E_setns, "setns");
    sent = 0
  };
  do
  :: sent < sources ->
     LOCAL {
       ALSO(STAGE0, E_openat_source, "open mount source");
       CALL(STAGE0, E_sendmsg, "sendmsg");
       SEND0(B_tell_source, kDone, goto failed);
       sent++
     }
  :: sent == sources -> break
  od;
  LOCAL { CALL(STAGE0, E_setns, "setns"); sent = 0; sources_closed = true };
  CHECKPOINT(stage0_sources_sent);
  Stage0_done(B_tell_sources_done)
}
inline Stage0_run() {
  CHECKPOINT(stage0_created_stage1);
  do
  :: Stage_listen0(B_wait_requests);
     if
     :: message == kMapIds -> Stage0_map_ids()
     :: message == kSetTimeOffsets -> Stage0_set_time_offsets()
     :: message == kOpenMountSources -> Stage0_open_mount_sources()
     :: message == kReady ->
        CHECKPOINT(stage0_ready);
        LOCAL { SYS(STAGE0, E_exit_group, exit); exits(STAGE0, 0); message = none };
        goto ended
     :: message == kFailed -> Stage_end_as_told(STAGE0); goto ended
     :: else -> FAIL("stages 1 and 2")
     fi
  od
}

proctype stage0() {
  mtype message = none, bytes = none;
  bool written, undisturbed;
  byte sent;
  {
    Nsexec_run();
    Stage0_run();
  failed:
    Stage_fail0(B_tell_failed_by_stage0);
  ended:
    skip
  } unless {
    atomic { state[STAGE0] == killed -> message = none; bytes = none; written = false; undisturbed = false; sent = 0 }
  }
}

/* The tool's process: a copy of stage 0 until it executes the tool. */
proctype tool() {
  {
    if
    :: WORKS(TOOL, E_execve, execve);
       LOCAL {
         if :: KEPT(B_close_by_tool) -> d_step { close_end0(TOOL) } :: !KEPT(B_close_by_tool) fi;
         PROPERTY(Pnothing_open, ((end0 | end1) & BIT(TOOL)) == 0)
       };
       if
       :: exits(TOOL, 0)
       :: may_fail -> cause(); exits(TOOL, 1)
       /* It does not end. Once nothing else can happen, it ends by itself if nobody has to end it. */
       :: may_fail ->
          timeout;
          PROPERTY(Pno_one_left, unwatched || state[STAGE0] != alive || (end_parent != 0 && end1 != 0));
          cause();
          exits(TOOL, 1)
       fi
    :: LOCAL { FAILS_ANYHOW(TOOL, E_execve); cause(); exec_error = true };
       LOCAL { SYS(TOOL, E_exit_group, exit); exits(TOOL, 1) }
    fi
  } unless {
    state[TOOL] == killed
  }
}

/* ---- Stage 1: stub/stage1.cpp ---- */

inline Stage1_become_root() {
  LOCAL {
    CALL(STAGE1, E_setresuid, "setresuid 0");
    Stage_set_dumpable(STAGE1)
  }
}
inline Stage1_join_one(may_be_refused) {
  if
  :: may_be_refused -> REFUSED(STAGE1, E_setns)
  :: WORKS(STAGE1, E_setns, setns)
  :: CALL_FAILS(STAGE1, E_setns, "setns")
  :: WORKS(STAGE1, E_setns, user_namespace); Stage1_become_root()
  fi
}
inline Stage1_join_others(may_be_refused) {
  ANY_NUMBER(tried = true; Stage1_join_one(may_be_refused))
}
inline Stage1_join_namespaces() {
  LOCAL {
    ANY_NUMBER(tried = true; CALL(STAGE1, E_openat_namespace, "open namespace"));
    CHECKPOINT(stage1_opened);
    Stage1_join_others(true);
    ANY_NUMBER(tried = true; Stage1_join_one(false); Stage1_join_others(true));
    Stage1_join_others(false);
    tried = false;
    CHECKPOINT(stage1_joined)
  }
}
inline Stage1_expect_done() {
  if
  :: message == kFailed -> Stage_end_as_told(STAGE1); goto ended
  :: message != kFailed && message != kDone -> FAIL("stage 0")
  :: message == kDone
  fi
}
#define ASK(place_told, place_waited, what) TELL1(place_told, what); Stage_listen1(place_waited); Stage1_expect_done()
inline Stage1_create_user_namespace() {
  LOCAL {
    CALL(STAGE1, E_unshare, "unshare user");
    CHECKPOINT(stage1_unshared_user);
    Stage_set_dumpable(STAGE1)
  };
  ASK(B_tell_map_ids, B_wait_maps, kMapIds);
  PROPERTY(Porder, maps_written);
  Stage1_become_root();
  CHECKPOINT(stage1_mapped)
}
inline Stage1_create_other_namespaces() {
  LOCAL {
    ANY_NUMBER(tried = true; REFUSED(STAGE1, E_unshare));
    tried = false;
    if
    :: WORKS(STAGE1, E_unshare, unshare)
    :: CALL_FAILS(STAGE1, E_unshare, "unshare")
    :: true /* none */
    fi
  }
}
inline Stage1_receive_mount_sources() {
  TELL1(B_tell_open_sources, kOpenMountSources);
  do
  :: sources_received < sources ->
     LOCAL {
       CALL(STAGE1, E_recvmsg, "recvmsg");
       if
       :: d_step { reset1 && KEPT(B_wait_source) -> reset1 = false }; goto failed
       :: !reset1 && KEPT(B_wait_source) -> receive1(STAGE1)
       :: !KEPT(B_wait_source) -> message = kDone
       fi
     };
     LOCAL {
       Stage1_expect_done();
       CALL(STAGE1, E_dup3, "dup3");
       sources_received = sources_received + KEPT(B_wait_source)
     }
  :: sources_received == sources || !KEPT(B_wait_source) -> break
  od;
  Stage_listen1(B_wait_sources);
  Stage1_expect_done();
  PROPERTY(Porder, sources_closed);
  CHECKPOINT(stage1_sources_received)
}
inline Stage1_create_stage2() {
  CHECKPOINT(stage1_created_stage2);
  CHECKPOINT(stage1_creating_stage2);
  LOCAL {
    PROPERTY(Porder, offsets_set == has_offsets && sources_received == sources && maps_written == has_user);
    if
    :: WORKS(STAGE1, E_clone, clone_and_exit)
    :: if :: REFUSED(STAGE1, E_clone) :: true fi;
       ALSO(STAGE1, E_mmap, "mmap");
       if :: WORKS(STAGE1, E_clone, clone_and_exit) :: CALL_FAILS(STAGE1, E_clone, again) fi
    :: CALL_FAILS(STAGE1, E_clone, "clone stage 2")
    fi;
    atomic {
      message = none;
      state[STAGE2] = alive;
      end1 = end1 | BIT(STAGE2);
      end_stub = end_stub | BIT(STAGE2);
      run stage2()
    }
  };
  LOCAL { SYS(STAGE1, E_exit_group, exit_of_clone); exits(STAGE1, 0) };
  goto ended
}
inline Stage1_run() {
  CHECKPOINT(stage1_started);
  if :: has_joins -> Stage1_join_namespaces() :: !has_joins fi;
  if :: has_user -> Stage1_create_user_namespace() :: !has_user fi;
  Stage1_create_other_namespaces();
  CHECKPOINT(stage1_unshared);
  if :: has_offsets -> ASK(B_tell_offsets, B_wait_offsets, kSetTimeOffsets) :: !has_offsets fi;
  if :: sources != 0 -> Stage1_receive_mount_sources() :: sources == 0 fi;
  Stage1_create_stage2()
}

proctype stage1() {
  mtype message = none;
  bool tried; /* spin allows no loop that does nothing */
  {
    LOCAL {
      SYS(STAGE1, E_close_channel, close);
      if :: KEPT(B_close_by_stage1) -> d_step { close_end0(STAGE1) } :: !KEPT(B_close_by_stage1) fi
    };
    Stage1_run();
  failed:
    Stage_fail12(STAGE1, B_tell_failed_by_stage1);
  ended:
    skip
  } unless {
    atomic { state[STAGE1] == killed -> message = none; tried = false }
  }
}

/* ---- Stage 2: stub/stage2.cpp ---- */

inline Stage2_send_pid_line() {
  LOCAL {
    CALL(STAGE2, E_send_pid_line, "send to init pipe");
    if
    :: end_parent == 0 -> goto failed
    :: d_step { end_parent != 0 && KEPT(B_pid_line) -> to_parent!pid_line; pid_line_sent = true }
    :: end_parent != 0 && !KEPT(B_pid_line)
    fi
  }
}
inline Stage2_set_ids() {
  LOCAL {
    ALSO(STAGE2, E_setsid, "setsid");
    own_session = true;
    ALSO(STAGE2, E_setuid, "setuid 0");
    CALL(STAGE2, E_setgid, "setgid 0");
    if :: CALL(STAGE2, E_setgroups, "setgroups (none)") :: true fi
  }
}
inline Stage2_create_cgroup_namespace() {
  if
  :: cgroup_later == 2 ->
     LOCAL {
       CALL(STAGE2, E_read_told, "read init pipe");
       if
       :: KEPT(B_wait_told) && nempty(to_stub) -> to_stub?bytes
       :: KEPT(B_wait_told) && empty(to_stub) && end_parent == 0 -> bytes = none
       :: !KEPT(B_wait_told) -> bytes = told
       fi
     };
     if :: bytes != told -> FAIL("create cgroup namespace") :: bytes == told fi;
     PROPERTY(Porder, placed)
  :: cgroup_later != 2
  fi;
  if :: cgroup_later != 0 -> CALL(STAGE2, E_unshare, "unshare cgroup") :: cgroup_later == 0 fi
}
/* And the destructors of the channel and the message. */
inline Stage2_give_back() {
  LOCAL {
    SYS(STAGE2, E_close_channel, close);
    if :: KEPT(B_close_by_stage2) -> d_step { close_end1(STAGE2) } :: !KEPT(B_close_by_stage2) fi
  }
}
inline Stage2_run() {
  CHECKPOINT(stage2_started);
  Stage2_send_pid_line();
  CHECKPOINT(stage2_pids_sent);
  Stage2_set_ids();
  Stage2_create_cgroup_namespace();
  CHECKPOINT(stage2_set_up);
  LOCAL { Stage_set_dumpable(STAGE2); set_up = true };
  TELL2(B_tell_ready, kReady);
  CHECKPOINT(stage2_ready_sent);
  Stage2_give_back()
}
/* The program at the real entry point. */
inline program() {
  atomic {
    PROPERTY(Ppid_line, pid_line_sent);
    PROPERTY(Pverdict, set_up && ready_sent);
    PROPERTY(Pnothing_open, ((end0 | end1) & BIT(STAGE2)) == 0);
    handed_over = true
  };
  if
  :: end_parent != 0 -> to_parent!output
  :: true
  fi;
  exits(STAGE2, 0)
}

proctype stage2() {
  mtype message = none, bytes = none;
  {
    Stage2_run();
    program();
    goto ended;
  failed:
    Stage_fail12(STAGE2, B_tell_failed_by_stage2);
  ended:
    skip
  } unless {
    atomic { state[STAGE2] == killed -> message = none; bytes = none }
  }
}

/* ---- The parent: docs/protocol.md, parent/start.cpp, parent/container.cpp ---- */

inline parent_sends(place, what) {
  if
  :: end_parent == 0 || end_stub == 0 || !KEPT(place)
  :: end_parent != 0 && end_stub != 0 && KEPT(place) -> to_stub!what
  fi
}
/* Waits for bytes, the end of the file, or until it closes the pipe itself. */
inline parent_reads() {
  if
  :: end_parent != 0 && nempty(to_parent) -> to_parent?bytes
  :: end_parent != 0 && empty(to_parent) && end_stub == 0 -> bytes = none
  :: end_parent == 0 -> bytes = none
  fi
}
inline parent_sends_message() {
  if
  :: parent_sends(B_header, header); parent_sends(B_rest, rest)
  :: !has_joins && !has_user && sources == 0 -> parent_sends(B_header, header_alone)
  :: may_fail -> cause(); parent_sends(B_header, wrong_header); parent_sends(B_rest, rest)
  :: may_fail -> cause(); parent_sends(B_header, header); parent_sends(B_rest, wrong_rest)
  fi
}
/* SIGKILL to stage 0's process group, which stage 2 leaves by setsid. */
inline kill_group() {
  kill(STAGE0);
  if :: state[STAGE1] != absent && !reaped[STAGE1] -> kill(STAGE1) :: else fi;
  if :: state[STAGE2] != absent && !reaped[STAGE2] && !own_session -> kill(STAGE2) :: else fi;
  if :: state[TOOL] == alive -> kill(TOOL) :: else fi
}
/* nsexec_parent_set_up(). runc does the same, but kills nobody here. */
inline parent_runs() {
  bytes = none;
  if
  :: has_ready_byte ->
     if
     :: parent_reads(); /* as runc does */
        if :: bytes == ready_byte -> parent_sends_message() :: bytes != ready_byte fi
     :: parent_sends_message(); parent_reads() /* as the library does */
     fi
  :: !has_ready_byte -> parent_sends_message()
  fi;
  if
  :: has_ready_byte && bytes != ready_byte -> bytes = none
  :: else ->
     if
     :: KEPT(B_wait_line) -> d_step { parent_reads(); knows_pids = bytes == pid_line }
     :: !KEPT(B_wait_line) -> bytes = pid_line
     fi
  fi;
  if
  :: bytes == pid_line ->
     placed = KEPT(B_wait_line);
     if :: cgroup_later == 2 -> parent_sends(B_told, told) :: cgroup_later != 2 fi;
     if :: KEPT(B_wait_stage1) && KEPT(B_wait_line) -> reap(STAGE1) :: else fi
  :: bytes != pid_line ->
     PROPERTY(Ppid_line, bytes == none);
     if
     :: kills -> atomic { kill_group() } /* stub_failed() */
     :: !kills
     fi
  fi;
  if
  :: KEPT(B_wait_stage0) -> reap(STAGE0)
  :: !KEPT(B_wait_stage0)
  fi;
  PROPERTY(Pverdict, state[STAGE0] != alive);
  do
  :: bytes != none -> parent_reads(); PROPERTY(Ppid_line, bytes == none || bytes == output)
  :: bytes == none -> break
  od;
  if :: knows_pids -> reap(STAGE2) :: !knows_pids fi;
  if :: knows_pids && !reaped[STAGE1] && KEPT(B_wait_stage1) -> reap(STAGE1) :: else fi
}
/* nsexec_parent_kill() */
inline parent_kills() {
  if
  :: !reaped[STAGE0] ->
     atomic { kill_group() };
     atomic {
       do
       :: !knows_pids && end_parent != 0 && nempty(to_parent) -> to_parent?bytes; knows_pids = bytes == pid_line
       :: knows_pids || end_parent == 0 || empty(to_parent) -> break
       od
     };
     reap(STAGE0);
     if :: state[STAGE1] != absent && !reaped[STAGE1] -> reap(STAGE1) :: else fi;
     if :: state[STAGE2] != absent && !reaped[STAGE2] && !own_session -> reap(STAGE2) :: else fi
  :: reaped[STAGE0]
  fi;
  if :: knows_pids && !reaped[STAGE1] -> kill(STAGE1); reap(STAGE1) :: else fi;
  if :: knows_pids && !reaped[STAGE2] -> kill(STAGE2); reap(STAGE2) :: else fi;
  PROPERTY(Pno_one_left, state[STAGE0] != alive && state[STAGE1] != alive && state[STAGE2] != alive)
}

proctype parent() {
  mtype bytes = none;
  {
    {
      if :: KEPT(B_close_by_parent) -> end_stub = end_stub & ~BIT(PARENT) :: !KEPT(B_close_by_parent) fi;
      parent_runs();
      exits(PARENT, 0)
    } unless {
      kill_wanted && state[PARENT] == alive;
      parent_kills();
      exits(PARENT, 0)
    }
  } unless {
    atomic { state[PARENT] == killed -> bytes = none }
  }
}

/* ---- What may happen at any time ---- */

inline environment_kills(process) { atomic { may_fail && state[process] == alive -> cause(); kill(process) } }

proctype environment() {
  do
  :: environment_kills(PARENT)
  :: environment_kills(STAGE0)
  :: environment_kills(STAGE1)
  :: environment_kills(STAGE2)
  :: environment_kills(TOOL)
  :: d_step { may_fail && !kills && (end_parent & BIT(PARENT)) -> end_parent = 0; cause() }
  :: kills && !kill_wanted -> d_step { kill_wanted = true; cause() }
  :: break
  od
}

#define IMPLIES(a, b) (!(a) || (b))
#define ENDED0(with) (state[STAGE0] == exited && status[STAGE0] == with)

c_code {
  static int setting(const char* name) { return getenv(name) ? atoi(getenv(name)) : 0; }
};

init {
  atomic {
    c_code {
      has_joins = setting("JOINS");
      has_user = setting("USER_NAMESPACE");
      has_tool = setting("TOOL");
      has_offsets = setting("OFFSETS");
      has_ready_byte = setting("READY_BYTE");
      sources = setting("SOURCES");
      cgroup_later = setting("CGROUP_LATER");
      disturbances = setting("DISTURBANCES");
      kills = setting("KILLS");
      left_out = setting("LEFT_OUT");
    };
    state[PARENT] = alive;
    state[STAGE0] = alive;
    end_parent = BIT(PARENT);
    end_stub = BIT(STAGE0) | BIT(PARENT);
    run parent();
    run stage0();
    run environment()
  };
#ifdef TRACE
  c_code { read_trace(); };
  ADVANCE;
#endif
  /* If this is not reached, somebody waits for ever: an invalid end state. */
  atomic {
    state[PARENT] != alive && state[STAGE0] != alive && state[STAGE1] != alive && state[STAGE2] != alive &&
      state[TOOL] != alive;

    PROPERTY(Pverdict, IMPLIES(ENDED0(0), ready_sent && set_up && pid_line_sent));
    PROPERTY(Pverdict, IMPLIES(ready_sent && state[STAGE0] == exited && !listening, ENDED0(0)));
    PROPERTY(Pverdict, IMPLIES(ENDED0(1), !handed_over || listening));
    PROPERTY(Precords, IMPLIES(ENDED0(0), records == 0));
    PROPERTY(Precords, IMPLIES(ENDED0(1), records >= 1));
    PROPERTY(Precords, records <= causes);
    PROPERTY(Preaped, IMPLIES(state[PARENT] == exited, reaped[STAGE0]));
    PROPERTY(Preaped, IMPLIES(state[PARENT] == exited && knows_pids, reaped[STAGE1] && reaped[STAGE2]));
#ifdef TRACE
#define undisturbed (causes == 0) /* all causes are the trace's */
#else
#define undisturbed (disturbances == 0)
#endif
    PROPERTY(Psucceeds, !undisturbed || kill_wanted || (ENDED0(0) && handed_over && records == 0 && causes == 0))
  }
#ifdef TRACE
  ;
  if
  :: next_process == THE_END && next_event == records && next_result == (ENDED0(0) -> 0 : (ENDED0(1) -> 1 : 2)) ->
     PROPERTY(Paccepted, false)
  :: else
  fi
#endif
}
