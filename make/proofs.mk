# Proofs: docs/proofs.md. Each part is a target with a variable of packages, and prove runs all parts.
PROVE ?= long
SPIN  ?= spin
PROOFS := prove-handshake prove-flow
PROOF_PACKAGES := spin python3 llvm $(TEST_PACKAGES)

# The model of the handshake, and the stub's own traces in it.
TRACES := $(B)/proofs/traces
prove-handshake: suite
	$(Q)rm -rf $(TRACES) && mkdir -p $(TRACES)
	$(Q)NSEXEC_TRACES='$(TRACES)' $(if $(filter short,$(PROVE)),NSEXEC_TRACES_UNDISTURBED=1) \
	    tests/run traces $(T)/nsexec-tests --gtest_filter='TraceTest.*'
	$(Q)CC='$(CC)' proofs/handshake/run $(B) $(SPIN) $(PROVE) $(TRACES)

# The whole flow with a kernel that answers anything.
prove-flow:
	$(Q)proofs/flow/run $(B) $(PROVE)

packages-to-prove:
	@tests/packages $(PROOF_PACKAGES)
prove: | packages-to-prove
	$(Q)$(MAKE) --no-print-directory $(PROOFS)
.PHONY: prove packages-to-prove $(PROOFS)
