// Members of a list at Acme Mail, many in one request. Some of them are refused, and the rest is
// not.
//
// The API answers each member of a batch, in order, with "ok" and its id or with a reason. A batch
// that it cannot read at all it refuses whole, with status 422: then halves of it are tried, until
// it is known which members are to blame.
#include <rondom/sdk.hpp>
#include <string>
#include <vector>

using namespace rondom;

namespace {

constexpr std::size_t members_max = 100;  // of one request: the API's own limits
constexpr std::size_t request_bytes_max = 1u << 20;

struct Config {
  std::string url;
};

/// What a job may say in `options`.
struct JobOptions {
  std::string list;
};

class Members final : public Destination {
 public:
  static constexpr auto spec = Spec<Config>("acme-mail", "Members of a list at Acme Mail.")
                                   .auth(api_key("X-Api-Key", "key", "A key that may write lists."))
                                   .base_url_field("url")
                                   .requests_per_second(5)
                                   .field("url", &Config::url, "Address of its API.")
                                   .required();
  static constexpr auto facts = Facts()
                                    .action("create", "A member.")
                                    .action("update", "The fields that changed.")
                                    .action("leave_segment", "The member leaves the list.")
                                    .action("unsubscribe", "The member gets no more mail.");
  static constexpr auto job_options =
      Spec<JobOptions>("acme-mail-job", "Options of a job that delivers to Acme Mail.")
          .field("list", &JobOptions::list, "Id of the list.")
          .required();
  /// The API knows our key again: the same operation twice makes one member.
  static constexpr std::uint64_t capabilities = RONDOM_CAP_IDEMPOTENT_UPSERT;
  static constexpr std::uint32_t preferred_batch = members_max;

  Members(Config, Context& context) : context_(context) {}

  Status check() override { return context_.fetch(HttpRequest::get("/lists")).status(); }

  Status write(const WriteBatch& batch, WriteResults& results) override {
    const Result<JobOptions> options =
        job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
    if (!options.ok()) return options.error();
    const std::string path = "/lists/" + http_encoded(options->list) + "/members";
    std::vector<std::string> members;
    std::vector<std::size_t> sizes;
    for (const WriteRecord& record : batch.records) {
      members.push_back(member_of(record));
      sizes.push_back(members.back().size());
    }
    Status last;
    for (const Range whole : batches_of(sizes, members_max, request_bytes_max)) {
      const auto not_sent = [&](Range part, const Failure& why) { give_back(part, why, results); };
      if (!last.ok()) {
        not_sent(whole, {Code::transient, "Not tried: " + last.error().message});
        continue;
      }
      last = bisect(
          whole, [&](Range part) { return send(path, members, part, results); },
          [&](std::size_t one, const Failure& why) { results.rejected(one, why.message); },
          not_sent);
    }
    return last;
  }

 private:
  static std::string member_of(const WriteRecord& record) {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object().name("key").text(record.key).name("action").text(record.action);
    if (record.operation == Operation::upsert) writer.name("fields").raw(record.json);
    writer.end_object();
    return out;
  }

  /// ok: each member of the part has its result. Code::data: refused whole.
  Status send(const std::string& path, const std::vector<std::string>& members, Range part,
              WriteResults& results) {
    std::string body;
    JsonWriter writer(body);
    writer.begin_object().name("members").begin_list();
    for (std::size_t i = part.begin; i < part.end; ++i) writer.raw(members[i]);
    writer.end_list().end_object();
    HttpRequest request = HttpRequest::post(path).json(std::move(body));
    const Result<HttpReply> reply = context_.http(request.may_repeat());
    if (!reply.ok()) return reply.error();
    if (!reply->ok()) return http_failure(*reply);
    const Result<Json> json = reply->json();
    const Json* list = json.ok() ? json->find("results") : nullptr;
    if (list == nullptr || list->items().size() != part.size()) {
      // It was taken by the API, whatever became of it.
      return {Code::unavailable, "The answer does not hold a result for each member."};
    }
    for (std::size_t i = 0; i < part.size(); ++i) {
      const Json& result = list->items()[i];
      if (result.text_or("status", "") == "ok") {
        results.accepted(part.begin + i, result.text_or("member", ""));
      } else {
        results.rejected(part.begin + i, "Refused: " + result.text_or("reason", "no reason given"));
      }
    }
    return {};
  }

  /// Of what failed only `unavailable` may have been applied.
  static void give_back(Range part, const Failure& why, WriteResults& results) {
    for (std::size_t i = part.begin; i < part.end; ++i) {
      if (why.code == Code::unavailable) {
        results.unknown(i, why.message);
      } else {
        results.retry(i, why.message);
      }
    }
  }

  Context& context_;
};

}  // namespace

RONDOM_PLUGIN("acme-mail", "1.0.0", rondom::destination<Members>())
