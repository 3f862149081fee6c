# bash completion for nsrun(1)

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
            COMPREPLY=($(compgen -W 'all none cgroup ipc mnt net pid time user uts' -- "$cur"))
            return ;;
        --seal)
            COMPREPLY=($(compgen -W 'auto detached-mount child-mount overlay bind-mount reflink memfd tmpfile none' -- "$cur"))
            return ;;
        --rlimit)
            COMPREPLY=($(compgen -S = -W 'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack' -- "$cur"))
            compopt -o nospace
            return ;;
        --time-offset)
            COMPREPLY=($(compgen -S : -W 'monotonic boottime' -- "$cur"))
            compopt -o nospace
            return ;;
        --rootfs | --chdir | --dir)
            COMPREPLY=($(compgen -d -- "$cur"))
            return ;;
        --bind | --ro-bind | --overlay | --pid-file | --supervise | --cgroup | --tmpfs | --proc | --dev | --mqueue | --symlink)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --user | --uid-map | --gid-map | --env | --unset-env | --hostname | --domainname | --cap-drop | --cap-add | --seccomp | --oom-score-adj | --nice | --info-fd | --join)
            return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--ns --unshare-all --unshare-cgroup --unshare-ipc --unshare-mnt --unshare-net --unshare-pid
            --unshare-time --unshare-user --unshare-uts --share-cgroup --share-ipc --share-mnt --share-net --share-pid
            --share-time --share-user --share-uts --join --time-offset --map-root-user --map-auto --uid-map --gid-map --user
            --rootfs --overlay --bind --ro-bind --tmpfs --proc --dev --mqueue --dir --symlink --chdir --read-only --no-mask
            --env --unset-env --clear-env --hostname --domainname --rlimit --cap-drop --cap-add --no-new-privs --new-privs
            --seccomp --keep-fds --keep-keyring --oom-score-adj --nice --die-with-parent --new-session --tty --init --cgroup --seal --pid-file --info-fd
            --verbose --quiet --report --supervise --help --version --' -- "$cur"))
    else
        COMPREPLY=($(compgen -c -- "$cur"))
    fi
}
complete -F _nsrun nsrun
