/* Rondom plugin ABI, version 1.0.
 *
 * One shared library is one plugin: one or more connectors (sources and destinations). Valid as C11
 * and as C++20; nothing else of Rondom is needed to implement it. Authors in C++ rather include
 * <rondom/sdk.hpp>.
 *
 * Rules that hold everywhere
 *  - One exported symbol, rondom_plugin_v1. It returns a constant table and does nothing else.
 *  - The major version is in that name; the minor version is in struct_size, which comes first in
 *    every struct. Members are only ever appended. Whoever reads a struct treats a member that lies
 *    beyond struct_size as zero. Elements of arrays are walked by the stride that comes with them.
 *  - What is given is borrowed for the call. What is produced is pushed into a sink that the host
 *    owns and that copies before it returns. Nothing is freed by the other side.
 *  - A code says what the host should do. Text for people goes into rondom_error, one sentence,
 *    without secrets and personal data. No exception crosses, no signal is raised, exit() is never
 *    called, standard output is not used.
 *  - Text is UTF-8 with a length, not terminated. data may be NULL when size is 0. The only
 *    terminated texts are the constant ones of the tables (const char *), which live forever.
 *
 * Thread tags
 *  [load]      called once, from one thread, before anything else
 *  [instance]  any thread, but one call at a time for one instance; instances run in parallel
 *  [any]       any thread, at any time between entry of open() and return of close()
 *  [in-call]   only during the call that was given the struct, from one thread at a time
 */
#ifndef RONDOM_PLUGIN_H
#define RONDOM_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RONDOM_EXPORT __attribute__((visibility("default")))
#else
#define RONDOM_EXPORT
#endif

#define RONDOM_ABI_MAJOR 1u
#define RONDOM_ABI_MINOR 0u

/* Limits. A host refuses what exceeds them. */
#define RONDOM_RECORD_BYTES_MAX (8u << 20) /* JSON text of one record */
#define RONDOM_BATCH_BYTES_MAX (64u << 20) /* all texts of one batch */
#define RONDOM_BATCH_RECORDS_MAX 10000u    /* records of one batch */
#define RONDOM_STATE_BYTES_MAX (1u << 20)  /* one checkpoint, one value of state_put */
#define RONDOM_EXCERPT_BYTES_MAX 4096u     /* raw text of an unreadable record */
#define RONDOM_MESSAGE_BYTES_MAX 8192u     /* one message; longer text is cut by the host */

/* UTF-8 text or bytes, borrowed. */
typedef struct rondom_str {
  const char* data;
  uint64_t size;
} rondom_str;

/* What the host should do. */
typedef uint32_t rondom_code;
#define RONDOM_OK 0u
#define RONDOM_E_CONFIG 1u         /* the user must edit the job; never retried */
#define RONDOM_E_AUTH 2u           /* credentials refused; the job pauses */
#define RONDOM_E_TRANSIENT 3u      /* try again later, with back-off */
#define RONDOM_E_RATE_LIMITED 4u   /* try again after retry_after_ms */
#define RONDOM_E_DATA 5u           /* this reply is bad; look at what was sent */
#define RONDOM_E_STATE 6u          /* the saved state cannot be used; a full refresh is needed */
#define RONDOM_E_UNSUPPORTED 7u    /* cannot be done here; do not ask again */
#define RONDOM_E_CANCELLED 8u      /* stopped because the host asked for it */
#define RONDOM_E_INTERNAL 9u       /* a defect of the plugin; report it */
#define RONDOM_E_UNAVAILABLE 10u   /* a system or file cannot be reached; the user must look */
#define RONDOM_E_NOT_PERMITTED 11u /* file modes, grants, scopes; the user must allow it */

/* Where a failing call says why. Owned by the host. [in-call] */
typedef struct rondom_error {
  uint32_t struct_size;
  uint32_t reserved;
  void* ctx;
  /* The last call wins. retry_after_ms: 0 = not known. detail: longer text for the log, may be
   * empty. */
  void (*set)(void* ctx, rondom_code code, uint64_t retry_after_ms, rondom_str message,
              rondom_str detail);
} rondom_error;

/* Where text of any length goes, in pieces. Owned by the host or, for http bodies, the plugin.
 * [in-call] */
typedef struct rondom_text_out {
  uint32_t struct_size;
  uint32_t reserved;
  void* ctx;
  void (*append)(void* ctx, rondom_str text);
} rondom_text_out;

/* ---- reading -------------------------------------------------------------------------------- */

#define RONDOM_NO_TIME INT64_MIN /* no time is known */
#define RONDOM_ORDERS_END (-(INT64_C(1) << 60))

#define RONDOM_OP_UPSERT 1u
#define RONDOM_OP_DELETE 2u

