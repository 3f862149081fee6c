// x86_64: control-flow enforcement in assembly. LANDING: where an indirect jump may come down
// (endbr64), and the note that says that this object keeps the rules of IBT and SHSTK, without which a
// program that links it in would lose its own mark (System V psABI for AMD64, 14.1).
#pragma once

#include <cet.h>

#define LANDING _CET_ENDBR
