//! The errno(3) names that the stub writes. The numbers are the same on all its machines.

const NAMES: &[(&str, i32)] = &[
    ("EPERM", 1),
    ("ENOENT", 2),
    ("ESRCH", 3),
    ("EINTR", 4),
    ("EIO", 5),
    ("ENXIO", 6),
    ("E2BIG", 7),
    ("ENOEXEC", 8),
    ("EBADF", 9),
    ("ECHILD", 10),
    ("EAGAIN", 11),
    ("ENOMEM", 12),
    ("EACCES", 13),
    ("EFAULT", 14),
    ("EBUSY", 16),
    ("EEXIST", 17),
    ("EXDEV", 18),
    ("ENODEV", 19),
    ("ENOTDIR", 20),
    ("EISDIR", 21),
    ("EINVAL", 22),
    ("ENFILE", 23),
    ("EMFILE", 24),
    ("ENOTTY", 25),
    ("ETXTBSY", 26),
    ("EFBIG", 27),
    ("ENOSPC", 28),
    ("EROFS", 30),
    ("EPIPE", 32),
    ("EDEADLK", 35),
    ("ENAMETOOLONG", 36),
    ("ENOSYS", 38),
    ("ELOOP", 40),
    ("EOVERFLOW", 75),
    ("EUSERS", 87),
    ("ENOTSOCK", 88),
    ("EMSGSIZE", 90),
    ("EOPNOTSUPP", 95),
    ("EAFNOSUPPORT", 97),
    ("ECONNRESET", 104),
    ("ENOBUFS", 105),
    ("ETOOMANYREFS", 109),
    ("ESTALE", 116),
    ("EDQUOT", 122),
    ("ECANCELED", 125),
];

/// The number of a name, or of "errno 999", which the stub writes for a number without a name.
pub fn named(name: &str) -> Option<i32> {
    if let Some(number) = name.strip_prefix("errno ") {
        return number.parse().ok().filter(|number| *number > 0);
    }
    NAMES.iter().find(|known| known.0 == name).map(|known| known.1)
}
