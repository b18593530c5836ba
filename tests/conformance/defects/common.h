/* What the good source and the good destination of this folder have in common: the configuration,
 * one exchange, and the table. A defect replaces one of the macros below and includes source.h or
 * destination.h. Valid as C11 and C++20. */
#ifndef DEFECTS_COMMON_H
#define DEFECTS_COMMON_H

#include <rondom/plugin.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

struct rondom_instance {
  const rondom_host* host;
  char list[64];
  char pin[64];
  int broken;
};

enum { reply_bytes_max = 16 << 20 };

typedef struct answer {
  uint32_t status;
  char* data;
  uint64_t size;
  uint64_t room;
  int too_large;
  /* of a failed exchange */
  uint64_t retry_after_ms;
} answer;

static rondom_str text_of(const char* text) {
  rondom_str out;
  out.data = text;
  out.size = strlen(text);
  return out;
}

static rondom_code fail(rondom_error* error, rondom_code code, const char* message) {
  error->set(error->ctx, code, 0, text_of(message), text_of(""));
  return code;
}

#ifndef SPEC_LIST
#define SPEC_LIST "{\"type\":\"string\",\"description\":\"Whose people.\"}"
#endif
#ifndef SPEC_PIN
#define SPEC_PIN "{\"type\":\"string\",\"description\":\"Its pin.\",\"x-secret\":true}"
#endif
#define SPEC                                                                      \
  "{\"type\":\"object\",\"properties\":{\"list\":" SPEC_LIST ",\"pin\":" SPEC_PIN \
  "},\"required\":[\"list\"],\"additionalProperties\":false,"                     \
  "\"x-http\":{\"base_url\":\"https://people.example\",\"hosts\":[],\"host_fields\":[]}}"

#ifndef UNKNOWN_FIELD
#define UNKNOWN_FIELD return refuse(error, "There is no field ", name)
#endif

static rondom_code refuse(rondom_error* error, const char* what, json_text name) {
  char message[160];
  const int size = (int)(name.end - name.at > 64 ? 64 : name.end - name.at);
  snprintf(message, sizeof message, "%s\"%.*s\".", what, size, name.at);
  return fail(error, RONDOM_E_CONFIG, message);
}

static rondom_code keep(rondom_error* error, json_text name, json_text value, char* into,
                        size_t room) {
  const json_text inside = json_inside(value);
  if (inside.at == NULL || (size_t)(inside.end - inside.at) >= room) {
    return refuse(error, "A short text is needed as ", name);
  }
  memcpy(into, inside.at, (size_t)(inside.end - inside.at));
  into[inside.end - inside.at] = '\0';
  return RONDOM_OK;
}

#ifndef AT_OPEN
#define AT_OPEN (void)0
#endif
#ifndef AT_CLOSE
#define AT_CLOSE (void)0
#endif

static rondom_code slot_open(const rondom_host* host, rondom_str config, rondom_instance** instance,
                             rondom_error* error) {
  rondom_instance* made;
  const json_text object = json_object(config.data, config.size);
  json_text name;
  json_text value;
  const char* at = NULL;
  rondom_code code = RONDOM_OK;
  if (object.at == NULL) return fail(error, RONDOM_E_CONFIG, "The configuration is no object.");
  made = (rondom_instance*)calloc(1, sizeof *made);
  made->host = host;
  while (code == RONDOM_OK && json_next(object, &at, &name, &value)) {
    if (json_is(name, "list")) {
      code = keep(error, name, value, made->list, sizeof made->list);
    } else if (json_is(name, "pin")) {
      code = keep(error, name, value, made->pin, sizeof made->pin);
    } else {
      free(made);
      UNKNOWN_FIELD;
    }
  }
  if (code == RONDOM_OK && made->list[0] == '\0') {
    code = fail(error, RONDOM_E_CONFIG, "\"list\" is missing.");
  }
  if (code != RONDOM_OK) {
    free(made);
    return code;
  }
  AT_OPEN;
  *instance = made;
  return RONDOM_OK;
}

static void slot_close(rondom_instance* instance) {
  AT_CLOSE;
  free(instance);
}

static rondom_code on_head(void* ctx, uint32_t status, const rondom_field* headers,
                           uint32_t count) {
  (void)headers;
  (void)count;
  ((answer*)ctx)->status = status;
  return RONDOM_OK;
}

