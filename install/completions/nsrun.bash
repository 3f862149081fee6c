# bash completion for nsrun(1). Written by `make completions` from nsrun's option table.

# Completes the word after the last comma, and keeps the text before it.
_nsrun_list() {
    local head=
    [[ $cur == *,* ]] && head=${cur%,*},
    COMPREPLY=($(compgen -P "$head" -W "$1" -- "${cur##*,}"))
}

_nsrun() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} before= i
    # A negative index would count from the end.
    ((COMP_CWORD > 1)) && before=${COMP_WORDS[COMP_CWORD - 2]}
    # After "--" the command and its arguments are completed.
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then
            _command_offset $((i + 1)) 2> /dev/null
            return
        fi
    done
    case $prev in
        --ns)
            _nsrun_list 'all none cgroup ipc mnt net pid time user uts'
            return ;;
        --join | -t | --target)
            COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$cur"))
            return ;;
        --userns | --uid | --gid | --uid-map | --gid-map | --user | --size | --perms | --symlink | --file | --bind-data | --ro-bind-data | --bind-fd | --ro-bind-fd | --chmod | --env | --setenv | --hostname | --domainname | --seccomp | --add-seccomp-fd | --oom-score-adj | --nice | --grace | --argv0 | --args | --block-fd | --sync-fd | --info-fd | --json-status-fd)
            return ;;
        --time-offset)
            COMPREPLY=($(compgen -W 'monotonic: boottime:' -- "$cur"))
            compopt -o nospace
            return ;;
        --rootfs | --root | --chdir)
            COMPREPLY=($(compgen -d -- "$cur"))
            return ;;
        --overlay | --overlay-src | --tmp-overlay | --ro-overlay | --bind | --ro-bind | --dev-bind | --bind-try | --ro-bind-try | --dev-bind-try | --tmpfs | --proc | --dev | --mqueue | --dir | --bind-idmap | --ro-bind-idmap | --remount-ro | --landlock-ro | --landlock-rw | --lock-file | --cgroup | --pid-file | --supervise)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --propagation)
            COMPREPLY=($(compgen -W 'private slave' -- "$cur"))
            return ;;
        --unset-env | --unsetenv)
            COMPREPLY=($(compgen -e -- "$cur"))
            return ;;
        --rlimit)
            COMPREPLY=($(compgen -W 'as= core= cpu= data= fsize= locks= memlock= msgqueue= nice= nofile= nproc= rss= rtprio= rttime= sigpending= stack=' -- "$cur"))
            compopt -o nospace
            return ;;
        --cap-drop | --cap-add)
            COMPREPLY=($(compgen -W 'all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore' -- "$cur"))
            return ;;
        --seal)
            COMPREPLY=($(compgen -W 'auto detached-mount child-mount overlay bind-mount reflink memfd tmpfile none' -- "$cur"))
            return ;;
    esac
    # The second value of an option.
    case $before in
        --overlay | --bind | --ro-bind | --dev-bind | --bind-try | --ro-bind-try | --dev-bind-try | --symlink | --file | --bind-data | --ro-bind-data | --bind-fd | --ro-bind-fd | --bind-idmap | --ro-bind-idmap | --chmod)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --setenv)
            return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '
            --ns
            --unshare-cgroup
            --unshare-ipc
            --unshare-mnt
            --unshare-net
            --unshare-pid
            --unshare-time
            --unshare-user
            --unshare-uts
            --unshare-user-try
            --unshare-cgroup-try
            --unshare-all
            --share-cgroup
            --share-ipc
            --share-mnt
            --share-net
            --share-pid
            --share-time
            --share-user
            --share-uts
            --join
            --userns
            -t
            --target
            -m
            -u
            -i
            -n
            -p
            -U
            -C
            -T
            -a
            --join-cgroup
            --join-env
            --join-root
            --join-wd
            --time-offset
            -r
            --map-root-user
            -c
            --keep-id
            --map-current-user
            --uid
            --gid
            --map-auto
            --uid-map
            --gid-map
            --user
            --empty-root
            --host-root
            --rootfs
            --root
            --overlay
            --overlay-src
            --tmp-overlay
            --ro-overlay
            --bind
            --ro-bind
            --dev-bind
            --bind-try
            --ro-bind-try
            --dev-bind-try
            --size
            --perms
            --tmpfs
            --proc
            --dev
            --mqueue
            --dir
            --symlink
            --file
            --bind-data
            --ro-bind-data
            --bind-fd
            --ro-bind-fd
            --bind-idmap
            --ro-bind-idmap
            --chmod
            --remount-ro
            --propagation
            --resolv-conf
            --bind-proc
            --chdir
            --read-only
            --no-mask
            --env
            --setenv
            --unset-env
            --unsetenv
            --clear-env
            --clearenv
            --hostname
            --domainname
            --rlimit
            --cap-drop
            --cap-add
            --disable-userns
            --assert-userns-disabled
            --no-new-privs
            --new-privs
            --seccomp
            --add-seccomp-fd
            --landlock-ro
            --landlock-rw
            --keep-fds
            --keep-keyring
            --oom-score-adj
            --nice
            --die-with-parent
            --kill-child
            --new-session
            --tty
            --init
            --grace
            --argv0
            --args
            --block-fd
            --sync-fd
            --lock-file
            --cgroup
            --seal
            --pid-file
            --info-fd
            --json-status-fd
            --verbose
            --quiet
            --report
            --supervise
            -h
            --help
            --version
            --' -- "$cur"))
    else
        COMPREPLY=($(compgen -c -- "$cur"))
    fi
}
complete -F _nsrun nsrun