/* rondom_record.flags */
#define RONDOM_RECORD_UNREADABLE \
  1u /* json holds raw text (an excerpt), problem says what is wrong */

/* One record of a source. */
typedef struct rondom_record {
  rondom_str json;       /* one JSON object; a deletion needs the key fields only */
  rondom_str problem;    /* with RONDOM_RECORD_UNREADABLE: one sentence; else empty */
  uint64_t position;     /* line or row in the batch's origin, from 1; 0 = unknown */
  int64_t changed_at_us; /* microseconds since 1970 UTC, or RONDOM_NO_TIME; below RONDOM_ORDERS_END
                            no time but an order: of one key the larger is the later version */
  uint32_t op;           /* RONDOM_OP_UPSERT | RONDOM_OP_DELETE */
  uint32_t flags;        /* RONDOM_RECORD_* */
} rondom_record;

#define RONDOM_FORMAT_JSON 1u /* the only format of ABI 1.0 */

typedef struct rondom_batch {
  uint32_t struct_size;
  uint32_t format; /* RONDOM_FORMAT_JSON */
  rondom_str stream;
  rondom_str origin;   /* file or page that positions count in, for people; may be empty */
  const void* records; /* count elements of rondom_record, record_stride bytes apart */
  uint32_t record_stride;
  uint32_t count;
} rondom_batch;

/* Where read() pushes. Each call copies, and blocks while the host is behind. A code other than
 * RONDOM_OK means: stop now and return that code from read(). Owned by the host. [in-call] */
typedef struct rondom_read_out {
  uint32_t struct_size;
  uint32_t reserved;
  void* ctx;
  rondom_code (*records)(void* ctx, const rondom_batch* batch);
  /* Covers every record pushed before it. stream: empty = all streams. state: JSON text that comes
   * back as rondom_read_stream.state_json. Stored together with the records before it. */
  rondom_code (*checkpoint)(void* ctx, rondom_str stream, rondom_str state_json);
  /* From here the stream is delivered completely; what is absent at refresh_complete is gone at the
   * source. generation: the plugin's name for this refresh; a resumed refresh keeps its name. */
  rondom_code (*refresh_begin)(void* ctx, rondom_str stream, rondom_str generation);
  rondom_code (*refresh_complete)(void* ctx, rondom_str stream);
} rondom_read_out;

typedef struct rondom_read_stream {
  rondom_str name;
  rondom_str options_json; /* the job's options for this stream, a JSON object */
  rondom_str state_json;   /* last stored checkpoint; empty = start from nothing */
  rondom_str generation;   /* refresh to resume; empty = none */
} rondom_read_stream;

typedef struct rondom_read_request {
  uint32_t struct_size;
  uint32_t stream_count;
  const void* streams; /* rondom_read_stream, stream_stride bytes apart */
  uint32_t stream_stride;
  uint32_t reserved;
  uint64_t records_max; /* preview: at most this many per stream; 0 = no limit */
} rondom_read_request;

/* ---- writing -------------------------------------------------------------------------------- */

typedef struct rondom_write_record {
  rondom_str operation_id; /* stable over retries and restarts: an idempotency key */
  rondom_str action;    /* upsert: create | update; delete: leave_segment | delete | unsubscribe */
  rondom_str key;       /* the profile's stable id */
  rondom_str remote_id; /* what the destination called it before; may be empty */
  rondom_str json;      /* mapped fields; of an update only those that changed */
  uint32_t op;          /* RONDOM_OP_UPSERT | RONDOM_OP_DELETE */
  uint32_t flags;       /* 0 in ABI 1.0 */
} rondom_write_record;

typedef struct rondom_write_batch {
  uint32_t struct_size;
  uint32_t format;         /* RONDOM_FORMAT_JSON */
  rondom_str session;      /* stable id of this delivery session */
  rondom_str stream;       /* the destination's object; may be empty */
  rondom_str options_json; /* the job's options, a JSON object */
  const void* records;     /* rondom_write_record, record_stride bytes apart */
  uint32_t record_stride;
  uint32_t count;
} rondom_write_batch;

/* rondom_write_result.outcome */
#define RONDOM_OUTCOME_ACCEPTED 0u
#define RONDOM_OUTCOME_REJECTED 1u /* refused for good: dead letter */
#define RONDOM_OUTCOME_RETRY 2u    /* certainly not applied: send again */
#define RONDOM_OUTCOME_UNKNOWN 3u  /* may have been applied: look up before sending again */

/* rondom_write_result.flags */
#define RONDOM_RESULT_ADOPTED 1u /* the record was there already and was matched */

