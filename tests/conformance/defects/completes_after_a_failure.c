/* Defect: completes the refresh although a page failed. */
#define ON_FAILED_PAGE(code)                                     \
  now->out->refresh_complete(now->out->ctx, text_of("people")); \
  return code
#include "source.h"
