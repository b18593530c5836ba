/* Defect: a password is not marked as a secret. */
#define SPEC_PIN "{\"type\":\"string\",\"description\":\"Its pin.\"},\"password\":{\"type\":\"string\",\"description\":\"Old.\"}"
#define UNKNOWN_FIELD return refuse(error, "Not any more: ", name)
#include "source.h"
