/* Defect: the first checkpoint names the page after the next. */
#define STATE_PAGE(page) ((page) == 2 ? 3 : (page))
#include "source.h"
