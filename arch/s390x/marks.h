// s390x: no marks for indirect branches: the machine does not look at where they come down.
#pragma once

#define LANDING
