/* A good source: pages of people over HTTP, a refresh each time, a checkpoint after each page. A
 * defect replaces one of the macros. */
#include "common.h"

#ifndef CATALOG
#define CATALOG                                                                     \
  "{\"streams\":[{\"name\":\"people\",\"key\":[\"id\"],\"cursor\":\"updated\","     \
  "\"fields\":[{\"name\":\"id\",\"type\":\"text\"},{\"name\":\"updated\",\"type\":" \
  "\"time\"},{\"name\":\"email\",\"type\":\"text\"}]}]}"
#endif

static rondom_code slot_discover(rondom_instance* self, rondom_str options, rondom_text_out* out,
                                 rondom_error* error) {
  (void)self;
  (void)options;
  (void)error;
  out->append(out->ctx, text_of(CATALOG));
  return RONDOM_OK;
}

#ifndef RECORD_TEXT
#define RECORD_TEXT(item) (item)
#endif
#ifndef OVERSIZED
#define OVERSIZED(text) ((uint64_t)((text).end - (text).at) > RONDOM_RECORD_BYTES_MAX)
#endif

static rondom_code push(rondom_read_out* out, json_text item) {
  rondom_record record;
  rondom_batch batch;
  const json_text text = RECORD_TEXT(item);
  memset(&record, 0, sizeof record);
  record.op = RONDOM_OP_UPSERT;
  record.changed_at_us = RONDOM_NO_TIME;
  record.json.data = text.at;
  record.json.size = (uint64_t)(text.end - text.at);
  if (OVERSIZED(text)) {
    record.json.size = 64;
    record.flags = RONDOM_RECORD_UNREADABLE;
    record.problem = text_of("The record is too large.");
  }
  memset(&batch, 0, sizeof batch);
  batch.struct_size = sizeof batch;
  batch.format = RONDOM_FORMAT_JSON;
  batch.stream = text_of("people");
  batch.records = &record;
  batch.record_stride = sizeof record;
  batch.count = 1;
  return out->records(out->ctx, &batch);
}

typedef struct reading {
  rondom_instance* self;
  rondom_read_out* out;
  rondom_error* error;
  uint64_t records_max;
  uint64_t pushed;
  int page; /* the next one; 0 = the end */
  int resumed;
  char last[40]; /* cursor of the last record before the checkpoint that is gone on from */
} reading;

#ifndef AFTER_PUSH
#define AFTER_PUSH(code) \
  if (code != RONDOM_OK) return code
#endif
#ifndef SKIPS
#define SKIPS(now, item) 0
#endif
#ifndef MAX_REACHED
#define MAX_REACHED(now) ((now)->records_max > 0 && (now)->pushed >= (now)->records_max)
#endif
#ifndef ITEM_IS_GOOD
#define ITEM_IS_GOOD(item) (json_member(item, "id").at != NULL)
#endif

static rondom_code take_page(reading* now, json_text page) {
  const json_text list = json_member(page, "people");
  const json_text next = json_inside(json_member(page, "next"));
  const char* at = NULL;
  json_text item;
  if (list.at == NULL || *list.at != '[' || next.at == NULL) {
    return fail(now->error, RONDOM_E_DATA, "The reply is no page of people.");
  }
  while (!MAX_REACHED(now) && json_item(list, &at, &item)) {
    rondom_code code;
    if (!ITEM_IS_GOOD(item)) return fail(now->error, RONDOM_E_DATA, "The reply is not understood.");
    if (SKIPS(now, item)) continue;
    code = push(now->out, item);
    AFTER_PUSH(code);
    ++now->pushed;
  }
  now->page = next.end - next.at == 1 ? *next.at - '0' : 0;
  return RONDOM_OK;
}

#ifndef PARSE_PAGE
#define PARSE_PAGE(got) json_object((got).data, (got).size)
#endif
#ifndef ON_FAILED_PAGE
#define ON_FAILED_PAGE(code) return code
#endif
#ifndef STATE_PAGE
#define STATE_PAGE(page) (page)
#endif
#ifndef CHECKPOINT
#define CHECKPOINT(now, state) (now)->out->checkpoint((now)->out->ctx, text_of("people"), state)
#endif

