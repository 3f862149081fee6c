"""Mutants of the stub: each leaves out one step or swaps two. Each must make a test fail.

A mutant has: a name; a file; the text to replace, which must occur exactly once; the replacement; and the tests to run first.
They are sorted by the sections of docs/protocol.md.
"""

STAGE0, STAGE1, STAGE2 = "stub/stage0.cpp", "stub/stage1.cpp", "stub/stage2.cpp"
NSEXEC, STAGE = "stub/nsexec.cpp", "stub/stage.cpp"
BY_CHILD, PROOF = "stub/seal/by_child.cpp", "stub/seal/proof.cpp"

SEALS = "SealingTest.*:BinaryTest.*:*SealedContainerTest.*:CveTest.*"

NAMESPACES = {"mnt": "NEWNS", "uts": "NEWUTS", "ipc": "NEWIPC", "net": "NEWNET", "pid": "NEWPID", "time": "NEWTIME",
              "cgroup": "NEWCGROUP"}

MUTANTS = [
    # The decision whether the process is an init.
    ("every-process-is-an-init", NSEXEC, "if (stub::is_init_process(stack)) stub::run", "stub::run", "ProtocolVariables.*"),
    ("no-process-is-an-init", NSEXEC, "if (stub::is_init_process(stack)) stub::run", "if (false) stub::run", "PidLine.*"),
    ("one-null-behind-the-environment", "stub/initial_stack.h", "    while (*entry == nullptr) ++entry;\n    return", "    return",
     "SetUserIdTest.*:InitialStack.*"),
    ("environment-of-a-set-user-id-program", "stub/environment.cpp", "stack.auxiliary_value(AT_SECURE) != 0 ? nullptr : ", "",
     "Environment.*:SetUserIdTest.*"),
    ("malformed-environment-taken", NSEXEC, "  check_environment();\n  Ladder", "  Ladder", "ProtocolVariables.*"),

    # The seal.
    ("no-seal", NSEXEC, "  Ladder(job_).run();\n", "", "SealingTest.*"),
    ("sealed-after-the-message", NSEXEC,
     "  Ladder(job_).run();\n  job_.libc_thread.remember();\n  if (job_.dialect.ready_byte) send_ready_byte();\n"
     '  checkpoint(job_, "nsexec:started");\n  read_message();\n',
     "  job_.libc_thread.remember();\n  if (job_.dialect.ready_byte) send_ready_byte();\n"
     '  checkpoint(job_, "nsexec:started");\n  read_message();\n  Ladder(job_).run();\n', "PidLine.NamesTwo*"),
    ("sealed-without-end", "stub/seal/ladder.cpp", "job_.environment.cloned_binary ? Errno{ELOOP} : execute_by(strategy)",
     "execute_by(strategy)", "SealingTest.*"),
    ("sealed-once-more", "stub/seal/ladder.cpp", 'return debug("sealed: ", proof);', "(void)proof;", "SealingTest.*"),
    ("seal-drops-the-environment", "stub/seal/ladder.cpp",
     "__builtin_memcpy(entries + 1, environment, count * sizeof(char*));", "entries[1] = nullptr;", "SealingTest.*"),
    ("seal-drops-arguments", "stub/seal/ladder.cpp", "job_.stack.argv(), entries, AT_EMPTY_PATH)", "job_.stack.argv() + 1, entries, AT_EMPTY_PATH)", "SealingTest.*"),
    ("seal-keeps-sigpipe-blocked", "stub/seal/ladder.cpp", "  job_.log.restore_signals();\n", "", "Handover.*:SealingTest.*"),
    ("detached-mount-writable", "stub/seal/mount.cpp",
     'const auto done = make_read_only(tree.get(), "", AT_EMPTY_PATH);',
     "const sys::Result<void> done{};", SEALS),
    ("detached-tree-stays-open", "stub/seal/mount.cpp", 'return sys::open_tree(tree.get(), "", AT_EMPTY_PATH);',
     'Result<Fd> again = sys::open_tree(tree.get(), "", AT_EMPTY_PATH);\n  (void)const_cast<Fd&>(tree).release();\n  return again;', "OrderTest.*"),
    ("by-child-another-file", BY_CHILD, "  return require_running_binary(namespaces == CLONE_NEWNS ? bind(path.text)\n"
     "                                                          : mount_detached(path.text));",
     "  return namespaces == CLONE_NEWNS ? bind(path.text) : mount_detached(path.text);", SEALS + ":StateDirectoryTest.*"),
    ("by-child-not-reaped", BY_CHILD, "  (void)sys::wait(child.value(), __WALL);\n", "", SEALS),
    ("by-child-dumpable", BY_CHILD, "  if (done) done = Result<void>::of(sys::prctl(PR_SET_DUMPABLE, 0).release());\n", "", "DumpableTest.*"),
    ("bind-mount-writable", BY_CHILD, "MS_BIND | MS_REMOUNT | MS_RDONLY", "MS_BIND | MS_REMOUNT", SEALS),
    ("bind-mount-that-may-fail", BY_CHILD, "  if (done) return bound;\n", "  return bound;\n", SEALS),
    ("bind-mount-propagated", BY_CHILD, 'sys::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);',
     'sys::mount(nullptr, "/", nullptr, MS_REC | 1 << 20, nullptr);', "StateDirectoryTest.*"),
    ("bind-mount-in-the-hosts-namespace", BY_CHILD, "  if (done) done = sys::unshare(namespaces);\n",
     "  if (done && namespaces != CLONE_NEWNS) done = sys::unshare(namespaces);\n", "StateDirectoryTest.*:SealingTest.*"),
    # The overlay's own read-only flag has no mutant: the kernel makes an overlay without an upper
    # layer read-only by itself.
    ("overlay-of-another-file", "stub/seal/overlay.cpp",
     "return require_running_binary(sys::openat(mount.get(), binary.name, O_PATH | O_NOFOLLOW), true);",
     "return sys::openat(mount.get(), binary.name, O_PATH | O_NOFOLLOW);", SEALS),
    ("memfd-not-sealed", "stub/seal/copies.cpp", "return finish_copy(created, {.seals = kSeals});", "return finish_copy(created);", SEALS),
    ("copies-can-be-linked", "stub/seal/copies.cpp", "O_TMPFILE | O_EXCL | O_RDWR", "O_TMPFILE | O_RDWR", "StateDirectoryTest.*"),
    ("unlinked-file-by-default", "stub/seal/ladder.cpp", "      return Errno{EOPNOTSUPP};  //", "      return seal::tmpfile(job);  //",
     "StateDirectoryTest.*:SealingTest.*"),
    ("copies-cut-short", "stub/seal/files.cpp", "while (done > 0) done", "if (done > 0) done", SEALS),
    ("copies-writable", "stub/seal/files.cpp", "  if (done == 0) done = sys::fchmod(copy.get(), 0500).release();\n", "", SEALS),
    ("proof-takes-the-variable", "stub/seal/proof.cpp", "if (!sys::statfs(kSelf, file_system)) return nullptr;",
     'if (copied) return "told";\n  if (!sys::statfs(kSelf, file_system)) return nullptr;', "SealingTest.*"),
    ("proof-takes-read-only-mounts", PROOF, "  if (answer) return false;  // its", "  // its", SEALS + ":ProofTest.*"),
    ("proof-takes-files-with-a-path", PROOF, "if (!path.read() || path.name != path.text) return false;", "if (!path.read()) return false;", SEALS + ":*OverlayRootTest.*"),
    ("proof-takes-stacked-mounts", PROOF, "    if (error == 0) return false;\n", "", "*StackedTest.*"),
    ("proof-takes-read-only-file-systems", PROOF, "if (error == EINVAL && written.error() == ETXTBSY) return true;",
     "if (error == EINVAL) return true;", "ProofTest.*"),
    ("proof-takes-overlays", PROOF, "  if (!copied) return false;\n", "", "ProofTest.*"),
    ("proof-takes-our-root", PROOF, "written.error() == EROFS && !is_on_our_root()", "written.error() == EROFS", SEALS),
    ("proof-never", PROOF, "if (error == EINVAL && written.error() == ETXTBSY) return true;", "", "ProofTest.*"),
    ("medium-of-any-type", "stub/seal/medium.h", "== magic) return true;", "!= magic) return true;", SEALS),
    ("medium-never", PROOF, "is_read_only_medium(file_system)) return kMedium;", "false) return kMedium;", "MediumTest.*"),
    ("medium-in-any-list", PROOF, "!wants_other_file && ", "", "MediumTest.*"),
    ("verity-by-any-answer", PROOF, ".error() == EOVERFLOW;", ".error() != 0;", "BinaryTest.*Verity*"),
    ("unknown-number-runs-unsealed", "stub/seal/ladder.cpp", "strategy = NSEXEC_SEAL_UNLINKED_FILE;", "strategy = NSEXEC_SEAL_NONE;",
     "BinaryTest.AnUnknown*"),
    ("no-path-where-the-fd-is-refused", "stub/seal/ladder.cpp", "  return sys::execve(FdPath(fd.get()).c_str(), job_.stack.argv(), entries);",
     "  return Errno{ENOENT};", "SealingTest.ExecutesByThePath*"),
    ("supervisor-ignores-seal", "tools/nsrun/system/supervised.cpp",
     "  if (parse_options(argv).seal > NSEXEC_SEAL_DETACHED_MOUNT) return false;\n", "", "NsrunSupervisorTest.*"),
    ("supervisor-ignores-args", "tools/nsrun/system/supervised.cpp",
     "    if (reader.option().id == OptionId::kArgs) return false;\n", "", "NsrunSupervisorTest.*"),
    ("missing-namespaces-not-named", "tools/nsrun/container/namespaces.cpp", "  require_kernel_if_invalid(options, made.error());\n", "",
     "NsrunSmallSystemTest.*"),
    ("nsrun-seals-on-a-medium", "tools/nsrun/host/seal.cpp", "  if (needs_no_seal()) return stub::seal::kMedium;\n", "", "MediumTest.*"),
    ("proof-takes-unsealed-memfds", "stub/seal/proof.cpp", "bool unwritable = (seals & (kError | kSeals)) == kSeals;", "bool unwritable = true;", SEALS),

    # The message.
    ("no-ready-byte", NSEXEC, "  if (job_.dialect.ready_byte) send_ready_byte();\n", "", "ReadyByte.*"),
    ("ready-byte-after-the-message", NSEXEC,
     '  if (job_.dialect.ready_byte) send_ready_byte();\n  checkpoint(job_, "nsexec:started");\n  read_message();\n',
     '  checkpoint(job_, "nsexec:started");\n  read_message();\n  if (job_.dialect.ready_byte) send_ready_byte();\n', "ReadyByte.*"),
    ("malformed-header-taken", NSEXEC, "if (!parser.header(header)) fail(parser.malformed());", "(void)parser.header(header);", "Message.*"),
    ("malformed-attributes-taken", NSEXEC, "if (!parser.attributes({reinterpret_cast<char*>(rest.data), size}) ||",
     "(void)parser.attributes({reinterpret_cast<char*>(rest.data), size});\n  if (", "Message.*"),
    ("mount-fds-unchecked", NSEXEC, " ||\n      (kHasMountSources && !parser.mount_fds(job_.environment.mount_fds))) {", ") {", "MountSourcesTest.*"),
    ("message-after-oom-score", NSEXEC, '  read_message();\n  checkpoint(job_, "nsexec:message-read");\n',
     '  write_proc("/proc/self/oom_score_adj", "77");\n  read_message();\n  checkpoint(job_, "nsexec:message-read");\n', "Message.*:Costs.*"),
    ("short-message-taken", NSEXEC, 'if (size < bytes.size) fail("bootstrap message", nullptr, "end of file");', "(void)size;", "Message.*"),

    # Before the stages are created.
    ("no-oom-score", NSEXEC, '  if (oom_score_adj != nullptr) write_proc("/proc/self/oom_score_adj", oom_score_adj);\n', "  (void)oom_score_adj;\n",
     "IdentityTest.*"),
    ("oom-score-after-dumpability", NSEXEC,
     '  if (oom_score_adj != nullptr) write_proc("/proc/self/oom_score_adj", oom_score_adj);\n  hide();\n',
     '  hide();\n  if (oom_score_adj != nullptr) write_proc("/proc/self/oom_score_adj", oom_score_adj);\n', "IdentityTest.*"),
    ("dumpable-in-the-container", NSEXEC, "  hide();\n  run_stages", "  run_stages", "IdentityTest.*:*SealedContainerTest.*"),
    ("dumpable-after-joining", NSEXEC, "  hide();\n  run_stages();", "  run_stages();\n  hide();", "IdentityTest.*:OrderTest.*"),
    ("dumpable-owner", NSEXEC, "  job_.hidden = job_.joins() || privileged;", "  job_.hidden = job_.joins();\n  (void)privileged;", "DumpableTest.*"),
    ("never-dumpable", NSEXEC, "  job_.hidden = job_.joins() || privileged;", "  job_.hidden = true;", "OrderTest.*:IdentityTest.*"),
    ("dumpable-for-the-maps-of-root", NSEXEC, "  job_.shown_for_maps = !privileged;", "  job_.shown_for_maps = true;", "DumpableTest.*:OrderTest.*"),
    ("not-dumpable-at-the-end", NSEXEC, "  job_.shown_at_the_end = !job_.joins() &&", "  job_.shown_at_the_end = false &&", "DumpableTest.*"),
    ("dumpable-at-the-end-though-joined", NSEXEC, "  job_.shown_at_the_end = !job_.joins() &&", "  job_.shown_at_the_end =", "IdentityTest.*"),
    ("dumpable-at-the-end-though-not-before", NSEXEC, "sys::prctl(PR_GET_DUMPABLE, 0).release() == 1", "true", "DumpableTest.*"),
    ("dumpable-with-other-ids", STAGE1, "  if ((sys::geteuid() | sys::getegid()) != 0) job_.shown_at_the_end = false;\n", "", "DumpableTest.*"),
    ("dumpable-by-other-ids", STAGE1, "  check_root(sys::setresuid(0, 0, 0), \"setresuid 0\");\n  set_dumpable(false);", "  check_root(sys::setresuid(0, 0, 0), \"setresuid 0\");",
     "OrderTest.*:DumpableTest.*"),
    ("dumpable-by-other-groups", STAGE2, "  set_dumpable(job_.shown_at_the_end);\n", "  if (job_.shown_at_the_end) set_dumpable(true);\n", "OrderTest.*"),
    ("stage1-has-another-parent", NSEXEC, "kFlags = CLONE_PARENT | CLONE_CHILD_SETTID", "kFlags = SIGCHLD | CLONE_CHILD_SETTID", "PidLine.*"),
    ("stage0-keeps-both-ends", NSEXEC, "    pair.second.reset();\n", "", "*DeathTest.*:HostileTest.*"),
    ("stage1-keeps-both-ends", NSEXEC, "  pair.first.reset();\n", "", "Handover.*:SealingTest.*:*DeathTest.*"),
    ("stages-keep-their-name", STAGE, "  if (name[0] != '\\0') (void)sys::prctl(PR_SET_NAME, name);\n", "  (void)name;\n", "Stages.*"),
    ("stage0-without-name", STAGE0, "  enter(0);\n", "  job_.log.enter_stage(0);\n", "Stages.*"),
    ("stage1-without-name", STAGE1, "  enter(1);\n", "  job_.log.enter_stage(1);\n", "Stages.*"),
    ("stage2-without-name", STAGE2, "  enter(2);\n", "  job_.log.enter_stage(2);\n", "Stages.*:IdentityTest.*"),

    # Joining.
    ("joins-nothing", STAGE1, "  if (job_.joins()) join_namespaces();\n", "", "NamespaceTest.*"),
    ("opened-one-by-one", STAGE1,
     '                     wanted.text);\n    wanted = wanted.next();',
     '                     wanted.text);\n    if (entry.flag == CLONE_NEWNS) join_one(entry, false);\n'
     "    wanted = wanted.next();", "NamespaceTest.*"),
    ("fifo-waited-for", STAGE1, "O_RDONLY | O_NONBLOCK | O_NOCTTY", "O_RDONLY | O_NOCTTY", "Join.*"),
    ("refusal-is-final", STAGE1, "join_one(entry, may_be_refused);", "join_one(entry, false);", "NamespaceTest.*:Join.*"),
    ("refusal-is-fine", STAGE1, "  join_others(namespaces, false);\n", "  join_others(namespaces, true);\n", "NamespaceTest.*:Join.*"),
    ("no-first-pass", STAGE1, '  join_others(namespaces, true);\n  for (', "  for (", "NamespaceTest.*:Join.*"),
    ("no-user-namespace-joined", STAGE1, "    if (entry.flag != CLONE_NEWUSER) continue;\n", "    continue;\n", "*EachNamespace.*"),
    ("nothing-joined-in-between-user-namespaces", STAGE1,
     "    join_one(entry, false);\n    join_others(namespaces, true);\n", "    join_one(entry, false);\n", "IdentityTest.*"),
    ("not-root-in-the-joined", STAGE1,
     '  if (entry.flag == CLONE_NEWUSER) become_root();\n', "", "Join.*:NamespaceTest.*:OrderTest.*"),

    # Creating.
    ("no-user-namespace", STAGE1, "  if (job_.creates(CLONE_NEWUSER)) create_user_namespace();\n", "", "*EachNamespace.*"),
    ("user-namespace-after-the-others", STAGE1, "  if (job_.creates(CLONE_NEWUSER)) create_user_namespace();\n  create_other_namespaces();\n",
     "  create_other_namespaces();\n  if (job_.creates(CLONE_NEWUSER)) create_user_namespace();\n", "NamespaceTest.*:IdentityTest.*"),
    ("user-namespace-with-the-others", STAGE1, 'check(sys::unshare(CLONE_NEWUSER), "unshare user");',
     'check(sys::unshare(job_.bootstrap.clone_flags), "unshare user");', "OrderTest.*:CgroupNamespace.*"),
    ("not-dumpable-for-the-maps", STAGE1, "  if (job_.shown_for_maps) set_dumpable(true);\n", "", "IdentityTest.*:OrderTest.*"),
    ("no-maps", STAGE1, "  ask(Message::kMapIds);\n", "", "IdentityTest.*"),
    ("maps-after-setresuid", STAGE1, "  ask(Message::kMapIds);\n", '  (void)sys::setresuid(0, 0, 0);\n  ask(Message::kMapIds);\n', "IdentityTest.*:MapToolTest.*"),
    ("not-root-in-the-created", STAGE1, "  become_root();\n", "", "IdentityTest.*:OrderTest.*"),
    ("unmapped-root-is-an-error", STAGE, "if (!(became.error() == EINVAL)) check", "check", "IdentityTest.*"),
    ("no-uid-map", STAGE0, '  write_map("uid_map", wanted.uid_map, wanted.uid_map_tool);\n', "", "IdentityTest.*"),
    ("no-gid-map", STAGE0, '  write_map("gid_map", wanted.gid_map, wanted.gid_map_tool);\n', "", "IdentityTest.*"),
    ("gid-map-before-uid-map", STAGE0,
     '  write_map("uid_map", wanted.uid_map, wanted.uid_map_tool);\n  write_map("gid_map", wanted.gid_map, wanted.gid_map_tool);\n',
     '  write_map("gid_map", wanted.gid_map, wanted.gid_map_tool);\n  write_map("uid_map", wanted.uid_map, wanted.uid_map_tool);\n',
     "MapToolTest.*:OrderTest.*"),
    ("setgroups-not-denied", STAGE0, "  if (wanted.rootless && !wanted.setgroups) deny_setgroups();\n", "", "IdentityTest.*"),
    ("setgroups-always-denied", STAGE0, "if (wanted.rootless && !wanted.setgroups) deny_setgroups();", "deny_setgroups();", "IdentityTest.*"),
    ("setgroups-denied-after-the-maps", STAGE0,
     "  if (wanted.rootless && !wanted.setgroups) deny_setgroups();\n"
     '  write_map("uid_map", wanted.uid_map, wanted.uid_map_tool);\n  write_map("gid_map", wanted.gid_map, wanted.gid_map_tool);\n',
     '  write_map("uid_map", wanted.uid_map, wanted.uid_map_tool);\n  write_map("gid_map", wanted.gid_map, wanted.gid_map_tool);\n'
     "  if (wanted.rootless && !wanted.setgroups) deny_setgroups();\n", "IdentityTest.*"),
    ("setgroups-file-required", STAGE0, '"deny", ENOENT);', '"deny");', "IdentityTest.*"),
    ("map-tool-never", STAGE0, "const int tolerated = is_given(tool) ? EPERM : kNoErrno;", "const int tolerated = kNoErrno;", "MapToolTest.*"),
    ("map-tool-always", STAGE0, "if (!write_proc(file.c_str(), map, tolerated)) run_id_map_tool",
     "(void)tolerated;\n  if (is_given(tool) || !write_proc(file.c_str(), map, tolerated)) run_id_map_tool", "MapToolTest.*"),
    ("map-tool-status-ignored", "stub/id_map_tool.cpp", "if (ended.as_shell() != 0) {", "if (false) {", "MapToolTest.*"),
    ("map-tool-errno-ignored", "stub/id_map_tool.cpp", '  if (!(shared->exec_error == 0)) fail("execve", tool, shared->exec_error);\n', "",
     "MapToolTest.*"),
    ("map-tool-not-waited-for", "stub/id_map_tool.cpp", "const bool undisturbed = wait_for_tool(child);",
     "const bool undisturbed = true;", "MapToolTest.*"),
    ("map-tool-with-sigchld-ignored", "stub/id_map_tool.cpp", '  check(sys::reset_signal(SIGCHLD), "rt_sigaction");\n', "", "MapToolTest.*"),
    ("map-tool-with-sigpipe-blocked", "stub/id_map_tool.cpp", "    job_.log.restore_signals();\n", "", "MapToolTest.*"),
    ("map-tool-with-an-environment", "stub/id_map_tool.cpp", "shared->argv, &no_environment);",
     "shared->argv, (void(no_environment), job_.stack.environment()));", "MapToolTest.*"),
    ("nothing-unshared", STAGE1, "  create_other_namespaces();\n", "", "*EachNamespace.*"),
    ("einval-is-final", STAGE1, "tries < 6", "tries < 1", "Create.*"),
    ("einval-tried-for-ever", STAGE1, "tries < 6", "tries >= 0", "Create.*"),
    ("any-error-tried-again", STAGE1, "if (unshared || !(unshared.error() == EINVAL)) break;", "if (unshared) break;", "Create.*:OrderTest.*"),
    ("unshare-errors-ignored", STAGE1, 'check(unshared, "unshare", names.c_str() + 1);', "(void)unshared;", "Create.*"),
    ("no-time-offsets", STAGE1, "  if (is_given(job_.bootstrap.time_offsets)) ask(Message::kSetTimeOffsets);\n", "", "IdentityTest.*"),
    ("time-offsets-before-the-namespace", STAGE1,
     '  create_other_namespaces();\n  checkpoint(job_, "stage1:unshared");\n  if (is_given(job_.bootstrap.time_offsets)) ask(Message::kSetTimeOffsets);\n',
     '  if (is_given(job_.bootstrap.time_offsets)) ask(Message::kSetTimeOffsets);\n  create_other_namespaces();\n', "IdentityTest.*"),
    ("time-offsets-after-stage2", STAGE0, "  write_proc(file.c_str(), job_.bootstrap.time_offsets);\n", "  (void)file;\n", "IdentityTest.*"),

    # Mount sources.
    ("no-mount-sources", STAGE1, "  receive_mount_sources();\n", "", "MountSourcesTest.*"),
    ("mount-sources-of-the-host", STAGE0, '  check(sys::setns(theirs.get(), CLONE_NEWNS), "setns", file.c_str());\n', "", "MountSourcesTest.*:OrderTest.*"),
    ("stage0-stays-in-their-mounts", STAGE0, '  check(sys::setns(ours.get(), CLONE_NEWNS), "setns", kOurs);\n', "", "OrderTest.*:MountSourcesTest.*"),
    ("mount-sources-kept-at-exec", STAGE1, "reserved, O_CLOEXEC)", "reserved, 0)", "MountSourcesTest.*"),

    # Stage 2.
    ("stage2-has-another-parent", STAGE1, "kFlags = CLONE_PARENT | CLONE_PARENT_SETTID", "kFlags = CLONE_PARENT_SETTID", "PidLine.*"),
    ("memory-given-though-libc-runs", STAGE1, "return job_.libc_thread.is_absent() && !", "return !", "*HelloTest.*:*EmbedTest.*"),
    ("stage2-tried-again-on-any-error", STAGE1, "if (created.error() == EINVAL) {", "if (!created) {", "HostileTest.AControlGroup*"),
    ("memory-given-with-a-time-namespace", STAGE1, "return job_.libc_thread.is_absent() && !job_.creates(CLONE_NEWTIME);",
     "return job_.libc_thread.is_absent();", "IdentityTest.*:*EachNamespace.*"),
    ("no-pid-line", STAGE2, "  send_pid_line();\n", "", "PidLine.*"),
    ("pids-swapped", STAGE2, "(old ? stage2_ : stage1_);\n  line << (old ? \", \\\"pid_first\\\": \" : \",\\\"stage2_pid\\\":\") << (old ? stage1_ : stage2_)",
     "(old ? stage1_ : stage2_);\n  line << (old ? \", \\\"pid_first\\\": \" : \",\\\"stage2_pid\\\":\") << (old ? stage2_ : stage1_)", "PidLine.*"),
    ("pids-as-the-container-sees-them", STAGE2, "(old ? stage2_ : stage1_);", "(old ? sys::getpid() : stage1_);", "PidLine.*:*EachNamespace.*"),
    ("no-session", STAGE2, '  check(sys::setsid(), "setsid");\n', "", "IdentityTest.*"),
    ("no-setuid", STAGE2, '  check_root(sys::setuid(0), "setuid 0");\n', "", "IdentityTest.*:OrderTest.*"),
    ("no-setgid", STAGE2, '  check_root(sys::setgid(0), "setgid 0");\n', "", "IdentityTest.*:NsrunShellTest.ByOne*"),
    ("no-setgroups", STAGE2, '    check(sys::setgroups({}), "setgroups (none)");\n', "", "IdentityTest.*"),
    ("setgroups-unasked", STAGE2, "if (job_.bootstrap.setgroups && !job_.bootstrap.rootless) {", "if (!job_.bootstrap.rootless) {", "IdentityTest.*"),
    ("setgroups-rootless", STAGE2, "if (job_.bootstrap.setgroups && !job_.bootstrap.rootless) {", "if (job_.bootstrap.setgroups) {", "IdentityTest.*"),
    ("setgid-before-setuid", STAGE2, '  check_root(sys::setuid(0), "setuid 0");\n  check_root(sys::setgid(0), "setgid 0");\n',
     '  check_root(sys::setgid(0), "setgid 0");\n  check_root(sys::setuid(0), "setuid 0");\n', "OrderTest.*"),
    ("session-after-ids", STAGE2, '  check(sys::setsid(), "setsid");\n  check_root(sys::setuid(0), "setuid 0");\n  check_root(sys::setgid(0), "setgid 0");\n',
     '  check_root(sys::setuid(0), "setuid 0");\n  check_root(sys::setgid(0), "setgid 0");\n  check(sys::setsid(), "setsid");\n', "OrderTest.*"),
    ("setgroups-before-setgid", STAGE2,
     '  check_root(sys::setgid(0), "setgid 0");\n  if (job_.bootstrap.setgroups && !job_.bootstrap.rootless) {\n    check(sys::setgroups({}), "setgroups (none)");\n  }\n',
     '  if (job_.bootstrap.setgroups && !job_.bootstrap.rootless) {\n    check(sys::setgroups({}), "setgroups (none)");\n  }\n  check_root(sys::setgid(0), "setgid 0");\n',
     "OrderTest.*"),
    ("pid-line-after-ids", STAGE2, '  send_pid_line();\n  checkpoint(job_, "stage2:pids-sent");\n  set_ids();\n',
     "  set_ids();\n  send_pid_line();\n", "OrderTest.*"),
    ("no-late-cgroup-namespace", STAGE2, "  create_cgroup_namespace();\n", "", "CgroupNamespace.*"),
    ("cgroup-namespace-early", STAGE1, "if (job_.dialect.cgroup_namespace != Dialect::CgroupNamespace::kWithTheOthers) {", "if (false) {",
     "CgroupNamespace.*"),
    ("cgroup-namespace-unwaited", STAGE2, "if (job_.dialect.cgroup_namespace == Cgroup::kLastWhenToldTo) {", "if (false) {", "CgroupNamespace.*"),
    ("cgroup-namespace-at-any-byte", STAGE2, "if (byte != kCreateCgroupNamespace) {", "if (false) {", "CgroupNamespace.*"),
    ("ready-before-ids", STAGE2, '  set_ids();\n  create_cgroup_namespace();\n  checkpoint(job_, "stage2:set-up");\n'
     '  set_dumpable(job_.shown_at_the_end);\n  tell(Message::kReady, "stage 0");\n',
     '  tell(Message::kReady, "stage 0");\n  set_ids();\n  create_cgroup_namespace();\n'
     '  checkpoint(job_, "stage2:set-up");\n', "Stages.*:OrderTest.*"),
    ("never-ready", STAGE2, '  tell(Message::kReady, "stage 0");\n', "", "PidLine.*"),
    ("ready-for-nobody", STAGE2, 'tell(Message::kReady, "stage 0");', "(void)channel_.send(Message::kReady);", "*DeathTest.*"),
    ("channel-left-open", STAGE2, "  give_back();\n", "  give_back();\n  (void)sys::fcntl(channel_.fd(), F_DUPFD, 30);\n",
     "Handover.*:SealingTest.*"),
    ("message-left-mapped", "syscalls/memory.h", "~Mapping() { reset(); }", "~Mapping() {}", "Handover.*:SealingTest.*"),
    ("libc-thread-lost", STAGE2, "  job_.libc_thread.restore();\n", "", "*HelloTest.*:*EmbedTest.*"),
    ("signal-mask-lost", STAGE2, "  job_.log.restore_signals();\n", "", "Handover.*:SealingTest.*"),

    # The end of a start.
    ("failure-is-success", STAGE, "  sys::exit(kExitFailed);\n}\n\nFd Stage::open_procfs", "  sys::exit(kExitDone);\n}\n\nFd Stage::open_procfs", "Failing.*:Message.*"),
    ("failure-untold", STAGE, "  (void)channel_.send(Message::kFailed);  // EBADF before there is a peer\n", "", "Failing.*:Log.*"),
    ("stage0-succeeds-when-told-of-failure", STAGE0, "end_as_told();", "sys::exit(kExitDone);", "Failing.*:Create.*"),
    ("stage0-succeeds-when-left-alone", STAGE0, 'fail_alone("stages 1 and 2");', "sys::exit(kExitDone);", "*Death*"),
    ("stage1-goes-on-when-left-alone", STAGE1, '  if (answer != Message::kDone) fail_alone("stage 0");\n', "", "*Death*"),
    ("foreign-proc-taken", "stub/procfs.cpp", "static_cast<unsigned long>(status.f_type) == magic", "(magic != 0)", "IdentityTest.*"),
    ("mounts-over-proc-taken", "stub/procfs.cpp", "RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS", "0", "IdentityTest.*"),
]

