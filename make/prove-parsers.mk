# Proofs of the parsers with CBMC, for all inputs up to a bound: docs/proofs-parsers.md. PARSERS="framing text" proves only these
# sets.
PROOFS += prove-parsers
PROOF_LLVM := 14
PARSER_PACKAGES := g++ gcc clang-$(PROOF_LLVM) llvm-$(PROOF_LLVM) llvm-$(PROOF_LLVM)-dev python3
PROOF_TOOLS := build/proofs
HOST_CXX ?= g++

$(PROOF_TOOLS)/ir2c: proofs/ir2c/ir2c.cpp
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -std=c++17 -O1 -fno-rtti -Wall -Wextra -isystem $$(llvm-config-$(PROOF_LLVM) --includedir) -D_GNU_SOURCE $< \
	    -o $@ $$(llvm-config-$(PROOF_LLVM) --ldflags --libs core irreader support)
$(PROOF_TOOLS)/cbmc: proofs/fetch-cbmc
	$(Q)proofs/fetch-cbmc $(PROOF_TOOLS)
prove-parsers-here: $(PROOF_TOOLS)/ir2c $(PROOF_TOOLS)/cbmc
	$(Q)proofs/ir2c/test $(PROOF_TOOLS)
	$(Q)proofs/parsers/run $(PROOF_TOOLS) $(PROVE) $(PARSERS)

# A system that has only another clang is skipped.
prove-parsers:
	$(Q)if tests/packages $(PARSER_PACKAGES); then $(MAKE) --no-print-directory prove-parsers-here; else \
	    tests/pinned clang $(PROOF_LLVM) > /dev/null; [ $$? -eq 3 ]; fi
.PHONY: prove-parsers prove-parsers-here
