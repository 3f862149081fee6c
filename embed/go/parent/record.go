//go:build linux

package parent

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
)

// Record is one log record of the stub, or of the program after it. Its JSON form is the one that
// the stub writes.
type Record struct {
	Level string `json:"level"` // panic, fatal, error, warning, info, debug or trace; "" if the line is not a record
	Msg   string `json:"msg"`   // "nsexec-1[1234]: unshared mnt pid"; the whole line if it is not a record
}

// longestLine is how much of a line is kept. A line of the stub has at most 4096 bytes; the
// program's may be longer.
const longestLine = 1 << 16

// readRecords calls handle for each line, until the end or an error.
func readRecords(from io.Reader, handle func(Record)) {
	reader := bufio.NewReader(from)
	var line []byte
	for {
		part, err := reader.ReadSlice('\n')
		if room := longestLine - len(line); len(part) > room {
			part = part[:room]
		}
		line = append(line, part...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if len(line) > 0 {
			handle(parseRecord(line))
		}
		if err != nil {
			return
		}
		line = line[:0]
	}
}

// parseRecord never fails, because the program may write anything to the pipe.
func parseRecord(line []byte) Record {
	var record Record
	if json.Unmarshal(line, &record) != nil || record.Level == "" {
		return Record{Msg: strings.ToValidUTF8(strings.TrimSuffix(string(line), "\n"), "\uFFFD")}
	}
	return record
}
