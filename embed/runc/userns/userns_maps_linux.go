package userns

import (
	"fmt"

	"github.com/opencontainers/runc/libcontainer/configs"

	"github.com/nsexec-stub/nsexec-stub/embed/go/join"
)

// GetUserNamespaceMappings returns the id maps of the user namespace at a path.
func GetUserNamespaceMappings(nsPath string) (uidMap, gidMap []configs.IDMap, err error) {
	uids, gids, err := join.IDMaps(nsPath)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the id maps of user namespace %s: %w", nsPath, err)
	}
	return ofConfig(uids), ofConfig(gids), nil
}

func ofConfig(maps []join.IDMap) []configs.IDMap {
	var converted []configs.IDMap
	for _, one := range maps {
		var to configs.IDMap
		// The fields are int or int64, depending on runc's version. Sscan takes both.
		_, _ = fmt.Sscan(fmt.Sprint(one.Inside, one.Outside, one.Count), &to.ContainerID, &to.HostID, &to.Size)
		converted = append(converted, to)
	}
	return converted
}

// IsSameMapping reports whether both are the same maps in the same order.
func IsSameMapping(a, b []configs.IDMap) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