static inline rondom_code read_page(reading* now) {
  char url[80];
  char state[80];
  answer got;
  rondom_code code;
  json_text page;
  snprintf(url, sizeof url, "/people?page=%d", now->page);
  code = ask(now->self, "GET", url, NULL, text_of(""), &got, now->error);
  if (code == RONDOM_OK) code = refused(&got, now->error);
  if (code != RONDOM_OK) {
    free(got.data);
    ON_FAILED_PAGE(code);
  }
  page = PARSE_PAGE(got);
  if (page.at == NULL) {
    code = fail(now->error, RONDOM_E_DATA, "The reply is no JSON object.");
  } else {
    code = take_page(now, page);
  }
  free(got.data);
  if (code != RONDOM_OK) return code;
  if (now->page == 0) return RONDOM_OK;
  snprintf(state, sizeof state, "{\"page\":\"%d\"}", STATE_PAGE(now->page));
  return CHECKPOINT(now, text_of(state));
}

#ifndef GENERATION
#define GENERATION(stream) (stream).generation
#endif
#ifndef NEW_GENERATION
#define NEW_GENERATION "refresh-1"
#endif
#ifndef BEGIN_READ
#define BEGIN_READ(self, request, out, error) (void)0
#endif
#ifndef STREAM_AT
#define STREAM_AT(request, i) \
  (const char*)(request)->streams + (size_t)(i) * (request)->stream_stride
#endif
#ifndef LAST_CHECKPOINT
#define LAST_CHECKPOINT(out) \
  (out)->checkpoint((out)->ctx, text_of("people"), text_of("{\"page\":\"1\"}"))
#endif
#ifndef READ_PAGES
#define READ_PAGES(now, code)                                           \
  while ((code) == RONDOM_OK && (now)->page > 0 && !MAX_REACHED(now)) { \
    (code) = read_page(now);                                            \
  }
#endif

static rondom_code read_people(reading* now, const rondom_read_stream* stream) {
  const json_text state = json_object(stream->state_json.data, stream->state_json.size);
  const json_text page = json_inside(json_member(state, "page"));
  rondom_str generation = GENERATION(*stream);
  rondom_code code;
  now->page = 1;
  now->resumed = stream->state_json.size > 0;
  if (now->resumed &&
      (page.at == NULL || page.end - page.at != 1 || *page.at < '1' || *page.at > '9')) {
    return fail(now->error, RONDOM_E_STATE, "The state is not understood.");
  }
  if (now->resumed) now->page = *page.at - '0';
  if (generation.size == 0) generation = text_of(NEW_GENERATION);
  code = now->out->refresh_begin(now->out->ctx, text_of("people"), generation);
  if (code != RONDOM_OK) return code;
  READ_PAGES(now, code)
  if (code != RONDOM_OK || now->page > 0 || MAX_REACHED(now)) return code;
  code = now->out->refresh_complete(now->out->ctx, text_of("people"));
  return code == RONDOM_OK ? LAST_CHECKPOINT(now->out) : code;
}

static rondom_code slot_read(rondom_instance* self, const rondom_read_request* request,
                             rondom_read_out* out, rondom_error* error) {
  uint32_t i;
  BEGIN_READ(self, request, out, error);
  for (i = 0; i < request->stream_count; ++i) {
    rondom_read_stream stream;
    reading now;
    rondom_code code;
    memcpy(&stream, STREAM_AT(request, i), sizeof stream);
    if (stream.name.size != 6 || memcmp(stream.name.data, "people", 6) != 0) {
      return fail(error, RONDOM_E_CONFIG, "There is no such stream.");
    }
    memset(&now, 0, sizeof now);
    now.self = self;
    now.out = out;
    now.error = error;
    now.records_max = request->records_max;
    code = read_people(&now, &stream);
    if (code != RONDOM_OK) return code;
  }
  return RONDOM_OK;
}

#ifndef CAPABILITIES
#define CAPABILITIES 0
#endif
PLUGIN(RONDOM_KIND_SOURCE, CAPABILITIES, slot_discover, slot_read, NULL, NULL)