static rondom_code on_body(void* ctx, rondom_str bytes) {
  answer* into = (answer*)ctx;
  if (into->size + bytes.size > reply_bytes_max
#ifdef REPLIES_OF_ANY_SIZE
      && 0
#endif
  ) {
    into->too_large = 1;
    return RONDOM_E_DATA;
  }
  if (into->size + bytes.size > into->room) {
    into->room = 2 * (into->size + bytes.size);
    into->data = (char*)realloc(into->data, into->room);
  }
  memcpy(into->data + into->size, bytes.data, bytes.size);
  into->size += bytes.size;
  return RONDOM_OK;
}

/* Has the host this service? Members beyond struct_size are not there. */
#define HOST_HAS(host, slot)                                                    \
  ((host)->struct_size >= offsetof(rondom_host, slot) + sizeof((host)->slot) && \
   (host)->slot != NULL)

#ifndef AFTER_HTTP
#define AFTER_HTTP(code) (code)
#endif

static rondom_code ask(rondom_instance* self, const char* method, const char* url, const char* key,
                       rondom_str body, answer* into, rondom_error* error) {
  rondom_http_request request;
  rondom_http_reply reply;
  rondom_field header;
  rondom_code code;
  memset(into, 0, sizeof *into);
  if (!HOST_HAS(self->host, http)) {
    return fail(error, RONDOM_E_UNSUPPORTED, "This host has no HTTP.");
  }
  memset(&request, 0, sizeof request);
  request.struct_size = sizeof request;
  request.method = text_of(method);
  request.url = text_of(url);
  request.body = body;
  if (key != NULL) {
    header.name = text_of("Idempotency-Key");
    header.value = text_of(key);
    request.headers = &header;
    request.header_count = 1;
    request.flags = RONDOM_HTTP_IDEMPOTENT;
  }
  memset(&reply, 0, sizeof reply);
  reply.struct_size = sizeof reply;
  reply.ctx = into;
  reply.head = on_head;
  reply.body = on_body;
  code = self->host->http(self->host->ctx, &request, &reply, error);
  if (into->too_large) return fail(error, RONDOM_E_DATA, "The reply is too large.");
  return AFTER_HTTP(code);
}

#ifndef CODE_OF_STATUS
#define CODE_OF_STATUS(status)                                \
  ((status) == 401 || (status) == 403 ? RONDOM_E_AUTH         \
   : (status) == 429                  ? RONDOM_E_RATE_LIMITED \
   : (status) >= 500                  ? RONDOM_E_TRANSIENT    \
   : (status) >= 300                  ? RONDOM_E_DATA         \
                                      : RONDOM_OK)
#endif
#ifndef SAY_REFUSAL
#define SAY_REFUSAL "The system refused."
#endif

static rondom_code refused(const answer* got, rondom_error* error) {
  const rondom_code code = CODE_OF_STATUS(got->status);
  if (code != RONDOM_OK) error->set(error->ctx, code, 0, text_of(SAY_REFUSAL), text_of(""));
  return code;
}

static rondom_code slot_check(rondom_instance* self, rondom_error* error) {
  answer got;
  rondom_code code = ask(self, "GET", "/me", NULL, text_of(""), &got, error);
  if (code == RONDOM_OK) code = refused(&got, error);
  free(got.data);
  return code;
}

#ifndef LOOK_UP
#define LOOK_UP NULL
#endif
#ifndef ENTRY_RESULT
#define ENTRY_RESULT &plugin
#endif

/* In C++ a constant table needs no more; in C its address is a constant all the same. */
#define PLUGIN(kind_, capabilities_, discover_, read_, write_, flush_)                            \
  static const rondom_connector connector = {sizeof(rondom_connector),                            \
                                             kind_,                                               \
                                             "people",                                            \
                                             "1.0.0",                                             \
                                             "People",                                            \
                                             SPEC,                                                \
                                             capabilities_,                                       \
                                             0,                                                   \
                                             0,                                                   \
                                             slot_open,                                           \
                                             slot_close,                                          \
                                             slot_check,                                          \
                                             discover_,                                           \
                                             read_,                                               \
                                             write_,                                              \
                                             flush_,                                              \
                                             LOOK_UP,                                             \
                                             NULL};                                               \
  static const rondom_connector* const connectors[] = {&connector};                               \
  static const rondom_plugin plugin = {                                                           \
      sizeof(rondom_plugin), RONDOM_ABI_MINOR, 0, 1, "people", "1.0.0", "1.0", NULL, connectors}; \
  RONDOM_EXPORT const rondom_plugin* rondom_plugin_v1(void) {                                     \
    return ENTRY_RESULT;                                                                          \
  }

#endif
