/* Defect: a page without an answer is taken for the end. */
#define ON_FAILED_PAGE(code) return now->page = 0, (code) == RONDOM_E_TRANSIENT ? RONDOM_OK : (code)
#include "source.h"