typedef struct rondom_write_result {
  uint32_t struct_size;
  uint32_t index; /* into the batch given to write() or look_up() */
  uint32_t outcome;
  uint32_t flags;
  rondom_str remote_id;
  rondom_str message;
} rondom_write_result;

/* Where results go. Records that no result mentions: accepted when write() returns RONDOM_OK,
 * unknown after anything else (another code, no return) and after look_up(). A later result for an
 * index replaces an earlier one. Owned by the host. [in-call] */
typedef struct rondom_write_out {
  uint32_t struct_size;
  uint32_t reserved;
  void* ctx;
  void (*result)(void* ctx, const rondom_write_result* result);
} rondom_write_out;

/* ---- host services -------------------------------------------------------------------------- */

#define RONDOM_LOG_DEBUG 1u
#define RONDOM_LOG_INFO 2u
#define RONDOM_LOG_WARNING 3u
#define RONDOM_LOG_ERROR 4u

#define RONDOM_METRIC_COUNTER 1u /* value is added */
#define RONDOM_METRIC_GAUGE 2u   /* value replaces */

/* A named text: log field, metric label, HTTP header. */
typedef struct rondom_field {
  rondom_str name;
  rondom_str value;
} rondom_field;

/* rondom_http_request.flags */
#define RONDOM_HTTP_IDEMPOTENT 1u /* may arrive twice without harm, whatever its method says */

typedef struct rondom_http_request {
  uint32_t struct_size;
  uint32_t header_count;
  rondom_str method;
  rondom_str url; /* absolute, or a path at the base address that the connector declares */
  const rondom_field* headers;
  rondom_str body;     /* used when read_body is NULL */
  uint64_t timeout_ms; /* 0 = the host's default */
  void* body_ctx;
  /* Streams the body: fills at most capacity bytes, sets *written; 0 written = end. [in-call] */
  rondom_code (*read_body)(void* body_ctx, char* into, uint64_t capacity, uint64_t* written);
  uint32_t flags; /* RONDOM_HTTP_* */
  uint32_t reserved;
} rondom_http_request;

/* Receives a reply as it arrives; a code other than RONDOM_OK ends the transfer. Owned by the
 * plugin. */
typedef struct rondom_http_reply {
  uint32_t struct_size;
  uint32_t reserved;
  void* ctx;
  rondom_code (*head)(void* ctx, uint32_t status, const rondom_field* headers,
                      uint32_t header_count);
  rondom_code (*body)(void* ctx, rondom_str bytes);
} rondom_http_reply;

/* Services of the host; ctx is the first argument of each. Owned by the host, lives until close()
 * has returned. A slot may be NULL or lie beyond struct_size. All [any]. */
typedef struct rondom_host {
  uint32_t struct_size;
  uint32_t abi_minor; /* minor version the host implements */
  void* ctx;
  void (*log)(void* ctx, uint32_t level, rondom_str message, const rondom_field* fields,
              uint32_t field_count);
  /* One exchange, with the host's TLS, proxy, retries, rate budget and authentication. Returns
   * RONDOM_OK for every status the server answered, save 429 and 503 with Retry-After that outlast
   * the host's patience. RONDOM_E_RATE_LIMITED, RONDOM_E_TRANSIENT: certainly not applied, or
   * harmless to repeat. RONDOM_E_UNAVAILABLE: the answer was lost, it may have been applied.
   * RONDOM_E_NOT_PERMITTED: not a host that the connector declares. RONDOM_E_UNSUPPORTED: this host
   * has no HTTP. */
  rondom_code (*http)(void* ctx, const rondom_http_request* request, const rondom_http_reply* reply,
                      rondom_error* error);
  rondom_code (*secret_get)(void* ctx, rondom_str name, rondom_text_out* value,
                            rondom_error* error);
  /* Durable on return: for refresh tokens that are used up by their use. */
  rondom_code (*secret_put)(void* ctx, rondom_str name, rondom_str value, rondom_error* error);
  /* Small state per job and connector; appends nothing when the key is unknown. */
  rondom_code (*state_get)(void* ctx, rondom_str key, rondom_text_out* value, rondom_error* error);
  rondom_code (*state_put)(void* ctx, rondom_str key, rondom_str value, rondom_error* error);
  void (*metric)(void* ctx, uint32_t kind, rondom_str name, double value,
                 const rondom_field* labels, uint32_t label_count);
  int64_t (*now_us)(void* ctx); /* microseconds since 1970 UTC */
  /* RONDOM_OK after that time, RONDOM_E_CANCELLED as soon as the host asks to stop. */
  rondom_code (*sleep_ms)(void* ctx, uint64_t milliseconds);
  uint32_t (*cancelled)(void* ctx);                    /* 1 = stop at the next safe point */
  const void* (*extension)(void* ctx, const char* id); /* NULL = not offered */
} rondom_host;

