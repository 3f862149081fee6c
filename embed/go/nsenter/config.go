//go:build linux && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x)

package nsenter

// config is struct nsexec_config of nsexec.h. The entry point passes it to the stub.
var config = struct {
	dialect uint32
	names   [3][16]byte
	sealing [12]byte
}{
	dialect: dialect,
	names: [3][16]byte{
		{'r', 'u', 'n', 'c', ':', '[', '0', ':', 'P', 'A', 'R', 'E', 'N', 'T', ']'},
		{'r', 'u', 'n', 'c', ':', '[', '1', ':', 'C', 'H', 'I', 'L', 'D', ']'},
		{'r', 'u', 'n', 'c', ':', '[', '2', ':', 'I', 'N', 'I', 'T', ']'},
	},
}
