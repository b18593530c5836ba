// Contacts of Acme CRM, page by page; each run goes on where the last one stopped.
#include <algorithm>
#include <rondom/sdk.hpp>

using namespace rondom;

struct Config {
  std::string url;
};

class Contacts final : public Source {
 public:
  static constexpr auto spec = Spec<Config>("acme-crm", "Contacts of Acme CRM.")
                                   .auth(bearer("token", "A token that may read contacts."))
                                   .base_url_field("url")
                                   .field("url", &Config::url, "Address of its API.")
                                   .required();

  Contacts(Config, Context& context) : context_(context) {}
  Status check() override { return context_.fetch(list(1)).status(); }
  Result<Catalog> discover() override {
    Catalog catalog;
    CatalogStream& one = catalog.stream("contacts").key({"id"}).cursor("updated_at");
    one.incremental_only().field("id", FieldType::text).field("updated_at", FieldType::time);
    for (const char* name : {"email", "first_name", "last_name"}) one.field(name, FieldType::text);
    return catalog;
  }
  Status read(const ReadRequest& request, RecordWriter& out) override {
    if (request.streams.size() != 1 || request.streams[0].name != "contacts")
      return {Code::config, "There is one stream, contacts."};
    const ReadStream& stream = request.streams[0];
    const Result<Json> place = parse_json(stream.state_json.empty() ? "{}" : stream.state_json);
    if (!place.ok()) return {Code::state, "The saved place is no JSON."};
    std::string since = place->text_or("since", ""), newest = place->text_or("newest", "");
    Pager pages = Pager::cursor(list(100).query("updated_since", since), "/paging/next/after",
                                Pager::in_query("after"));
    pages.items_at("/results").resume(place->text_or("after", ""));
    std::uint64_t left = request.records_max;  // a preview wants a few; 0 = all
    while (!pages.done()) {
      const auto page = pages.next(context_);
      if (!page.ok()) return page.error();
      for (const Json* contact : (*page)->items()) {
        newest = std::max(newest, contact->text_or("updated_at", ""));
        RONDOM_TRY(out.json(contact->to_text()));
        if (--left == 0) return {};
      }
      if (pages.done()) since = newest;
      Json state = Json::object().set("since", Json::of(since)).set("newest", Json::of(newest));
      state.set("after", Json::of(pages.position()));
      RONDOM_TRY(out.checkpoint(stream.name, state.to_text()));
    }
    return {};
  }

 private:
  static HttpRequest list(int limit) { return HttpRequest::get("/contacts").query("limit", limit); }
  Context& context_;
};

RONDOM_PLUGIN("acme-crm", "1.0.0", rondom::source<Contacts>())
