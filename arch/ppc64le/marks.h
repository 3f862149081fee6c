// ppc64le: no marks for indirect branches: the machine does not look at where they come down.
#pragma once

#define LANDING
