/* Defect: tries a page again until it answers, whatever the host wants. */
#define AFTER_HTTP(code) again(self, &request, &reply, error, code)
#include <rondom/plugin.h>
static rondom_code again(rondom_instance* self, const rondom_http_request* request,
                         const rondom_http_reply* reply, rondom_error* error, rondom_code code);
#include "source.h"

static rondom_code again(rondom_instance* self, const rondom_http_request* request,
                         const rondom_http_reply* reply, rondom_error* error, rondom_code code) {
  while (code == RONDOM_E_CANCELLED) {
    self->host->sleep_ms(self->host->ctx, 10);
    code = self->host->http(self->host->ctx, request, reply, error);
  }
  return code;
}
