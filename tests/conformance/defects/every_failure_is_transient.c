/* Defect: check() calls every failure one that passes. */
#define CODE_OF_STATUS(status) ((status) >= 300 ? RONDOM_E_TRANSIENT : RONDOM_OK)
#include "source.h"
