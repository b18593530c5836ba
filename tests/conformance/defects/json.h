/* Just enough JSON for the plugins of this folder: checked, never copied. Valid as C11 and C++20.
 */
#ifndef DEFECTS_JSON_H
#define DEFECTS_JSON_H

#include <rondom/plugin.h>
#include <string.h>

enum { json_depth_max = 32 };

typedef struct json_text {
  const char* at; /* NULL = there is none */
  const char* end;
} json_text;

static inline const char* json_space(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

static inline const char* json_string_end(const char* at, const char* end) {
  for (++at; at < end; ++at) {
    if (*at == '\\') {
      ++at;
    } else if (*at == '"') {
      return at + 1;
    } else if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0xf8) {
      return NULL;
    }
  }
  return NULL;
}

/* The end of the value that begins at `at`, or NULL when it is none. */
static inline const char* json_value_end(const char* at, const char* end, int depth) {
  at = json_space(at, end);
  if (at >= end || depth > json_depth_max) return NULL;
  if (*at == '"') return json_string_end(at, end);
  if (*at == '{' || *at == '[') {
    const char open = *at;
    const char close = open == '{' ? '}' : ']';
    at = json_space(at + 1, end);
    if (at < end && *at == close) return at + 1;
    while (at < end) {
      if (open == '{') {
        at = json_space(at, end);
        if (at >= end || *at != '"') return NULL;
        at = json_string_end(at, end);
        if (at == NULL) return NULL;
        at = json_space(at, end);
        if (at >= end || *at != ':') return NULL;
        ++at;
      }
      at = json_value_end(at, end, depth + 1);
      if (at == NULL) return NULL;
      at = json_space(at, end);
      if (at < end && *at == close) return at + 1;
      if (at >= end || *at != ',') return NULL;
      ++at;
    }
    return NULL;
  }
  {
    const char* from = at;
    while (at < end && strchr("+-.0123456789eEtrufalsn", *at) != NULL && *at != '\0') ++at;
    return at == from ? NULL : at;
  }
}

/* A whole document, which must be an object. */
static inline json_text json_object(const char* data, uint64_t size) {
  json_text none = {NULL, NULL};
  const char* end = data + size;
  const char* at = data == NULL ? NULL : json_space(data, end);
  json_text object;
  if (at == NULL || at >= end || *at != '{') return none;
  object.at = at;
  object.end = json_value_end(at, end, 0);
  if (object.end == NULL || json_space(object.end, end) != end) return none;
  return object;
}

/* Steps to the next member of an object: *at begins as its first character. */
static inline int json_next(json_text object, const char** at, json_text* name, json_text* value) {
  const char* here = *at == NULL ? object.at + 1 : *at;
  here = json_space(here, object.end);
  if (*here == ',') here = json_space(here + 1, object.end);
  if (*here != '"') return 0;
  name->at = here + 1;
  here = json_string_end(here, object.end);
  name->end = here - 1;
  here = json_space(here, object.end) + 1;
  value->at = json_space(here, object.end);
  value->end = json_value_end(here, object.end, 0);
  *at = value->end;
  return value->end != NULL;
}

static inline int json_is(json_text text, const char* word) {
  const size_t size = strlen(word);
  return (size_t)(text.end - text.at) == size && memcmp(text.at, word, size) == 0;
}

static inline json_text json_member(json_text object, const char* wanted) {
  json_text none = {NULL, NULL};
  json_text name;
  json_text value;
  const char* at = NULL;
  if (object.at == NULL || *object.at != '{') return none;
  while (json_next(object, &at, &name, &value)) {
    if (json_is(name, wanted)) return value;
  }
  return none;
}

/* The next item of a list: *at begins as NULL. */
static inline int json_item(json_text list, const char** at, json_text* item) {
  const char* here = *at == NULL ? list.at + 1 : *at;
  here = json_space(here, list.end);
  if (*here == ',') here = json_space(here + 1, list.end);
  if (*here == ']') return 0;
  item->at = here;
  item->end = json_value_end(here, list.end, 0);
  *at = item->end;
  return item->end != NULL;
}

/* The inside of a string without escapes. */
static inline json_text json_inside(json_text value) {
  json_text none = {NULL, NULL};
  json_text inside;
  if (value.at == NULL || *value.at != '"') return none;
  inside.at = value.at + 1;
  inside.end = value.end - 1;
  return inside;
}

#endif