# What nsrun does in place of the stub when it makes a container by one clone.
HOST, CONTAINER, ONE_CLONE = "tools/nsrun/host", "tools/nsrun/container", "NsrunShellTest.*:NsrunTest.*:CveTest.*"
SEAL, CONFIGURE, HANDOVER = f"{HOST}/seal.cpp", f"{HOST}/configure.cpp", f"{CONTAINER}/handover.cpp"
IDS = f"{CONTAINER}/ids.cpp"
MUTANTS += [
    ("nsrun-without-seal", SEAL, "  if (options.seal == NSEXEC_SEAL_NONE) return \"none\";\n", "  return \"none\";\n", ONE_CLONE),
    ("nsrun-takes-the-variable-for-a-seal", SEAL, "return stub::seal::proof(0, true);", "return \"told\";", ONE_CLONE),
    ("nsrun-goes-by-a-number", SEAL, '    (void)sys::prctl(PR_SET_NAME, "nsrun");  // it may be named after the fd\n', "", ONE_CLONE),
    ("nsrun-without-uid-map", CONFIGURE, 'write_id_map(files, "uid_map", maps.uid.text());', "", ONE_CLONE),
    ("nsrun-without-gid-map", CONFIGURE, 'write_id_map(files, "gid_map", maps.gid.text());', "(void)maps;", ONE_CLONE),
    ("nsrun-without-oom-score-adj", CONFIGURE, '    if (sets_score) files.write("oom_score_adj", sys::Text::of(options.process.oom_score_adj));\n', "", ONE_CLONE),
    ("nsrun-without-session", f"{HOST}/launch_by_clone.cpp", '  check(sys::setsid(), "setsid");\n', "", ONE_CLONE),
    ("nsrun-keeps-signals-blocked", f"{CONTAINER}/container.cpp", "  handover.inherited.restore();\n", "", ONE_CLONE),
    ("nsrun-leaves-children-to-the-kernel", "tools/nsrun/common/signals.h",
     '    const auto of_children = check(sys::exchange_signal_action(SIGCHLD, {}), "rt_sigaction");\n',
     '    const auto of_children = check(sys::signal_action(SIGCHLD), "rt_sigaction");\n', "*EvenIfTheCallerIgnoresSigchld"),
    ("nsrun-namespaces-before-their-root", f"{CONTAINER}/namespaces.cpp",
     "  if (mapped && !options.locks_mounts()) handover.become_root(options);\n", "  (void)mapped;\n", ONE_CLONE),
    ("nsrun-tells-the-pid-too-early", f"{CONTAINER}/container.cpp",
     "  handover.tell(options, Step::kFileSystem);\n", "  handover.announce(options);\n  handover.tell(options, Step::kFileSystem);\n", ONE_CLONE),
    ("nsrun-without-setresuid", IDS, '  check(sys::setresuid(uid, uid, uid), "setresuid", sys::Decimal(uid).c_str());\n', "", ONE_CLONE),
    ("nsrun-without-setresgid", IDS, '  check(sys::setresgid(gid, gid, gid), "setresgid", sys::Decimal(gid).c_str());\n', "", ONE_CLONE),
    ("nsrun-keeps-groups", HANDOVER, "  const auto set = sys::setgroups({});\n", "  const sys::Result<void> set{};\n", ONE_CLONE),
    ("nsrun-does-not-wait-for-its-maps", HANDOVER, "  if (is_root) return;\n", "  return;\n", ONE_CLONE),
    ("nsrun-insists-on-setgroups", HANDOVER, '  if (!(set.error() == EPERM)) check(set, "setgroups", "(none)");\n',
     '  check(set, "setgroups", "(none)");\n', ONE_CLONE),
    ("sources-not-awaited-to-the-end", STAGE1, '  expect_done(listen());\n  checkpoint(job_, "stage1:sources-received");',
     '  checkpoint(job_, "stage1:sources-received");', "OrderTest.Stage2*"),
]

