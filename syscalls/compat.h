// Constants that the oldest supported UAPI headers (Linux 5.10) may lack, each with the kernel
// version that introduced it. The values are ABI and never change.
#pragma once

// libc's headers first, where there is one: some declare these names in an enum, in which a macro
// of the same name would be an error.
#if __STDC_HOSTED__
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000  // 2.6.39
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000  // 5.2
#endif

// Namespaces: clone(2).
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080  // 5.6
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000  // 4.6
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000  // 5.2
#endif

// memfd_create(2) and its seals.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U  // 6.3
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U  // 6.3
#endif

// access(2): only <unistd.h> has it.
#ifndef X_OK
#define X_OK 1
#endif
#ifndef W_OK
#define W_OK 2
#endif

// fcntl(2): seals of a memfd.
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_GET_SEALS 1034
#define F_SEAL_SEAL 0x0001
#define F_SEAL_SHRINK 0x0002
#define F_SEAL_GROW 0x0004
#define F_SEAL_WRITE 0x0008
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020  // 6.3
#endif
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U  // 5.8
#endif

// Sockets: no UAPI header that has these can be included together with others.
#ifndef AF_UNIX
#define AF_UNIX 1
#endif
#ifndef SOCK_STREAM
#define SOCK_STREAM 1
#endif
#ifndef SOCK_SEQPACKET
#define SOCK_SEQPACKET 5
#endif
#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC O_CLOEXEC
#endif
#ifndef MSG_PEEK
#define MSG_PEEK 0x2
#endif
#ifndef MSG_DONTWAIT
#define MSG_DONTWAIT 0x40
#endif
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0x4000
#endif
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0x40000000
#endif
#ifndef MSG_CTRUNC
#define MSG_CTRUNC 0x8
#endif
#ifndef SCM_RIGHTS
#define SCM_RIGHTS 0x01
#endif

// The mount API of 5.2. <linux/mount.h> has it, but conflicts with glibc's <sys/mount.h>. So it is
// declared here if neither was included.
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#endif
#ifndef MOVE_MOUNT_T_EMPTY_PATH
#define MOVE_MOUNT_T_EMPTY_PATH 0x00000040
#endif
#ifndef FSOPEN_CLOEXEC
#define FSOPEN_CLOEXEC 0x00000001
#endif
#ifndef FSMOUNT_CLOEXEC
#define FSMOUNT_CLOEXEC 0x00000001
#endif
#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x00000001
#define MOUNT_ATTR_NOSUID 0x00000002
#define MOUNT_ATTR_NODEV 0x00000004
#define MOUNT_ATTR_NOEXEC 0x00000008
#endif
#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000  // 5.12
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x00002000  // 5.8
#endif

// mount(2), umount2(2).
#ifndef MS_RDONLY
#define MS_RDONLY 1
#define MS_NOSUID 2
#define MS_NODEV 4
#define MS_NOEXEC 8
#define MS_REMOUNT 32
#define MS_NOATIME 1024
#define MS_NODIRATIME 2048
#define MS_BIND 4096
#define MS_REC 16384
#define MS_PRIVATE (1 << 18)
#define MS_SLAVE (1 << 19)
#define MS_UNBINDABLE (1 << 17)
#endif
#ifndef MNT_DETACH
#define MNT_DETACH 0x00000002
#endif

// wait4(2): <linux/wait.h> has P_* macros that conflict with glibc's enum.
#ifndef WNOHANG
#define WNOHANG 1
#endif
#ifndef __WALL
#define __WALL 0x40000000
#endif
#ifndef WUNTRACED
#define WUNTRACED 2
#endif