/* Host extension: the user's standard streams, for connectors with RONDOM_CAP_STANDARD_STREAMS. */
#define RONDOM_EXT_STREAMS_1 "rondom.streams/1"
typedef struct rondom_ext_streams {
  uint32_t struct_size;
  int32_t input_descriptor;  /* -1 = not given */
  int32_t output_descriptor; /* -1 = not given */
  uint32_t reserved;
} rondom_ext_streams;

/* ---- the tables of a plugin ------------------------------------------------------------------ */

/* One configured connector; only the plugin knows what it is. */
typedef struct rondom_instance rondom_instance;

#define RONDOM_KIND_SOURCE 1u
#define RONDOM_KIND_DESTINATION 2u

/* rondom_connector.capabilities. The host grants nothing that is not declared. */
#define RONDOM_CAP_RAW_NETWORK (1ull << 0)       /* opens sockets itself */
#define RONDOM_CAP_FILESYSTEM (1ull << 1)        /* reads and writes the user's files */
#define RONDOM_CAP_STANDARD_STREAMS (1ull << 2)  /* may use the user's stdin and stdout */
#define RONDOM_CAP_IDEMPOTENT_UPSERT (1ull << 3) /* sending an operation twice equals once */
#define RONDOM_CAP_LOOK_UP (1ull << 4)        /* look_up() tells whether an operation was applied */
#define RONDOM_CAP_ADOPT (1ull << 5)          /* matches records that are there already */
#define RONDOM_CAP_PARALLEL_WRITE (1ull << 6) /* write() up to max_parallel_writes at a time */

/* One connector. Constant. Slots that do not apply are NULL: a source has read, a destination has
 * write; open and close are always there. */
typedef struct rondom_connector {
  uint32_t struct_size;
  uint32_t kind;
  const char* id; /* [a-z0-9-]{1,64}; a source and a destination may share one */
  const char* version;
  const char* title;
  const char* spec_json; /* JSON Schema of the configuration */
  uint64_t capabilities;
  uint32_t max_parallel_writes;
  uint32_t preferred_batch; /* records per write(); 0 = the host chooses */

  /* Takes the configuration, touches neither network nor files. *instance stays NULL on failure.
   * [instance] */
  rondom_code (*open)(const rondom_host* host, rondom_str config_json, rondom_instance** instance,
                      rondom_error* error);
  /* Joins every thread the instance made. Called once for every instance that open() gave.
   * [instance] */
  void (*close)(rondom_instance* instance);
  /* Can we reach it with these credentials? Changes nothing there. [instance] */
  rondom_code (*check)(rondom_instance* instance, rondom_error* error);
  /* Appends the catalog as JSON, see sdk/README.md. options_json: a stream's options, or {}.
   * [instance] */
  rondom_code (*discover)(rondom_instance* instance, rondom_str options_json,
                          rondom_text_out* catalog_json, rondom_error* error);
  /* Pushes records and checkpoints until there is nothing left, a sink says stop, or
   * cancelled(). [instance] */
  rondom_code (*read)(rondom_instance* instance, const rondom_read_request* request,
                      rondom_read_out* out, rondom_error* error);
  /* Delivers a batch; see rondom_write_out for what is said by silence. [instance] */
  rondom_code (*write)(rondom_instance* instance, const rondom_write_batch* batch,
                       rondom_write_out* out, rondom_error* error);
  /* RONDOM_OK: everything written in this session is durable there. [instance] */
  rondom_code (*flush)(rondom_instance* instance, rondom_str session, rondom_error* error);
  /* For operations whose fate is unknown: accepted (was applied), retry (was not), unknown.
   * [instance] */
  rondom_code (*look_up)(rondom_instance* instance, const rondom_write_batch* batch,
                         rondom_write_out* out, rondom_error* error);
  /* Draft or optional functions by id, e.g. "rondom.name/1"; NULL = none. [any] */
  const void* (*extension)(const char* id);
} rondom_connector;

typedef struct rondom_plugin {
  uint32_t struct_size;
  uint32_t abi_minor;      /* minor version the plugin was built against */
  uint32_t min_host_minor; /* the host refuses the plugin when its own minor is lower */
  uint32_t connector_count;
  const char* name;
  const char* version;
  const char* sdk_version;
  const char* build_id;                      /* may be NULL */
  const rondom_connector* const* connectors; /* connector_count pointers */
} rondom_plugin;

/* The one exported symbol. No input, no output, no host calls, no threads; always the same pointer.
 * [load] */
typedef const rondom_plugin* (*rondom_plugin_entry)(void);
RONDOM_EXPORT const rondom_plugin* rondom_plugin_v1(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* RONDOM_PLUGIN_H */
