# bash completion for nsrun(1). Written by `make completions` from nsrun's option table.

# The words behind the last comma, with what is in front of it.
_nsrun_list() {
    local head=
    [[ $cur == *,* ]] && head=${cur%,*},
    COMPREPLY=($(compgen -P "$head" -W "$1" -- "${cur##*,}"))
}

_nsrun() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i
    # Behind the options it is the command's turn.
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
        --join)
            COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$cur"))
            return ;;
        --userns)
            return ;;
        -t | --target)
            COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$cur"))
            return ;;
        --time-offset)
            COMPREPLY=($(compgen -W 'monotonic: boottime:' -- "$cur"))
            compopt -o nospace
            return ;;
        --uid)
            return ;;
        --gid)
            return ;;
        --uid-map)
            return ;;
        --gid-map)
            return ;;
        --user)
            return ;;
        --rootfs | --root)
            COMPREPLY=($(compgen -d -- "$cur"))
            return ;;
        --overlay)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --overlay-src)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --tmp-overlay)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-overlay)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --bind)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --dev-bind)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --bind-try)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind-try)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --dev-bind-try)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --size)
            return ;;
        --perms)
            return ;;
        --tmpfs)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --proc)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --dev)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --mqueue)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --dir)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --symlink)
            return ;;
        --file)
            return ;;
        --bind-data)
            return ;;
        --ro-bind-data)
            return ;;
        --bind-fd)
            return ;;
        --ro-bind-fd)
            return ;;
        --bind-idmap)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind-idmap)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --chmod)
            return ;;
        --remount-ro)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --propagation)
            COMPREPLY=($(compgen -W 'private slave' -- "$cur"))
            return ;;
        --chdir)
            COMPREPLY=($(compgen -d -- "$cur"))
            return ;;
        --env)
            return ;;
        --setenv)
            return ;;
        --unset-env | --unsetenv)
            COMPREPLY=($(compgen -e -- "$cur"))
            return ;;
        --hostname)
            return ;;
        --domainname)
            return ;;
        --rlimit)
            COMPREPLY=($(compgen -W 'as= core= cpu= data= fsize= locks= memlock= msgqueue= nice= nofile= nproc= rss= rtprio= rttime= sigpending= stack=' -- "$cur"))
            compopt -o nospace
            return ;;
        --cap-drop)
            COMPREPLY=($(compgen -W 'all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore' -- "$cur"))
            return ;;
        --cap-add)
            COMPREPLY=($(compgen -W 'all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore' -- "$cur"))
            return ;;
        --seccomp | --add-seccomp-fd)
            return ;;
        --landlock-ro)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --landlock-rw)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --oom-score-adj)
            return ;;
        --nice)
            return ;;
        --grace)
            return ;;
        --argv0)
            return ;;
        --args)
            return ;;
        --block-fd)
            return ;;
        --sync-fd)
            return ;;
        --lock-file)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --cgroup)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --seal)
            COMPREPLY=($(compgen -W 'auto detached-mount child-mount overlay bind-mount reflink memfd tmpfile none' -- "$cur"))
            return ;;
        --pid-file)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --info-fd)
            return ;;
        --json-status-fd)
            return ;;
        --supervise)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
    esac
    # The second value of an option.
    case ${COMP_WORDS[COMP_CWORD - 2]} in
        --overlay)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --bind)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --dev-bind)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --bind-try)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind-try)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --dev-bind-try)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --symlink)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --file)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --bind-data)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind-data)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --bind-fd)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind-fd)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --bind-idmap)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --ro-bind-idmap)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --chmod)
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