# The defences of nsrun's container, each left out (docs/containment.md).
ISOLATION, PROCESS, CAPABILITIES = f"{CONTAINER}/isolation.cpp", f"{CONTAINER}/process.cpp", f"{CONTAINER}/capabilities.cpp"
INNER, ROOT, ROOTFS = f"{CONTAINER}/inner_namespaces.cpp", f"{CONTAINER}/root.cpp", f"{CONTAINER}/rootfs.cpp"
INTERFACES, MOUNTS, TERMINAL = f"{CONTAINER}/kernel_interfaces.cpp", f"{CONTAINER}/mounts.cpp", f"{CONTAINER}/terminal.cpp"
FIRST, OF_MOUNTS = f"{CONTAINER}/container.cpp", "MountAttackTest.*:NsrunMountTest.*:NsrunBindProcTest.*"
OF_IDS = "NsrunIdentityTest.*"
OF_RIGHTS, OF_JOINS = "NsrunOptionTest.*:CveTest.*", "JoinedContainerTest.*:JoinedDirectoryAttackTest.*:DumpableTest.*:SetUpAttackTest.*"
MUTANTS += [
    # Capabilities and identity.
    ("nsrun-keeps-the-bounding-set", PROCESS, "  if (wanted != kAllCapabilities) bound_capabilities(wanted);\n", "", OF_RIGHTS),
    ("nsrun-bounds-one-capability-less", CAPABILITIES, "    if (has(wanted, i)) continue;\n",
     "    if (has(wanted, i) || i == 21) continue;  // CAP_SYS_ADMIN\n", OF_RIGHTS),
    ("nsrun-keeps-permitted-capabilities", CAPABILITIES,
     "static_cast<unsigned>(wanted >> (32 * half)) & sets.halves[half].permitted;", "sets.halves[half].permitted;", OF_RIGHTS),
    ("nsrun-keeps-inheritable-capabilities", CAPABILITIES,
     "    sets.halves[half].inheritable = static_cast<unsigned>(inherited >> (32 * half)) & permitted;\n", "    (void)inherited;\n", OF_RIGHTS),
    ("nsrun-keeps-the-targets-capabilities", PROCESS, "wanted_capabilities(options, joined.capabilities & default_capabilities(options));",
     "wanted_capabilities(options, default_capabilities(options));", OF_JOINS),
    ("nsrun-without-no-new-privs", PROCESS, '    check(sys::prctl(PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS");\n', "    (void)like_target;\n", OF_RIGHTS),
    ("nsrun-without-the-targets-no-new-privs", PROCESS, "if (!options.rights.new_privs || like_target) {",
     "if (!options.rights.new_privs || (like_target && false)) {", OF_JOINS),
    ("nsrun-user-keeps-groups", PROCESS, "(void)sys::setgroups({});", "{}", "NsrunIdentityTest.*"),
    # Keys, files, terminals.
    ("nsrun-keeps-the-keyring", FIRST, "  if (!options.rights.keep_keyring) leave_session_keyring();\n", "", "LeakAttackTest.*"),
    ("nsrun-keeps-open-files", FIRST, "    close_descriptors(options, handover.init_pipe, handover.mounts);\n", "", "LeakAttackTest.*:DescriptorAttackTest.*"),
    ("nsrun-keeps-one-open-file", ISOLATION, "  unsigned first = 3;\n", "  unsigned first = 4;\n", "LeakAttackTest.*:DescriptorAttackTest.*"),
    ("nsrun-keeps-open-files-behind-a-kept-one", ISOLATION, "    first = kept + 1;\n", "    return;\n", "LeakAttackTest.*:DescriptorAttackTest.*:NsrunFilesTest.*"),
    ("nsrun-gives-the-hosts-null-device", FIRST, "  if (options.has_root()) take_null_from_container();\n", "", "LeakAttackTest.*"),
    ("nsrun-gives-the-hosts-null-device-to-bwrap", FIRST,
     "  if (options.files.assembled && options.caller_is_root) make_null_streams_read_only();\n", "", "LeakAttackTest.*:NsrunMountTest.*"),
    ("nsrun-lets-type-into-the-terminal", FIRST, "    if (!handover.has_terminal) forbid_typing_into_terminal();\n", "", "LeakAttackTest.*"),
    ("nsrun-looks-at-the-upper-half-too", ISOLATION, "    filter.load(kIoctlNumber);\n", "    filter.load(kIoctlNumber + 4);\n", "LeakAttackTest.*"),
    ("nsrun-lets-the-console-paste", ISOLATION, "    filter.unless_equal_skip(TIOCLINUX, 1);\n", "    filter.unless_equal_skip(TIOCSTI, 1);\n", "LeakAttackTest.*"),
    ("nsrun-takes-any-multiplexer", TERMINAL, "  if (!is_devpts(devpts.get()) && may_lack) return sys::Errno{ENODEV};\n"
     '  if (!is_devpts(devpts.get())) fail(kTty, "the container\'s /dev/pts", "not a devpts file system");\n', "", OF_JOINS),
    ("nsrun-takes-any-device-for-a-multiplexer", TERMINAL, '  if (!is_one) fail(kTty, "/dev/ptmx", "not a pseudoterminal multiplexer");\n', "", OF_JOINS + ":NsrunTerminalTest.*"),
    # Directories.
    ("nsrun-enters-a-directory-outside", FIRST, '  if (!is_inside_root("getcwd", options.files.chdir)) {\n',
     '  if (!is_inside_root("getcwd", options.files.chdir) && false) {\n', "CveTest.*:JoinedDirectoryAttackTest.*"),
    ("nsrun-enters-the-targets-directory-outside", FIRST,
     '  if (!is_inside_root("--join-wd", "getcwd")) fail("--join-wd", nullptr, "outside of the root");\n', "", OF_JOINS),
    # RESOLVE_NO_MAGICLINKS has no mutant: RESOLVE_IN_ROOT implies it so far (openat2(2)).
    ("nsrun-leads-outside-the-root", MOUNTS, "auto opened = sys::openat2(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);",
     "auto opened = sys::openat2(root, path, flags, 0);", "NsrunTest.*:NsrunMountTest.*:NsrunFilesTest.*"),
    ("nsrun-mounts-over-the-root", MOUNTS, "  refuse_root(root, place.get(), option, path);\n", "", "NsrunMountTest.*"),
    # Mounts.
    ("nsrun-shares-its-mounts", ROOTFS, "options_.files.slave ? MS_SLAVE : MS_PRIVATE;", "1UL << 20;  // MS_SHARED", "NsrunPropagationTest.*:NsrunMountTest.*"),
    ("nsrun-keeps-the-old-root", ROOTFS, '  check(sys::unmount(".", MNT_DETACH), "unmount", "old root");\n', "", "NsrunMountTest.*:CveTest.*"),
    ("nsrun-without-inner-mount-namespace", INNER, '  check(sys::unshare(CLONE_NEWNS), "unshare", "inner mount namespace");\n', "", OF_MOUNTS),
    ("nsrun-with-devices-of-the-rootfs", ROOT, "  unsigned attributes = MOUNT_ATTR_NODEV;\n", "  unsigned attributes = 0;\n", "NsrunMountTest.*"),
    ("nsrun-with-devices-of-a-bind", ROOTFS, "kind.devices ? MOUNT_ATTR_NOSUID : kNoSurprises;", "MOUNT_ATTR_NOSUID;", "NsrunMountTest.*"),
    ("nsrun-with-set-user-id-of-a-bind", ROOTFS, "kind.devices ? MOUNT_ATTR_NOSUID : kNoSurprises;", "kind.devices ? 0 : MOUNT_ATTR_NODEV;", "NsrunMountTest.*:NsrunOptionTest.*"),
    ("nsrun-root-not-read-only", ROOT, '    make_read_only(fd_.get(), Extent::kAlone, "--read-only", options.files.rootfs);\n', "", "NsrunOptionTest.*"),
    ("nsrun-mounts-below-not-read-only", ROOT, "  if (read_only) attributes |= MOUNT_ATTR_RDONLY;\n", "", "NsrunOptionTest.*"),
    ("nsrun-shows-all-of-proc", INTERFACES, "  for (const auto& name : kHidden) hide(proc, name, \"/proc\");\n", "  (void)proc, (void)kHidden;\n", OF_MOUNTS + ":NsrunOptionTest.*"),
    ("nsrun-proc-not-read-only", INTERFACES, '  if (has_mount_setattr) make_mounts_below_read_only(proc, "/proc");\n', "", OF_MOUNTS),
    ("nsrun-shows-firmware", INTERFACES, '    hide(directory.get(), "firmware", "/sys");\n', "", OF_MOUNTS),
    ("nsrun-interfaces-not-read-only", ROOT, "    protect_interfaces(fd_.get(), true, Interfaces::kAll, has_mount_setattr);\n", "", OF_MOUNTS),
    ("nsrun-interfaces-of-a-bind-not-read-only", ROOTFS,
     "    protect_interfaces(copy.get(), false, interfaces_of(kind), has_mount_setattr_);\n", "", OF_MOUNTS),
    ("nsrun-interfaces-of-a-bound-root-not-read-only", ROOTFS,
     "    protect_interfaces(root_.get(), true, interfaces_of(kind), has_mount_setattr_);\n", "", OF_MOUNTS),
    ("nsrun-hosts-proc-in-a-bound-root", ROOTFS, '    if (!mounts_proc(options_)) mount_proc("/proc", "/proc");\n', "", OF_MOUNTS),
    ("nsrun-cgroups-of-the-hosts-root-not-read-only", ROOT, "    if (options.process.cgroup != nullptr) protect_cgroups(fd_.get());\n", "", OF_MOUNTS),
    ("nsrun-outer-proc-writable", ROOTFS, "MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID,\n                 kBindProc, path);", "MOUNT_ATTR_NOSUID,\n                 kBindProc, path);", OF_MOUNTS),
    ("nsrun-devices-change-their-mode", f"{CONTAINER}/dev.cpp", "  if (has_mount_setattr) make_mounts_below_read_only(dev, path);\n", "", OF_MOUNTS + ":LeakAttackTest.*"),
    # Namespaces that the command must not create, and its control group.
    ("nsrun-allows-cgroup-namespaces", f"{CONTAINER}/cgroup_namespaces.cpp", '    written = sys::write(limit.get(), "0");\n', "    written = size_t{1};\n", OF_MOUNTS),
    ("nsrun-allows-user-namespaces", INNER, "  if (options_.rights.disable_userns) forbid_user_namespaces(procfs_);\n", "", "NsrunIdentityTest.*"),
    ("nsrun-asserts-nothing", FIRST, "  if (rights.disable_userns || rights.assert_userns_disabled) assert_no_user_namespaces();\n", "  (void)rights;\n", "NsrunIdentityTest.*"),
    # Processes that others could look into.
    ("nsrun-stays-dumpable", INNER, "  if (dumpable) set_dumpable(false);\n", "", OF_IDS),
    ("nsrun-is-root-and-dumpable", IDS, "  set_dumpable(false);\n", "", OF_IDS),
    ("nsrun-is-a-user-and-dumpable", PROCESS, "  set_dumpable(false);\n", "", OF_IDS),
    ("nsrun-survives-its-parent", PROCESS, '  check(sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL)), "--die-with-parent");\n', "", "NsrunOptionTest.*"),
    ("nsrun-misses-its-parents-death", PROCESS, "  if (asked != 0) sys::exit(kExitOwnError);  // POLLHUP: the parent has closed its end\n", "  (void)asked;\n", "NsrunOptionTest.*"),
]

# One type of namespace left out.
for kind, flag in NAMESPACES.items():
    MUTANTS.append((f"no-{kind}-namespace", STAGE1, "unsigned flags = job_.bootstrap.clone_flags & ~unsigned{CLONE_NEWUSER};",
                    f"unsigned flags = job_.bootstrap.clone_flags & ~unsigned{{CLONE_NEWUSER | CLONE_{flag}}};", "*EachNamespace.*"))
    MUTANTS.append((f"{kind}-namespace-not-joined", STAGE1, "  const auto joined = sys::setns(entry.fd.get(), entry.flag);",
                    f"  if (entry.flag == CLONE_{flag}) return entry.fd.reset();\n"
                    "  const auto joined = sys::setns(entry.fd.get(), entry.flag);", "*EachNamespace.*"))
