#include "textflag.h"

// The ELF entry point. RSP points to argc; Go wants nothing else.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVD $1, R2
	MOVD $·entered(SB), R3
	MOVB R2, (R3)
	MOVD RSP, R0
	MOVD $·config(SB), R1
	BL   nsexec_blob(SB)
	B    _rt0_arm64_linux(SB)
