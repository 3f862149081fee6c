#include "textflag.h"

// The ELF entry point. R1 points to argc; Go wants nothing else. A C function finds its table of
// contents by R12, and wants a frame of its caller's.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVD $1, R5
	MOVD $·entered(SB), R6
	MOVB R5, (R6)
	MOVD R1, R3
	MOVD $·config(SB), R4
	MOVD $nsexec_blob(SB), R12
	MOVD R12, CTR
	ADD  $-112, R1
	BL   (CTR)
	ADD  $112, R1
	MOVD $0, R3
	BR   _rt0_ppc64le_linux(SB)
