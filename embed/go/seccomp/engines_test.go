package seccomp

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// An engineProfile is a profile as an engine hands it to a runtime, on one machine.
type engineProfile struct {
	Machine Arch    `json:"machine"`
	Profile Profile `json:"profile"`
}

// engineProfiles returns the profiles that an engine has by default. tests/go/seccomp-profiles gets them; reason is why not.
func engineProfiles(engine string) (list []engineProfile, reason error) {
	text, err := os.ReadFile(filepath.Join(os.Getenv("NSEXEC_SECCOMP_PROFILES"), engine+".json"))
	if err != nil {
		return nil, err
	}
	return list, json.Unmarshal(text, &list)
}
